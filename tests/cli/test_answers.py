"""`tuttuno measures` and `tuttuno measure`."""

import csv
import io
import json

import pytest

from tests.projects import SILENT_IN_A_SMALL_SHOP
from tuttuno.measures.catalog import MEASURES


def test_the_catalogue_lists_every_measure(tuttuno):
    said = tuttuno("measures", "--json")
    assert said.code == 0
    assert [each["measure"] for each in json.loads(said.out)] == list(MEASURES)


def test_the_json_of_a_measure_is_the_promised_one(tuttuno, shop):
    said = tuttuno("-C", shop.root, "measure", "channel_class", "--json")
    found = json.loads(said.out)
    assert list(found) == [
        "measure", "label", "unit", "release", "window", "coverage", "by", "rows", "notes",
    ]  # fmt: skip
    assert found["window"] == {"since": "2025-01-01", "until": "2026-01-01"}
    assert {"class", "band", "persons", "revenue", "orders"} <= set(found["rows"][0])


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_answers_on_a_real_shop(tuttuno, shop, name):
    said = tuttuno("-C", shop.root, "measure", name, "--all-time", "--json")
    found = json.loads(said.out)
    assert said.code == 0
    assert found["notes" if name in SILENT_IN_A_SMALL_SHOP else "rows"] != []
    assert 0 < found["coverage"]["identified_sales"] < 1


def test_csv_has_the_columns_and_rows_of_the_json(tuttuno, shop):
    words = ("-C", shop.root, "measure", "coverage", "--by", "month")
    rows = json.loads(tuttuno(*words, "--json").out)["rows"]
    lines = list(csv.DictReader(io.StringIO(tuttuno(*words, "--format", "csv").out)))
    assert [line["sales"] for line in lines] == [str(row["sales"]) for row in rows]
    assert list(lines[0]) == list(rows[0])


def test_the_table_names_window_release_and_coverage(tuttuno, shop):
    said = tuttuno("-C", shop.root, "measure", "coverage")
    assert "2025-01-01 to 2026-01-01 (exclusive)" in said.err
    assert "release 1" in said.err
    assert "have a known buyer" in said.err


def test_a_chart_is_an_svg_file(tuttuno, shop, tmp_path):
    file = tmp_path / "classes.svg"
    assert tuttuno("-C", shop.root, "measure", "channel_class", "--chart", file).code == 0
    assert file.read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["chanel_class"], 4, "did you mean 'channel_class'", id="measure"),
        pytest.param(["coverage", "--by", "povince"], 4, "did you mean 'province'", id="dimension"),
        pytest.param(["coverage", "--where", "province"], 3, "DIM=VALUE", id="where"),
        pytest.param(["coverage", "--since", "1.1.2025"], 2, "write it as 2026-01-31", id="day"),
        pytest.param(["coverage", "--chart", "classes.png"], 3, "e.g. chart.svg", id="chart"),
        pytest.param(["coverage", "--view", "sideways"], 3, "demand", id="view"),
        pytest.param(
            ["coverage", "--since", "2025-06-01", "--until", "2025-06-01"],
            3, "exclusive", id="no-day",
        ),
        pytest.param(["coverage", "--all-time", "--since", "2025-06-01"], 3, "all", id="both"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_the_way_out(tuttuno, shop, words, code, said):
    found = tuttuno("-C", shop.root, "measure", *words)
    assert (found.code, found.out) == (code, "")
    assert said in found.err


def test_an_unbuilt_project_says_what_to_run(tuttuno, tmp_path):
    tuttuno("init", tmp_path / "new")
    said = tuttuno("-C", tmp_path / "new", "measure", "coverage")
    assert (said.code, "tuttuno build" in said.err) == (4, True)
