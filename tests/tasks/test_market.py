"""The market series of a project: read with every build, or refused with its line."""

import pytest

from tests.projects import make_release
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.lake.store import Lake
from tuttuno.measures.ask import Ask
from tuttuno.schema.lake import MARKET
from tuttuno.tasks.market import BadMarket, MarketSeries, take_market
from tuttuno.tasks.measure import measure
from tuttuno.tasks.open_release import find_release
from tuttuno.workspace import open_workspace

GOOD = "month,channel,value\n2026-01,all,100\n2026-01,web,40.5\n"


@pytest.fixture
def taking(tmp_path):
    """Take in a text as the market of a lake; returns the version and the rows."""
    engine, lake = DuckDBEngine(threads=1, memory="1GB"), Lake(tmp_path / "lake")

    def take(text):
        series = None
        if text is not None:
            (tmp_path / "market.csv").write_text(text, "utf-8")
            series = MarketSeries(tmp_path / "market.csv", "Bureau of shops")
        found = take_market(series, lake=lake, engine=engine)
        rows = engine.run(lake.bind(engine, MARKET)).to_pylist() if found else []
        return found, {(row["month"], row["channel"]): row["value"] for row in rows}

    yield take
    engine.close()


def test_the_series_is_taken_in_once_and_again_only_when_it_changes(taking):
    first, rows = taking(GOOD)
    assert rows == {("2026-01", "all"): 100.0, ("2026-01", "web"): 40.5}
    assert taking(GOOD)[0] == first
    changed, rows = taking(GOOD.replace("100", "101"))
    assert changed["market"] > first["market"]
    assert rows["2026-01", "all"] == 101.0


def test_a_series_that_is_no_longer_named_is_gone(taking):
    assert taking(None) == ({}, {})
    taking(GOOD)
    assert taking(None)[1] == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month\n2026-01\n", "the first line has no column value"),
        ("month,value,colour\n", "the first line has a column colour"),
        ("month,value\n2026-13,1\n", "line 2 has '2026-13' for a month"),
        ("month,value\n2026-01,0\n", "line 2 has '0' for a value above zero"),
        ("month,value\n2026-01,much\n", "line 2 has 'much' for a value above zero"),
        ("month,value,channel\n2026-01,1,moon\n", "line 2 has the channel 'moon'"),
        ("month,value\n2026-01,1\n2026-01,2\n", "line 3 tells of a month a second time"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_changes(taking, text, said):
    before = taking(GOOD)
    with pytest.raises(BadMarket, match=said.replace("(", r"\(")):
        taking(text)
    assert taking(GOOD) == before


def test_a_build_sets_growth_against_the_market_that_the_project_names(shop, tmp_path):
    months = [f"{year}-{month:02}" for year in range(2023, 2028) for month in range(1, 13)]
    lines = [f"{month},{100 + 10 * at}" for at, month in enumerate(months)]
    with shop.copied(tmp_path / "own") as workspace:
        (workspace.root / "market.csv").write_text("\n".join(["month,value", *lines]), "utf-8")
        settings = workspace.root / "tuttuno.toml"
        said = '\n[market]\nfile = "market.csv"\nsource = "Bureau of shops"\n'
        settings.write_text(settings.read_text("utf-8") + said, "utf-8")
    again = open_workspace(tmp_path / "own" / "project")
    make_release(again)
    found = measure(
        "growth", Ask(), release=find_release(again.vault), vault=again.vault,
        opener=again.reading().open, params={},
    )  # fmt: skip
    again.vault.close()
    assert "The market: Bureau of shops." in found.notes
    assert "market_growth_year" in found.rows[0]
