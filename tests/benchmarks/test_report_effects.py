"""Effects in the report: every headline of the curve, every estimator beside its library."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.estimators import bought, groups, histories, measured, panel
from benchmarks.recall import RECALLS, less
from benchmarks.report_effects import estimators, recall


def point(share, **headlines):
    told = {name: {"value": value, "low": 0.1, "high": 0.4} for name, value in headlines.items()}
    return {"recall": share, "persons": 1200, "headlines": told}


def test_the_curve_has_a_row_for_each_recall_and_the_truth_below():
    result = {
        "records": 5000,
        "curve": [point(1.0, diversion=0.341, loyalty_effect=0.05), point(0.8)],
        "truth": {"diversion": 0.35},
    }
    _, (head, rows) = recall(result)
    assert [row[0] for row in rows] == ["100%", "80%", "truth"]
    at = head.index("diversion")
    assert rows[0][at] == "34.1 % (10.0 % to 40.0 %)"
    assert rows[0][at + 1] == "0.050 (0.100 to 0.400)"
    assert rows[1][at] == ""
    assert rows[2][at] == "35.0 %"


def test_a_refused_headline_says_so():
    refused = {"recall": 0.8, "persons": 9, "headlines": {"diversion": {"value": None}}}
    refused["headlines"]["diversion"]["refused"] = "too few"
    _, (head, rows) = recall({"records": 9, "curve": [refused], "truth": {}})
    assert rows[0][head.index("diversion")] == "refused"


def test_a_library_that_is_not_there_is_named():
    taken = {"seconds": 3.21, "cpu_seconds": 2.5}
    sides = {"mbg_nbd_fit": {"tuttuno": taken, "lifetimes": None}, "aipw": {"tuttuno": taken}}
    result = {"people": 10, "load": [1.0, 2.0], "peak_mb": 300.0, "estimators": sides}
    text, (_, rows) = estimators(result)
    assert "load of the machine 1.0 before and 2.0 after" in text
    assert rows[0][1:] == ("3.2", "2.5", "lifetimes not here", "", "")
    assert rows[1][1:] == ("3.2", "2.5", "", "", "")


def test_records_that_went_at_one_recall_have_gone_at_every_lower_one():
    rng = np.random.default_rng(1)
    belongs = pa.table({
        "record_key": [f"r{n}" for n in range(3000)], "person_id": rng.integers(0, 900, 3000),
    })  # fmt: skip
    before = np.asarray(belongs["person_id"])
    gone = [np.asarray(less(belongs, share, 7)["person_id"]) != before for share in RECALLS]
    assert not gone[0].any()
    for more, fewer in zip(gone[1:], gone[:-1], strict=True):
        assert (more | ~fewer).all()
    links = 3000 - np.unique(before).size
    assert gone[-1].sum() / links == pytest.approx(0.2, abs=0.03)
    kept = np.asarray(less(belongs, 0.0, 7)["person_id"])
    assert set(before) <= set(kept)
    assert np.unique(kept).size == 3000


def test_every_estimator_is_timed_on_data_it_can_estimate():
    found = measured(3000, 7)
    assert set(found) == {"staggered", "aipw", "mbg_nbd_fit", "mbg_nbd_score", "item_item"}
    assert all(sides["tuttuno"]["seconds"] >= 0 for sides in found.values())


def test_the_same_seed_makes_the_same_data():
    assert np.array_equal(panel(50, 3).outcome, panel(50, 3).outcome)
    assert np.array_equal(groups(50, 3).outcome, groups(50, 3).outcome)
    repeats, recency, age = histories(500, 3)
    assert ((recency <= age) & ((recency > 0) == (repeats > 0))).all()
    assert bought(50, 3).shape == (50, 40_000)
