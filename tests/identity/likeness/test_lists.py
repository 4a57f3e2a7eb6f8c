"""Likeness on two lists that share no identifier: who is tied, who is asked about, and how."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.identity.likeness.lists import two_lists
from tests.identity.shop import Shop, dice, groups, key, rows_of
from tests.identity.test_simulated import pairs
from tuttuno.identity.doubts import doubts
from tuttuno.identity.explain import explain
from tuttuno.identity.likeness.compare import weigh
from tuttuno.identity.likeness.kept import kept_model
from tuttuno.identity.likeness.texts import COLUMNS
from tuttuno.identity.profile import Rules
from tuttuno.identity.reading import read_all
from tuttuno.identity.registry import IdentitySettings, LikenessSettings
from tuttuno.identity.resolve import outgrown
from tuttuno.identity.waterfall import waterfall
from tuttuno.identity.weights import Reason, Scales
from tuttuno.tasks.explain_person import explain_person
from tuttuno.vault.edges import read_edges
from tuttuno.vault.likeness_models import keep_model, last_model
from tuttuno.vault.records import read_records


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """The shop after its first build, and the truth."""
    rows, truth = two_lists(400)
    shop = Shop(tmp_path_factory.mktemp("lists") / "vault.sqlite")
    shop.keep_rows(rows)
    shop.resolve()
    yield shop, truth
    shop.vault.close()


def queue(shop):
    """Pairs of names in the steward's queue, with the weight of each."""
    with shop.vault.read() as con:
        edges = read_edges(con).to_pylist()
        rows = read_records(con, ("record_no", "record_id")).to_pylist()
    name = {row["record_no"]: row["record_id"] for row in rows}
    return {frozenset((name[e["a"]], name[e["b"]])): e["weight"] for e in edges}


def quality(truth, ids):
    found = [(who, ids[name]) for name, who in truth.items()]
    right = pairs(found)
    return right / pairs(person for _, person in found), right / pairs(truth.values())


def test_two_lists_without_a_common_identifier_come_together(lists):
    shop, truth = lists
    precision, recall = quality(truth, shop.ids())
    assert precision >= 0.995
    assert recall >= 0.85


def test_who_is_not_tied_is_asked_about(lists):
    shop, truth = lists
    ids, asked = shop.ids(), queue(shop)
    missed = [
        frozenset((f"crm{n}", f"desk{n}"))
        for n in set(truth.values())
        if f"crm{n}" in ids and f"desk{n}" in ids and ids[f"crm{n}"] != ids[f"desk{n}"]
    ]
    assert sum(pair in asked for pair in missed) >= 0.8 * len(missed) > 0
    assert sum(len({truth[name] for name in pair}) == 2 for pair in asked) <= len(asked) / 4


def test_where_likeness_is_off_nobody_is_tied_and_nobody_asked_about(tmp_path):
    rows, truth = two_lists(60)
    shop = Shop(tmp_path / "vault.sqlite")
    shop.settings = IdentitySettings(likeness=LikenessSettings(on=False))
    shop.keep_rows(rows)
    shop.resolve()
    assert len(set(shop.ids().values())) == len(truth)
    assert queue(shop) == {}
    shop.vault.close()


def test_a_tie_that_nothing_reaches_leaves_all_to_stewards(tmp_path):
    rows, truth = two_lists(60)
    shop = Shop(tmp_path / "vault.sqlite")
    shop.settings = IdentitySettings.read({"likeness": {"tie": 1_000}})
    shop.keep_rows(rows)
    shop.resolve()
    assert len(set(shop.ids().values())) == len(truth)
    assert len(queue(shop)) >= 0.9 * sum(
        f"crm{n}" in truth and f"desk{n}" in truth for n in range(60)
    )
    shop.vault.close()


def test_a_second_full_run_estimates_the_same_and_changes_no_id(lists):
    shop, _ = lists
    before, model = shop.ids(), model_of(shop)
    run = shop.resolve(full=True)
    assert (run.metrics["moved"], shop.ids(), model_of(shop)) == (0, before, model)


def model_of(shop):
    with shop.vault.read() as con:
        return last_model(con)


def test_the_order_in_which_records_come_changes_neither_weights_nor_persons(lists, tmp_path):
    shop, _ = lists
    rows, _ = two_lists(400)
    dice(8).shuffle(rows)
    other = Shop(tmp_path / "vault.sqlite")
    other.keep_rows(rows)
    other.resolve()
    assert model_of(other) == model_of(shop)
    assert other.persons() == shop.persons()
    assert queue(other) == queue(shop)
    other.vault.close()


