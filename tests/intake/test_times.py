from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.project import at
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.intake.clocks import clocks, to_utc, with_day
from tuttuno.intake.mapping import Style
from tuttuno.intake.times import day, moment, seconds

ISO = Style()
ZONES = ("Europe/Rome", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC")


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(threads=1, memory="300MB")
    yield made
    made.close()


@pytest.fixture(scope="module")
def all_clocks(engine):
    return clocks(engine, ZONES)


def read_moments(engine, texts, style=ISO):
    rows = engine.bind("raw", pa.table({"raw": pa.array(texts, pa.string())}))
    read = moment(rows.raw, style)
    found = engine.run(rows.select(local=read.local.cast(str), offset=seconds(read.zone)))
    return [tuple(row.values()) for row in found.to_pylist()]


def read_days(engine, texts, style=ISO):
    rows = engine.bind("raw", pa.table({"raw": pa.array(texts, pa.string())}))
    return engine.run(rows.select(day=day(rows.raw, style)))["day"].to_pylist()


def test_iso_moments_may_say_their_offset(engine):
    assert read_moments(
        engine,
        ["2026-03-01", "2026-03-01T10:00", "2026-03-01 10:00:00.123456", "2026-03-01T10:00:00Z",
         "2026-03-01T10:00:00+02:00", "2026-03-01T10:00:00-0530", "2026-03-01T10:00:00 +02"],
    ) == [
        ("2026-03-01 00:00:00", None),
        ("2026-03-01 10:00:00", None),
        ("2026-03-01 10:00:00.123456", None),
        ("2026-03-01 10:00:00", 0),
        ("2026-03-01 10:00:00", 7200),
        ("2026-03-01 10:00:00", -19800),
        ("2026-03-01 10:00:00", 7200),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-03-01T24:00", "2026-03-01T10:60", "20260301", "1/3/2026", "infinity",
     "now", "2026-03-01T10:00:00+25:00", "10000-01-01", "2026-03-01T10:00:00 CET", "-2026-01-01"],
)  # fmt: skip
def test_what_is_no_moment_is_unread(engine, text):
    assert read_moments(engine, [text])[0][0] is None


def test_a_day_may_carry_a_midnight_and_no_other_hour(engine):
    found = read_days(engine, ["2026-03-01", "2026-03-01T00:00:00", "2026-03-01T10:00"])
    assert found == [date(2026, 3, 1), date(2026, 3, 1), None]


def test_the_declared_order_decides_what_a_day_is(engine):
    day_first, month_first = Style(dates=("%d/%m/%Y",)), Style(dates=("%m/%d/%Y",))
    assert read_days(engine, ["1/12/2008", "13/1/2008"], day_first) == [
        date(2008, 12, 1),
        date(2008, 1, 13),
    ]
    assert read_days(engine, ["1/12/2008", "13/1/2008"], month_first) == [date(2008, 1, 12), None]


def test_patterns_are_tried_in_their_order(engine):
    style = Style(dates=("%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y%m%d%H%M%S"))
    assert read_moments(engine, ["1/2/2020 3:04", "1/2/2020", "20200102030405"], style) == [
        ("2020-02-01 03:04:00", None),
        ("2020-02-01 00:00:00", None),
        ("2020-01-02 03:04:05", None),
    ]


def test_a_pattern_may_say_the_offset(engine):
    style = Style(dates=("%Y-%m-%dT%H:%M:%S.%f%z",))
    assert read_moments(engine, ["2020-01-02T03:04:05.123+0200"], style) == [
        ("2020-01-02 03:04:05.123", 7200)
    ]


def test_two_digits_of_a_year_turn_at_sixty_nine(engine):
    found = read_days(engine, ["1/1/69", "1/1/68"], Style(dates=("%d/%m/%y",)))
    assert found == [date(1969, 1, 1), date(2068, 1, 1)]


def in_utc(engine, all_clocks, rows):
    table = pa.table(
        {
            "at": pa.array([told for told, _ in rows], pa.timestamp("us")),
            "zone": pa.array([zone for _, zone in rows], pa.string()),
            "at offset": pa.nulls(len(rows), pa.int32()),
            "n": pa.array(range(len(rows))),
        }
    )
    bound = engine.bind("times", table)
    told = with_day(to_utc(bound, "at", all_clocks), "at", all_clocks).order_by("n")
    found = engine.run(told.select("n", "at", "local_day")).to_pylist()
    return [(row["at"], row["local_day"]) for row in found]


def test_the_hour_that_is_skipped_and_the_one_that_is_repeated_are_decided(engine, all_clocks):
    rows = [
        (at("2026-03-29T02:30"), "Europe/Rome"),  # never was: as if still winter
        (at("2026-10-25T02:30"), "Europe/Rome"),  # was twice: the first one
        (at("2026-10-25T03:00"), "Europe/Rome"),
    ]
    assert [moment for moment, _ in in_utc(engine, all_clocks, rows)] == [
        at("2026-03-29T01:30"),
        at("2026-10-25T00:30"),
        at("2026-10-25T02:00"),
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.datetimes(at("1851-01-01"), at("2099-12-31")), st.sampled_from(ZONES)),
        min_size=1,
        max_size=50,
    )
)
def test_utc_and_the_local_day_agree_with_the_zones_themselves(engine, all_clocks, rows):
    for (told, zone), (utc, local_day) in zip(rows, in_utc(engine, all_clocks, rows), strict=True):
        wanted = told.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert utc == wanted.replace(tzinfo=None)
        assert local_day == wanted.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("zone", ZONES[:4])
def test_every_second_around_a_change_agrees_with_the_zone(engine, all_clocks, zone):
    changes = [at("2026-03-29"), at("2026-10-25"), at("2017-10-15")]
    rows = [
        (start + timedelta(minutes=10 * step), zone) for start in changes for step in range(150)
    ]
    for (told, _), (utc, _) in zip(rows, in_utc(engine, all_clocks, rows), strict=True):
        assert utc == told.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def test_an_hour_may_be_told_by_half_days(engine):
    style = Style(dates=("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M%p"))
    assert read_moments(
        engine,
        ["3/1/2026 12:05:06 AM", "3/1/2026 1:05:06 am", "3/1/2026 12:05:06 PM", "3/1/2026 11:05pm",
         "3/1/2026 13:05 PM", "3/1/2026 0:05 AM"],
        style,
    ) == [
        ("2026-03-01 00:05:06", None),
        ("2026-03-01 01:05:06", None),
        ("2026-03-01 12:05:06", None),
        ("2026-03-01 23:05:00", None),
        (None, None),
        (None, None),
    ]  # fmt: skip


def test_a_month_may_be_named_in_english(engine):
    style = Style(dates=("%d-%b-%y", "%B %d, %Y"))
    assert read_days(
        engine, ["5-Mar-26", "05-DEC-25", "September 9, 2025", "May 1, 2025", "5-Mrz-26"], style
    ) == [date(2026, 3, 5), date(2025, 12, 5), date(2025, 9, 9), date(2025, 5, 1), None]
