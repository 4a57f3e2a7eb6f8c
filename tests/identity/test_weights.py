"""Weights: every step is told, the steps add up, and the doubts are those of a full run."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings

from tests.identity.shop import Shop, key
from tests.identity.test_cluster import RECORDS, resolved
from tests.identity.test_resolve import BATCHES, tight
from tuttuno.identity.profile import profile
from tuttuno.identity.registry import IdentitySettings, LikenessSettings
from tuttuno.identity.waterfall import waterfall
from tuttuno.identity.weights import NAMES, START, Reason, Scales, chance
from tuttuno.vault.edges import read_edges


@settings(deadline=None, max_examples=150)
@given(RECORDS)
def test_the_steps_of_every_pair_add_up_to_its_weight(rows):
    evidence, _, _, rules, judge = resolved(rows, IdentitySettings())
    scales = Scales(evidence, profile(evidence, rules, judge), rules, judge)
    one, other = np.triu_indices(evidence.records, k=1)
    weights = scales.weights(one, other)
    assert (weights == scales.weights(other, one)).all()
    for a, b, weight in zip(one.tolist(), other.tolist(), weights.tolist(), strict=True):
        assert sum(part.bits for part in scales.parts(a, b)) == pytest.approx(weight, abs=1e-9)


def fall(shop, one, other):
    with shop.vault.read() as con:
        found = waterfall(con, key(one), key(other), shop.settings)
    return [(step.reason.value, step.says, step.bits) for step in found.steps], found


def test_each_thing_that_speaks_is_a_step_in_plain_words(shop):
    shop.keep(
        """
        a | Anna Rossi   | 1980-02-03 | email:anna@posta.it phone:3401000001
        b | Anna Bianchi | 1980-03-02 | email:anna@posta.it
        c | Marco Verdi  | 1975-05-05 | phone:3401000001 tax:RCCMNL83S18D969H
        d | Marco Verdi  | -          | tax:RSSMRA85T10A562S
        """
    )
    shop.resolve()
    steps, found = fall(shop, "a", "b")
    assert steps == [
        ("start", "", START),
        ("value", "personal", 10.0),
        ("names", "renamed", -1.0),
        ("birth", "swapped", 5.0),
    ]
    assert (found.weight, found.chance) == (START + 14, chance(START + 14))
    assert found.steps[1].text == "the same email a•••@posta.it, which nobody else seems to use"
    assert fall(shop, "a", "c")[0][1:] == [
        ("value", "household", 6.0), ("names", "contradicts", -12.0), ("birth", "apart", -10.0),
    ]  # fmt: skip
    assert fall(shop, "c", "d")[0][1:] == [
        ("names", "agrees", 6.0), ("at_odds", "tax_code", -16.0),
    ]  # fmt: skip


def test_a_store_phone_tells_nothing(shop):
    shop.keep_rows([{"name": f"r{n}", "values": [["phone", "0552345001"]]} for n in range(201)])
    shop.resolve()
    steps, found = fall(shop, "r1", "r7")
    assert steps[1] == ("value", "junk", 0.0)
    assert "201 records" in found.steps[1].text
    assert found.weight == START


FIXED = {"start", "value", "names", "birth", "at_odds"}


def test_names_weigh_more_the_more_they_agree():
    assert sorted(NAMES.values(), reverse=True) == [NAMES[verdict] for verdict in sorted(NAMES)]
    assert {reason.value for reason in Reason} == {*FIXED, "likeness"}


@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(batches=BATCHES)
def test_the_doubts_kept_step_by_step_are_those_of_a_full_run(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("vaults")
    step, whole = Shop(folder / "a.sqlite"), Shop(folder / "b.sqlite")
    # what a step weighs by likeness, it weighs by the model of the run before
    step.settings = whole.settings = replace(tight(), likeness=LikenessSettings(on=False))
    for batch in batches:
        for shop in (step, whole):
            shop.keep_rows(batch)
        step.resolve()
    whole.resolve(full=True)
    found = []
    for shop in (step, whole):
        with shop.vault.read() as con:
            found.append(read_edges(con).select(["a", "b", "kind", "weight"]))
        shop.vault.close()
    order = [("a", "ascending"), ("b", "ascending")]
    assert pa.Table.equals(*(table.sort_by(order).combine_chunks() for table in found))
