"""Tools are scored by one evaluator, and one that does not finish is told so."""

import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from benchmarks.matching import ours, scored
from benchmarks.report_matching import matching

COST = {"seconds": 1.0, "cpu_seconds": 0.5, "peak_mb": 200.0, "version": "1"}


@pytest.mark.parametrize(
    ("label", "f1"),
    [(["x", "x", "y"], 1.0), (["1", "2", "3"], 0.0), (["1", "1", "1"], 0.5)],
)
def test_labels_of_any_kind_are_scored_against_the_truth(label, f1):
    found = scored(json.dumps({**COST, "label": label}), ["a", "a", "b"])
    assert found["f1"] == f1
    assert "label" not in found


def test_our_own_process_says_who_is_who(tmp_path):
    names = {"given_name": ["Anna", "Anna", "Luca"], "family_name": ["Rossi", "Rossi", "Verdi"]}
    parquet.write_table(pa.table(names), tmp_path / "people.parquet")
    assert scored(ours(tmp_path / "people.parquet"), ["a", "a", "b"])["f1"] == 1.0


def test_the_report_has_a_row_for_each_tool_and_says_who_failed():
    told = scored(json.dumps({**COST, "label": ["1", "1"]}), ["a", "a"])
    result = {"sets": {"fake": {"tuttuno": told, "splink": scored("", ["a", "a"])}}}
    _, (head, rows) = matching(result)
    assert [row[:2] for row in rows] == [
        ("fake, tuttuno 1", "1.0000"),
        ("fake, splink", "did not finish"),
    ]
    assert {len(row) for row in rows} == {len(head)}