def test_a_pair_alone_weighs_what_it_weighs_among_all(lists):
    shop, _ = lists
    with shop.vault.read() as con:
        rows = read_records(con, COLUMNS)
        kept = kept_model(last_model(con))
    chance = np.random.default_rng(4)
    one, other = np.sort(chance.integers(0, rows.num_rows, (2, 300)), axis=0)
    one, other = one[one < other], other[one < other]
    found = weigh(kept, rows, one, other)
    for at in range(len(one)):
        alone = weigh(kept, rows.take([one[at], other[at]]), *np.array([[0], [1]]))
        assert alone.weight[0] == pytest.approx(found.weight[at], abs=1e-6)
    assert np.sum(list(found.parts.values()), axis=0) == pytest.approx(found.weight, abs=1e-9)


def test_weights_that_far_fewer_records_told_are_outgrown(lists, tmp_path):
    shop, _ = lists
    assert not outgrown(shop.vault, shop.settings)
    said = json.loads(model_of(shop))
    said["tuttuno"]["records"] = 50
    other = Shop(tmp_path / "vault.sqlite")
    other.keep_rows(two_lists(400)[0])
    assert outgrown(other.vault, other.settings)  # there are none yet
    with other.vault.begin() as con:
        keep_model(con, 1, json.dumps(said))
    assert outgrown(other.vault, other.settings)
    assert not outgrown(other.vault, IdentitySettings(likeness=LikenessSettings(on=False)))
    other.vault.close()


def grown(folder, *, by):
    """A shop that had half of the rows at its first build, and took the others in since."""
    rows, truth = two_lists(160, seed=9)
    shop = Shop(folder / "vault.sqlite")
    half = len(rows) // 2
    shop.keep_rows(rows[:half])
    shop.resolve()
    by(shop, rows[half:])
    return shop, truth


def steps(shop, rows):
    for start in range(0, len(rows), 30):
        shop.keep_rows(rows[start : start + 30])
        assert shop.resolve().metrics["full"] is False


def one_by_one(shop, rows):
    for row in rows:
        shop.settle_rows([row])


def as_they_arrive(shop, rows):
    for row in rows:
        shop.arrive([row])


@pytest.mark.parametrize("by", [steps, one_by_one, as_they_arrive])
def test_whoever_comes_later_ends_where_all_at_once_end(tmp_path, by):
    shop, truth = grown(tmp_path, by=by)
    assert quality(truth, shop.ids())[1] >= 0.8
    settings = shop.settings
    with shop.vault.read() as con:
        reading = read_all(con, settings, full=True)
        picture, rules = reading.picture, Rules.of(settings)
        scales = Scales(picture.evidence, picture.profile, rules, picture.judge)
        one, other, weight = doubts(reading, scales)
        number = reading.record_no
    assert not reading.moved.any()
    whole = {(number[a], number[b]): w for a, b, w in zip(one, other, weight, strict=True)}
    with shop.vault.read() as con:
        edges = {(e["a"], e["b"]): e["weight"] for e in read_edges(con).to_pylist()}
    assert edges == pytest.approx(whole, abs=1e-6)
    shop.vault.close()


def test_weights_are_kept_until_twice_as_many_records_are_there(tmp_path):
    shop, _ = grown(tmp_path, by=steps)
    first, persons = model_of(shop), shop.ids()
    shop.resolve(full=True)
    assert (model_of(shop), shop.ids()) == (first, persons)
    shop.keep_rows(two_lists(700, seed=11)[0])
    shop.resolve(full=True)
    assert json.loads(model_of(shop))["tuttuno"]["records"] > 1_000
    shop.vault.close()


def test_a_record_that_goes_or_changes_parts_whom_likeness_had_tied(tmp_path):
    shop, _ = grown(tmp_path, by=one_by_one)
    joined = sorted(group for group in map(sorted, shop.persons()) if len(group) == 2)
    (one, other), (third, fourth) = joined[:2]
    shop.forget_now(one)
    shop.settle_rows(rows_of(f"{third} | Wanda Altrove | 1951-01-02 | -"))
    persons = shop.persons()
    assert groups(other, third, fourth) <= persons
    shop.vault.close()


def test_who_contradicts_whom_likeness_alone_has_joined_takes_more_than_a_look(tmp_path):
    rows, _ = two_lists(160, seed=9)
    row = {one["name"]: one for one in rows}
    shop, _ = grown(tmp_path, by=steps)
    crm, desk = sorted(min((group for group in shop.persons() if len(group) == 2), key=sorted))
    shop.settle_rows([row[desk] | {"values": [["tax", "RCCMNL83S18D969H"]]}])
    assert groups(f"{crm} {desk}") <= shop.persons()
    shop.arrive([{"name": "new", "values": [*row[crm]["values"], ["tax", "RSSMRA85T10A562S"]]}])
    assert groups(f"{crm} new", desk) <= shop.persons()
    shop.vault.close()


