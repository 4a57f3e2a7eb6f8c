"""Every model and every measure says the same on DuckDB and on Spark."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from tests.conformance.engines import differing, same_value
from tests.measures.scenario import Shop, opened
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.measures.evaluate import dimensions_of, evaluate
from tuttuno.schema.mart import MART

pytestmark = [pytest.mark.spark, pytest.mark.slow]

RNG = np.random.default_rng(3)
CHANNELS = {"store": 0.5, "web": 0.3, "app": 0.1, "phone": 0.05, "marketplace": 0.05}
BUYERS = ["-", *(f"p{n}" for n in range(80))]


#: What contact details of people come to.
REACH = ("email=yes", "email=no phone", "-", "post=yes", "email=yes phone=yes barred")


def receipt(number):
    """Return the lines of one receipt, and the pick-up it may have."""
    # The last day is a month's last, so that the usual window is one of whole months.
    days = RNG.uniform(0, 540) if number else 0
    at = datetime.fromisoformat("2025-11-30T09:15") - timedelta(days=days)
    channel = RNG.choice(list(CHANNELS), p=list(CHANNELS.values()))
    handover = "collected" if channel == "web" and RNG.random() < 0.5 else "-"
    store = f"store=S{RNG.integers(0, 4)}" if channel == "store" else ""
    head = f"{RNG.choice(BUYERS)} {at.isoformat()[:16]} {channel} {handover}"
    lines = []
    for _ in range(RNG.integers(1, 4)):
        back = f"returns=r{RNG.integers(0, 300)}" if RNG.random() < 0.15 else ""
        net = f"{'-' if back else ''}{RNG.integers(100, 9_000) / 100:.2f}"
        tail = f"sale=r{number} source=s{number % 2} product=P{RNG.integers(0, 12)} {store} {back}"
        lines.append(f"{head} {net} {tail}")
    return lines, [way(number, at)] if handover == "collected" else []


def way(number, at):
    """Return one of four ends of an order to collect."""
    ready, end = at + timedelta(hours=int(RNG.integers(1, 30))), int(RNG.integers(31, 250))
    names = ("collected_at", "cancelled_at", "expired_at", None)
    name = names[RNG.integers(0, 4)]
    ended = {name: (at + timedelta(hours=end)).isoformat()} if name else {}
    return {
        "source": f"s{number % 2}", "sale_id": f"r{number}", "store_id": f"S{number % 4}",
        "placed_at": at.isoformat(), "promised_at": (at + timedelta(hours=20)).isoformat(),
        "ready_at": ready.isoformat(), "cancelled_by": "customer", **ended,
    }  # fmt: skip


@pytest.fixture(scope="module")
def both(duckdb_engine, spark_engine):
    """Eighteen months of eighty buyers, opened by both engines."""
    receipts = [receipt(number) for number in range(300)]
    shop = Shop(
        "\n".join(line for lines, _ in receipts for line in lines),
        people={
            f"p{n}": {"birth_year": 1940 + 2 * n, "province": f"P{n % 4}"} for n in range(0, 40, 2)
        },
        products={f"P{n}": {"brand": f"B{n % 3}", "category": f"C > D{n % 5}"} for n in range(11)},
        stores={f"S{n}": {"province": f"P{n}", "brand": "X"} for n in range(3)},
        pickups=[each for _, ways in receipts for each in ways],
        memberships=[
            {
                "card_key": f"c{n}",
                "record_key": f"p{n}",
                "enrolled_at": f"2024-01-0{n}",
                "tier": "t",
            }
            for n in range(1, 9)
        ],
        contacts={f"p{n}": REACH[n % len(REACH)] for n in range(60)},
        touches=[
            {
                "record_key": f"p{n % 30}",
                "channel": "social",
                "at": f"2025-{1 + n % 11:02}-28T23:30",
            }
            | {"month": f"2025-{1 + n % 11:02}"}
            for n in range(70)
        ]
        + [
            {
                "record_key": f"p{n % 50}" if n % 7 else None,
                "channel": "web",
                "kind": ("product_view", "cart_add", "wishlist", "search")[n % 4],
                "product_id": f"P{n % 11}" if n % 4 < 3 else None,
                "at": f"2025-{1 + n % 11:02}-{1 + n % 27:02}T12:00",
                "month": f"2025-{1 + n % 11:02}",
            }
            for n in range(400)
        ],
    )
    return [(engine, opened(shop, engine)) for engine in (duckdb_engine, spark_engine)]


@pytest.mark.parametrize("name", [table.name for table in MART])
def test_every_table_of_the_mart_is_the_same(both, name):
    found = [engine.run(tables[name]) for engine, tables in both]
    assert found[0].num_rows > 0
    assert differing(*found, ordered=False) == ""


ASKS = {
    "usual": Ask(),
    "all-time": Ask(all_time=True),
    "split": Ask(
        since=date(2024, 12, 3),
        until=date(2025, 11, 15),
        by=("store", "brand"),
        where=(("category", "C"), ("province", "P0"), ("province", "")),
        view="fulfilment",
    ),
}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("name", MEASURES)
def test_every_answer_is_the_same(both, name, ask):
    asked = suited(MEASURES[name], ASKS[ask])
    duck, spark = (
        evaluate(MEASURES[name], asked, engine=engine, tables=tables) for engine, tables in both
    )
    assert duck.notes == spark.notes
    assert same_value(duck.coverage.identified_revenue, spark.coverage.identified_revenue)
    assert len(duck.rows) == len(spark.rows)
    assert duck.rows or name in {
        "lifetime_value",
        "churn_risk",
        "basket_affinity",
        "next_product",
        "purchases_foreseen",
    }  # all buy alike here
    for mine, yours in zip(in_order(duck), in_order(spark), strict=True):
        differ = [key for key in mine if not same_value(mine[key], yours[key])]
        assert differ == [], (mine, yours)


def suited(measure, ask):
    """Ask by the home store where a measure knows no store of a purchase."""
    known = {one.name for one in dimensions_of(measure)}
    return replace(ask, by=tuple(one if one in known else "home_store" for one in ask.by))


def in_order(answer):
    """Rows by their words; the order of an answer is not promised where it has none."""
    words = [column.name for column in answer.columns if column.kind in {"text", "flag"}]
    first = next((c.name for c in answer.columns if c.name == "age"), None)
    return sorted(
        answer.rows, key=lambda row: ([str(row[name]) for name in words], row.get(first or "") or 0)
    )
