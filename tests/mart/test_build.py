"""Building the mart in the lake, whole and month by month."""

import pyarrow as pa
import pytest

from tests.measures.scenario import FILLED, Shop, closed
from tuttuno.lake.store import Lake
from tuttuno.mart.build import build_mart
from tuttuno.mart.changes import Changes, with_returns
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import MART, PERSON_OF_RECORD, PURCHASE

FIRST = """
    anna   2026-01-05  store  -   50.00  sale=r1 source=till store=S1
    anna   2026-03-09  store  -  -40.00  sale=r2 source=till returns=o1
    bruno  2026-02-02  web    -   30.00  sale=o2 source=shop
"""
#: The shop tells late of an order that the till has already taken back.
LATE = "anna 2026-01-20 web collected 40.00 sale=o1 source=shop"


def filled(lake, engine, sales):
    for name, rows in Shop(sales).lake().items():
        for table in FILLED:
            if table.name == name:
                lake.append(table, engine.bind("more_rows", rows), engine=engine)


def made(lake, engine, **how):
    who = Shop(FIRST).lake()[PERSON_OF_RECORD.name]
    return build_mart(engine=engine, lake=lake, told={PERSON_OF_RECORD.name: who}.get, **how)


def contents(lake, engine):
    found = {}
    for table in MART:
        rows = engine.run(lake.bind(engine, table).order_by(*table.grain))
        found[table.name] = rows.to_pylist()
    return found


@pytest.fixture
def lake(tmp_path, duck):
    closed(duck)
    return Lake(tmp_path / "lake")


def test_a_build_of_changed_months_equals_a_full_one(lake, duck, tmp_path):
    filled(lake, duck, FIRST)
    made(lake, duck)
    filled(lake, duck, LATE)
    made(lake, duck, changes=Changes(frozenset({"2026-01"}), pa.array([], pa.string())))
    other = Lake(tmp_path / "other")
    filled(other, duck, FIRST + "\n" + LATE)
    made(other, duck)
    assert contents(lake, duck) == contents(other, duck)


def test_a_late_sale_makes_the_month_of_its_return_anew(lake, duck):
    filled(lake, duck, FIRST + "\n" + LATE)
    lines, none = lake.bind(duck, SALE_LINE), lake.bind(duck, PURCHASE)
    assert with_returns(duck, lines, none, frozenset({"2026-01"})) == {"2026-01", "2026-03"}
    assert with_returns(duck, lines, none, frozenset({"2026-02"})) == {"2026-02"}


def test_a_sale_that_is_gone_makes_the_month_of_its_return_anew(lake, duck):
    filled(lake, duck, FIRST + "\n" + LATE)
    made(lake, duck)
    lines = lake.bind(duck, SALE_LINE)
    rest, former = lines.filter(lines.sale_id != "o1"), lake.bind(duck, PURCHASE)
    assert with_returns(duck, rest, former, frozenset({"2026-01"})) == {"2026-01", "2026-03"}


def test_every_build_tells_the_versions_it_wrote(lake, duck):
    filled(lake, duck, FIRST)
    assert set(made(lake, duck).versions) == {table.name for table in MART}


def test_a_build_reads_the_versions_it_is_told(lake, duck):
    filled(lake, duck, FIRST)
    seen = {SALE_LINE.name: lake.version(SALE_LINE)}
    filled(lake, duck, LATE)
    made(lake, duck, versions=seen)
    assert len(contents(lake, duck)["purchase"]) == 3


def test_an_empty_lake_makes_an_empty_mart(lake, duck):
    made(lake, duck)
    assert contents(lake, duck)["purchase"] == []
