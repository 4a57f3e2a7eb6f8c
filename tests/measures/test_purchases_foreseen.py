"""What was expected of past quarters, held against what they brought."""

from datetime import timedelta

import numpy as np
import pytest

from tests.measures.scenario import asked
from tests.measures.test_lifetime_value import END, sales, written
from tuttuno.measures.buying.histories import Histories
from tuttuno.measures.buying.mbg_nbd import fit_mbg_nbd

KNOWN = sales(500, seed=9)


@pytest.fixture(scope="module")
def found(duck):
    return asked("purchases_foreseen", written(KNOWN), duck, until=END)


def quarters(found, bought="all"):
    return {row["origin"]: row for row in found.rows if row["bought"] == bought}


def test_each_quarter_is_foreseen_from_the_time_before_it_alone(found):
    for nth in (1, 4):
        origin, until = (END - timedelta(weeks=13 * back) for back in (nth, nth - 1))
        days = {who: [day for day, _ in own if day < origin] for who, own in KNOWN.items()}
        days = {who: own for who, own in days.items() if own}
        x = np.array([len(own) - 1 for own in days.values()])
        last = np.array([(max(own) - min(own)).days for own in days.values()]) / 7
        age = np.array([(origin - min(own)).days for own in days.values()]) / 7
        model = fit_mbg_nbd(Histories.of(x, last, age))
        came = [sum(origin <= day < until for day, _ in KNOWN[who]) for who in days]
        row = quarters(found)[origin.isoformat()]
        assert row["persons"] == len(days)
        assert row["expected"] == pytest.approx(model.expected(13, x, last, age).mean(), rel=1e-5)
        assert row["actual"] == pytest.approx(np.mean(came))
        half = 1.96 * np.std(came) / np.sqrt(len(days))
        assert row["high"] - row["actual"] == pytest.approx(half, rel=1e-3)


def test_buyers_are_divided_by_what_was_known_of_them(found):
    for origin, whole in quarters(found).items():
        parts = [row for row in found.rows if row["origin"] == origin and row["bought"] != "all"]
        assert sum(row["persons"] for row in parts) == whole["persons"]
        expected = sum(row["persons"] * row["expected"] for row in parts)
        assert expected == pytest.approx(whole["persons"] * whole["expected"])


def test_both_models_foresee_what_follows_their_law(found):
    away = [row["actual"] / row["expected"] - 1 for row in quarters(found).values()]
    assert abs(np.mean(away)) < 0.15
    assert all(row["check"] == pytest.approx(row["expected"], rel=0.3)
               for row in quarters(found).values())  # fmt: skip


def test_too_little_before_a_quarter_is_said(duck):
    few = asked("purchases_foreseen", written(dict(list(KNOWN.items())[:30])), duck, until=END)
    assert few.rows == ()
    assert any("far enough" in note for note in few.notes)


def test_a_split_divides_the_buyers_and_not_the_model(found, duck):
    split = asked("purchases_foreseen", written(KNOWN), duck, until=END, by=("source",))
    assert [row["expected"] for row in split.rows] == pytest.approx(
        [row["expected"] for row in found.rows]
    )
