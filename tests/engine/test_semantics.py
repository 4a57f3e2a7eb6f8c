"""One meaning on every engine: each test asks DuckDB and Spark, and both must agree."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from tuttuno.engine.semantics import (
    all_bits,
    count_where,
    day_of,
    days_between,
    first_by,
    first_of_month,
    first_of_week,
    last_by,
    local_time,
    month_of,
    months_between,
    quantile,
    ratio,
    seconds_between,
    total,
    weekday,
)

pytestmark = pytest.mark.spark

MONEY = pa.decimal128(14, 2)


def shop(*sales):
    """Sales as (net, channel)."""
    nets = [None if net is None else Decimal(net) for net, _ in sales]
    return pa.table({"net": pa.array(nets, MONEY), "channel": [where for _, where in sales]})


def numbers(*values):
    return pa.table({"x": pa.array(values, pa.float64())})


def moments(*values):
    return pa.array(values, pa.timestamp("us"))


def days(*values):
    return pa.array(values, pa.date32())


def test_a_third_is_a_third(agree):
    rows = shop(("10.00", "web"), ("20.00", "store"))
    found = agree(
        lambda t: t.agg(share=ratio(total(t.net, where=t.channel == "web"), total(t.net))), t=rows
    )
    assert found[0]["share"] == pytest.approx(1 / 3, abs=1e-12)


@pytest.mark.parametrize("rows", [shop(), shop((None, "web")), shop(("30.00", "store"))])
def test_the_total_of_nothing_is_zero(agree, rows):
    found = agree(lambda t: t.agg(net=total(t.net, where=t.channel == "web")), t=rows)
    assert found == [{"net": 0}]


def test_a_share_of_nothing_is_unknown(agree):
    found = agree(lambda t: t.agg(share=ratio(total(t.net), total(t.net))), t=shop(("0.00", "web")))
    assert found == [{"share": None}]


def test_a_share_of_the_unknown_is_unknown(agree):
    found = agree(lambda t: t.mutate(share=ratio(t.net, t.net)), t=shop((None, "web")))
    assert found[0]["share"] is None


def test_a_total_is_exact(agree):
    rows = shop(*[("0.10", "web")] * 10, ("99999999999.99", "web"))
    assert agree(lambda t: t.agg(net=total(t.net)), t=rows) == [{"net": Decimal("100000000000.99")}]


def test_unknown_is_not_counted_as_true(agree):
    rows = shop(("1.00", "web"), ("-1.00", "web"), (None, "web"))
    assert agree(lambda t: t.agg(n=count_where(t.net > 0)), t=rows) == [{"n": 1}]
    assert agree(lambda t: t.agg(n=count_where(t.net > 0)), t=shop()) == [{"n": 0}]


def test_bits_of_all_rows_come_together(agree):
    high = 2**62
    found = agree(lambda t: t.agg(bits=all_bits(t.x)), t=pa.table({"x": [1, 4, 1, None, high]}))
    assert found == [{"bits": high + 5}]
    nothing = pa.table({"x": pa.array([None], pa.int64())})
    assert agree(lambda t: t.agg(bits=all_bits(t.x)), t=nothing) == [{"bits": None}]


@pytest.mark.parametrize(
    ("values", "at", "expected"),
    [
        ((1, 2, 3, 4), 0.5, 2.5),
        ((4, None, 1, 3, 2), 0.25, 1.75),
        ((1, 2, 3, 4), 0.9, 3.7),
        ((5,), 0.99, 5),
        ((None,), 0.5, None),
        ((), 0.5, None),
    ],
)
def test_a_quantile_lies_between_its_neighbours(agree, values, at, expected):
    found = agree(lambda t: t.agg(q=quantile(t.x, at)), t=numbers(*values))
    assert found == [{"q": expected if expected is None else pytest.approx(expected, abs=1e-12)}]


def test_a_quantile_of_money_is_not_rounded(agree):
    rows = shop(("0.01", "web"), ("0.02", "web"), ("100.00", "store"))
    found = agree(lambda t: t.agg(q=quantile(t.net, 0.5, where=t.channel == "web")), t=rows)
    assert found == [{"q": pytest.approx(0.015, abs=1e-12)}]


ZONES = ["Europe/Rome", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"]
TURNS = [
    datetime(2026, 3, 29, 0, 59, 59, 999999),  # noqa: DTZ001 - times in tables are naive
    datetime(2026, 3, 29, 1, 0),  # noqa: DTZ001 - the same
    datetime(2026, 10, 25, 0, 30),  # noqa: DTZ001 - the same
    datetime(2026, 10, 25, 1, 30),  # noqa: DTZ001 - the same
    datetime(2025, 12, 31, 23, 30),  # noqa: DTZ001 - the same
    datetime(1985, 7, 1, 22, 15),  # noqa: DTZ001 - the same
]


@pytest.mark.parametrize("zone", ZONES)
def test_the_clock_on_the_wall_is_that_of_the_zone(agree, zone):
    rows = pa.table({"at": moments(*TURNS, None), "zone": [zone] * 7})
    found = agree(
        lambda t: t.mutate(
            wall=local_time(t.at, t.zone), same=local_time(t.at, zone), day=day_of(t.at, t.zone)
        ),
        t=rows,
    )
    walls = [at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)) for at in TURNS]
    expected = [wall.replace(tzinfo=None) for wall in walls]
    assert [row["wall"] for row in found] == [row["same"] for row in found] == [*expected, None]
    assert [row["day"] for row in found] == [*[wall.date() for wall in walls], None]


def test_without_a_zone_the_day_is_unknown(agree):
    rows = pa.table({"at": moments(TURNS[0]), "zone": pa.array([None], pa.string())})
    assert agree(lambda t: t.select(day=day_of(t.at, t.zone)), t=rows) == [{"day": None}]


SOME_DAYS = [date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(1969, 12, 28)]


def test_days_have_months_and_weeks(agree):
    found = agree(
        lambda t: t.mutate(
            month=month_of(t.day),
            first=first_of_month(t.day),
            monday=first_of_week(t.day),
            weekday=weekday(t.day),
        ),
        t=pa.table({"day": days(*SOME_DAYS, None)}),
    )
    assert found == [
        {
            "day": day,
            "month": day.strftime("%Y-%m"),
            "first": day.replace(day=1),
            "monday": day - timedelta(days=day.weekday()),
            "weekday": day.weekday(),
        }
        for day in SOME_DAYS
    ] + [dict.fromkeys(["day", "month", "first", "monday", "weekday"])]


@pytest.mark.parametrize(
    ("earlier", "later", "months", "between"),
    [
        (date(2025, 12, 31), date(2026, 1, 1), 1, 1),
        (date(2026, 1, 1), date(2025, 12, 31), -1, -1),
        (date(2024, 2, 1), date(2024, 2, 29), 0, 28),
        (date(2023, 3, 15), date(2026, 3, 14), 36, 1095),
        (date(2026, 1, 1), None, None, None),
    ],
)
def test_time_between_two_days(agree, earlier, later, months, between):
    found = agree(
        lambda t: t.select(
            months=months_between(t.earlier, t.later), days=days_between(t.earlier, t.later)
        ),
        t=pa.table({"earlier": days(earlier), "later": days(later)}),
    )
    assert found == [{"months": months, "days": between}]


@pytest.mark.parametrize(
    ("later", "seconds"),
    [
        (datetime(2026, 1, 1, 10, 0, 0, 999999), 0),  # noqa: DTZ001 - times in tables are naive
        (datetime(2026, 1, 1, 11, 0, 1), 3601),  # noqa: DTZ001 - the same
        (datetime(2025, 12, 31, 10, 0), -86400),  # noqa: DTZ001 - the same
        (datetime(1969, 12, 31, 23, 59, 59, 500000), -1767261601),  # noqa: DTZ001 - the same
        (None, None),
    ],
)
def test_seconds_between_two_moments(agree, later, seconds):
    start = datetime(2026, 1, 1, 10)  # noqa: DTZ001 - times in tables are naive
    found = agree(
        lambda t: t.select(s=seconds_between(t.start, t.later)),
        t=pa.table({"start": moments(start), "later": moments(later)}),
    )
    assert found == [{"s": seconds}]


def visits():
    return pa.table(
        {
            "person": [1, 1, 1, 2, 2, None, None],
            "day": days(
                date(2026, 1, 2), date(2026, 1, 1), None, None, None, date(2026, 3, 3), None
            ),
            "sale": ["b", "c", "a", "z", "y", "n", "m"],
        }
    )


def test_the_first_of_each_group_has_no_ties_and_nulls_come_last(agree):
    found = agree(lambda t: first_by(t, ["person"], ["day", "sale"]).order_by("sale"), t=visits())
    assert [(row["person"], row["sale"]) for row in found] == [(1, "c"), (None, "n"), (2, "y")]


def test_the_last_of_each_group_has_no_ties_and_nulls_lose(agree):
    found = agree(lambda t: last_by(t, ["person"], ["day", "sale"]).order_by("sale"), t=visits())
    assert [(row["person"], row["sale"]) for row in found] == [(1, "b"), (None, "n"), (2, "z")]


def test_an_order_without_a_word_on_nulls_is_the_same_everywhere(agree):
    for order in ("day", ibis.desc("day")):
        found = agree(lambda t, order=order: t.order_by(order, "sale"), t=visits())
        assert [row["day"] is None for row in found] == [False] * 3 + [True] * 4
