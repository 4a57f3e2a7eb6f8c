"""A small retailer from its files to its pages: every part measures on what the one before left."""

import json

import pytest

from benchmarks import measures, pages, pipeline, report
from benchmarks.command import Failed
from benchmarks.peer import ASKED
from benchmarks.retailer import made
from benchmarks.task import Task

PEOPLE, SEED = 300, 5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Every part run once; a year of sales keeps it short."""
    work = tmp_path_factory.mktemp("work")
    made(work, people=PEOPLE, seed=SEED, months=12)
    asked = Task(work=work, people=PEOPLE, seed=SEED, results=work / "results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "REQUESTS", 1)
        for part in (pipeline, measures, pages):
            part.main(asked)
    return work / "results"


@pytest.fixture
def found(results):
    def read(part):
        return json.loads((results / f"{part}_{PEOPLE}.json").read_text("utf-8"))

    return read


def test_the_second_build_knows_the_new_sales(found):
    told = found("pipeline")
    assert told["lines"] > told["new_lines"] > 0
    assert told["new"]["build"]["months"] < 12


def test_persons_are_held_against_the_true_customers(found):
    told = found("pipeline")["told_apart"]
    assert told["records"] >= PEOPLE
    assert told["precision"] >= 0.99
    assert told["recall"] >= 0.95


def test_all_of_the_first_run_is_the_sum_of_its_parts(found):
    first = found("pipeline")["first"]
    assert first["seconds"] == pytest.approx(first["ingest"]["seconds"] + first["build"]["seconds"])
    assert first["peak_mb"] == max(first["ingest"]["peak_mb"], first["build"]["peak_mb"])


def test_every_measure_is_compared_and_the_worst_is_named(found):
    told = found("measures")
    assert set(told["measures"]) == set(ASKED)
    assert told["worst_ratio"] == max(one["ratio"] for one in told["measures"].values())


def test_every_page_is_asked_for_from_cold_and_from_warm(found):
    told = found("pages")
    assert {"home", "person", "search", "intake", "releases"} <= set(told["warm"])
    assert set(told["cold_ms"]) == set(told["warm"])


@pytest.mark.parametrize("part", ["pipeline", "measures", "pages"])
def test_a_result_names_machine_versions_and_seed(found, part):
    told = found(part)
    assert (told["people"], told["seed"]) == (PEOPLE, SEED)
    assert {"processor", "cores", "python", "libraries"} <= set(told["machine"])


def test_all_of_it_fits_on_the_page(results):
    text = "\n".join(report.page(results))
    assert [part in text for part in ("### Pipeline", "### Measures", "### Pages")] == [True] * 3


def test_a_build_by_increment_that_answers_otherwise_is_refused():
    with pytest.raises(Failed, match=r"coverage\.rows\.0\.sales: 3, 4"):
        pipeline.refuse_change(
            {"coverage": {"rows": [{"sales": 3}]}}, {"coverage": {"rows": [{"sales": 4}]}}
        )
