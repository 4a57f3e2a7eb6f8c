"""A study that cannot be answered says why, and what is declared is checked."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.effects.panels import panel
from tests.measures.scenario import opened
from tuttuno.cli.effects import STUDIED
from tuttuno.config import BadSettings, load_settings
from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.cohorts import cohort_statistics
from tuttuno.effects.diversion import Changes
from tuttuno.errors import BadInput, Unknown
from tuttuno.studies import comparing
from tuttuno.studies.cannibalisation import completed
from tuttuno.studies.catalog import STUDIES, study
from tuttuno.studies.click_and_collect_effect import find
from tuttuno.studies.declaration import BadDeclaration, declared
from tuttuno.studies.months import Months
from tuttuno.studies.seen import Seen, seen

DEFAULT = STUDIES["cannibalisation"].default
MONTHS = Months(2024 * 12, 24)


def drifting(slope, units=900):
    """Treated units that drift away from the others, with no effect at all."""
    rng = np.random.default_rng(4)
    cohort = rng.choice([0, 15, 16], units)
    outcome = rng.normal(size=(units, 24)) + slope * (cohort[:, None] > 0) * np.arange(24)
    return cohort_statistics(panel(outcome, cohort))


def judged(statistics):
    path = comparing.path_of(statistics, comparing.Plan(MONTHS))
    answer = Answer("x", "?", Rung.C, 1.0, 0.9, 1.1, "1", 600, 300, None)
    return comparing.doubted(answer, path, comparing.bounds(path))


def test_who_drifted_away_before_is_refused():
    found = judged(drifting(0.3))
    assert found.estimate is None
    assert "before treatment the treated did not move as the others did" in found.refused


def test_who_moved_alike_before_is_answered():
    assert judged(drifting(0.0)).refused is None


def test_a_small_shop_is_refused_with_its_numbers(duck):
    shop = opened(
        "\n".join(
            f"p{n} 2025-{month:02}-01 {'web' if n % 2 else 'store'} carried 10"
            for n in range(12)
            for month in range(1, 13)
        )
        + "\np0 2025-12-31 store carried 10",
        duck,
    )
    for one in STUDIES.values():
        found = one.answer(one.default, duck, shop)
        assert found.estimate is None, one.name
        assert found.refused, one.name
        assert found.effect == one.name


def test_a_refused_answer_says_its_number_in_no_other_words():
    one = STUDIES["loyalty_effect"]
    answered = one.nothing().refuse("too few")
    telling = {"euros": 1, "outcomes": 2, "naive": 3, "path": 4, "balance": 5}
    refused = replace(answered, diagnostics=telling)
    other = replace(one, find=lambda *_: refused, needs=())
    found = other.answer(one.default, None, {})
    assert set(found.diagnostics) == {"path", "balance", "declared"}


def test_fewer_than_a_hundred_are_too_few():
    comparing.enough(100, 100, "bought", "did not")
    with pytest.raises(BadInput, match="99 bought and 300 did not: an answer needs 100 of each"):
        comparing.enough(99, 300, "bought", "did not")


def test_the_tier_has_no_date_and_is_refused_with_this_reason(duck):
    one = STUDIES["loyalty_effect"]
    found = one.answer(declared(one.default, {"treatment": "tier"}), duck, opened("", duck))
    assert "the tier of today" in found.refused


def test_another_treatment_than_the_launch_is_not_judged(duck):
    asked = declared(STUDIES["click_and_collect_effect"].default, {"treatment": "closing"})
    with pytest.raises(BadInput, match="closing"):
        find(asked, duck, {})


def test_receipts_without_the_card_are_added_to_what_the_store_lost():
    seen_half = Seen(0.5, 0.0, 1000)
    found = completed(Changes(-0.1, 0.4, 0.01, 0.02, 0.0001), seen_half)
    assert (found.old, found.old_se) == pytest.approx((-0.2, 0.02))
    assert found.covariance == pytest.approx(0.0002)
    assert (found.new, found.new_se) == (0.4, 0.02)


def test_an_unsure_share_makes_the_interval_wider():
    sure, unsure = (completed(Changes(-0.1, 0.4, 0.01, 0.02, 0.0), Seen(0.5, se, 1000))
                    for se in (0.0, 0.05))  # fmt: skip
    assert unsure.old_se == pytest.approx(np.hypot(0.02, 0.2 * 0.05 / 0.5))
    assert unsure.old_se > sure.old_se


def rows(**values):
    return SimpleNamespace(to_pylist=lambda: [values])


def test_tills_that_keep_tokens_less_often_without_a_card_do_not_flatter_the_share():
    tills = {"known": 1000, "known_kept": 400, "unknown": 1000, "unknown_kept": 200}
    found = seen({"seen": rows(shown=300, hidden=50, **tills)})
    assert found.share == pytest.approx(300 / 0.4 / (300 / 0.4 + 50 / 0.2))
    assert found.receipts == 350


def test_with_few_tokens_the_share_is_unknown():
    tills = {"known": 1000, "known_kept": 400, "unknown": 1000, "unknown_kept": 200}
    assert seen({"seen": rows(shown=100, hidden=50, **tills)}) is None


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"outcome": "visits"}, "visits"),
        ({"since": "2025-13"}, "2025-13"),
        ({"since": "2025-03", "until": "2025-03"}, "until is not after since"),
        ({"baseline": 0}, "baseline"),
        ({"anticipation": 7}, "anticipation"),
        ({"windows": 3}, "windows"),
        ({"baseline": "six"}, "int"),
    ],
)
def test_a_declaration_that_cannot_be_asked_is_named(facts, reason):
    with pytest.raises(BadDeclaration, match=reason) as caught:
        declared(DEFAULT, facts)
    assert "[effects.cannibalisation]" in str(caught.value)


def test_people_are_chosen_by_traits_and_stores_by_places():
    assert declared(DEFAULT, {"population": {"province": ["MI"]}}).population == {
        "province": ("MI",)
    }
    with pytest.raises(Unknown, match="brand"):
        declared(DEFAULT, {"exclude": {"brand": ["X"]}})
    stores = STUDIES["click_and_collect_effect"].default
    assert declared(stores, {"exclude": {"brand": ["X"]}}).exclude == {"brand": ("X",)}


def test_the_project_file_declares_effects(tmp_path):
    text = '[project]\nname = "X"\n[effects.loyalty_effect]\nsince = "2025-01"\n'
    (tmp_path / "tuttuno.toml").write_text(text)
    settings = load_settings(tmp_path)
    assert settings.effects == {"loyalty_effect": {"since": "2025-01"}}
    (tmp_path / "tuttuno.toml").write_text('[project]\nname = "X"\n')
    assert load_settings(tmp_path).config_hash != settings.config_hash
    (tmp_path / "tuttuno.toml").write_text('[project]\nname = "X"\neffects = 3\n')
    with pytest.raises(BadSettings):
        load_settings(tmp_path)


def test_every_study_is_a_word_of_the_command_line():
    assert set(STUDIED) == set(STUDIES)


def test_an_unknown_effect_is_named():
    with pytest.raises(Unknown, match="cannibalization"):
        study("cannibalization")