def test_a_steward_keeps_apart_and_joins_whom_likeness_sees_otherwise(tmp_path):
    shop, _ = grown(tmp_path, by=steps)
    before = shop.persons()
    one, other = sorted(min((group for group in before if len(group) == 2), key=sorted))
    kept = shop.never(one, other)
    assert groups(one, other) <= shop.persons()
    shop.resolve(full=True)
    assert groups(one, other) <= shop.persons()
    shop.undo(kept.decision)
    assert shop.persons() == before
    shop.vault.close()


def test_a_tie_and_a_doubt_are_shown_by_what_adds_up_to_their_weight(lists):
    shop, _ = lists
    pair = sorted(min((group for group in shop.persons() if len(group) == 2), key=sorted))
    told = explain(shop.vault, shop.ids()[pair[0]], settings=shop.settings)
    (tie,) = told.ties
    assert tie.kind == "likeness"
    assert "bits" in tie.text
    doubted, weight = min(queue(shop).items(), key=lambda one: sorted(one[0]))
    with shop.vault.read() as con:
        joined = waterfall(con, *map(key, pair), shop.settings)
        asked = waterfall(con, *map(key, sorted(doubted)), shop.settings)
    assert joined.weight == pytest.approx(tie.weight, abs=1e-9)
    assert joined.weight >= shop.settings.likeness.tie
    assert asked.weight == pytest.approx(weight, abs=1e-9)
    for found in (joined, asked):
        assert {step.reason for step in found.steps} == {Reason.LIKENESS}
        assert sum(step.bits for step in found.steps) == pytest.approx(found.weight, abs=1e-9)
        assert all(step.text for step in found.steps)


def test_who_refuses_profiling_is_not_looked_for_where_the_project_asks(tmp_path):
    shop, _ = grown(tmp_path, by=steps)
    one, other = sorted(min((group for group in shop.persons() if len(group) == 2), key=sorted))
    shop.settings = replace(
        shop.settings, likeness=replace(shop.settings.likeness, link_consent=True)
    )
    shop.resolve()
    shop.profiling(one, granted=False, day=1)
    assert groups(one, other) <= shop.persons()
    shop.profiling(one, granted=True, day=2)
    assert groups(one, other) & shop.persons() == set()
    shop.vault.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mario Rossi | 1980-05-07 | -", "Mario Rossi | 1980-05-07 | -"),  # nothing beside it
        ("Mario Rossi | - | at:-, 50121", "Mario Rossi | - | at:-, 50121"),  # no birth date
        ("Mario Rossi | 1950-05-07 | at:-, 50121", "Mario Rossi | 1980-05-07 | at:-, 50121"),
        ("Mario Rossi | 1980-05-07 | at:-, 50121", "Marco Rossi | 1980-05-07 | at:-, 50121"),
        ("Maria Rossi | 1980-05-07 | at:-, 50121", "Maria Bianchi | 1980-05-07 | at:-, 50121"),
        ("Mario Rossi | 1970-01-01 | at:-, 50121", "Mario Rossi | 1970-01-01 | at:-, 50121"),
    ],
)
def test_namesakes_twins_and_default_dates_are_two(tmp_path, one, other):
    rows, _ = two_lists(150, seed=4)
    shop = Shop(tmp_path / "vault.sqlite")
    shop.keep_rows([*rows, *rows_of(f"a | {one}\nb | {other}")])
    shop.settings = IdentitySettings.read({"likeness": {"tie": -50, "review": -50}})
    shop.resolve()
    assert groups("a", "b") <= shop.persons()
    shop.vault.close()


def test_a_phone_that_a_store_typed_for_everybody_adds_nothing(tmp_path):
    rows, _ = two_lists(150, seed=4)
    typed = [row | {"phone": "+390552345001"} for row in rows]
    weights = []
    for number, said in enumerate((rows, typed)):
        shop = Shop(tmp_path / f"{number}.sqlite")
        shop.keep_rows(said)
        shop.resolve()
        with shop.vault.read() as con:
            kept, told = kept_model(last_model(con)), read_records(con, COLUMNS)
        weights.append(weigh(kept, told, *np.array([[0, 1, 2], [3, 4, 5]])).weight)
        shop.vault.close()
    assert weights[0] == pytest.approx(weights[1], abs=1e-9)


def test_a_card_tells_which_record_is_tied_by_likeness_and_how_much(lists):
    shop, _ = lists
    pair = min((group for group in shop.persons() if len(group) == 2), key=sorted)
    why = explain_person(shop.ids()[min(pair)], vault=shop.vault, settings=shop.settings)
    links = [link for record in why.records for link in record.links]
    assert [link.kind for link in links] == ["likeness", "likeness"]
    for link in links:
        assert link.weight == pytest.approx(sum(bits for _, _, bits in link.parts))
        assert link.parts[0][0] == "prior"
        assert {"name", "birth_date"} <= {field for field, _, _ in link.parts}
