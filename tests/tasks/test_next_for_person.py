"""What a person may buy next: with its reason, never what she gave back, not against her will."""

from datetime import timedelta

import ibis
import pytest

from tuttuno.errors import NotFound
from tuttuno.tasks.active_months import months_remembered
from tuttuno.tasks.next_for_person import next_for_person
from tuttuno.tasks.show_person import Glance, show_person
from tuttuno.vault import audit


@pytest.fixture(scope="module")
def glance(shop, tmp_path_factory):
    """A copy that looks may be recorded in; few buyers are enough in a small shop."""
    with shop.copied(tmp_path_factory.mktemp("next")) as workspace:
        opened = workspace.reading().current()
        params = {"next_product.persons": 4}
        yield Glance(workspace.vault, opened, params, "EUR", months_of=months_remembered)


@pytest.fixture(scope="module")
def bought(glance):
    """What everybody bought, by person, from the lines that the release has."""
    table = glance.opened.tables["product_channel"]
    found = {}
    for row in glance.opened.engine.run(table.filter(table.person_id.notnull())).to_pylist():
        found.setdefault(row["person_id"], []).append(row)
    return found


@pytest.fixture(scope="module")
def everybody(glance, bought):
    return {one: next_for_person(one, glance, actor="anna") for one in sorted(bought)[:80]}


def test_what_is_new_to_her_was_never_hers_and_its_reason_is(everybody, bought):
    assert sum(len(found.new) for found in everybody.values()) > 20
    for person, found in everybody.items():
        hers = {row["product_id"] for row in bought[person]}
        assert not hers & {one.thing.product_id for one in found.new}
        assert {one.because.product_id for one in found.new} <= hers


def test_what_she_gave_back_is_on_no_list(everybody, bought, glance):
    returned = glance.opened.tables["sale_line"].filter(ibis._.quantity < 0)
    whose = glance.opened.tables["purchase"].select("source", "sale_id", "person_id").distinct()
    rows = glance.opened.engine.run(returned.inner_join(whose, ["source", "sale_id"])).to_pylist()
    gone = {(row["person_id"], row["product_id"]) for row in rows}
    assert len(gone & {(p, r["product_id"]) for p in everybody for r in bought[p]}) > 5
    offered = {
        (person, one.thing.product_id)
        for person, found in everybody.items()
        for one in (*found.again, *found.new, *found.looked)
    }
    assert not gone & offered


def test_what_is_bought_again_was_hers_and_is_due_after_its_usual_time(everybody, bought):
    assert sum(len(found.again) for found in everybody.values()) > 20
    for person, found in everybody.items():
        last = {}
        for row in bought[person]:
            if row["last_on"]:
                key = row["product_id"]
                last[key] = max(row["last_on"], last.get(key, row["last_on"]))
        for one in found.again:
            assert one.last_on == last[one.thing.product_id]
            assert one.due_on == one.last_on + timedelta(days=one.days)
        assert [one.chance for one in found.again] == sorted(
            (one.chance for one in found.again), reverse=True
        )


def test_what_she_looked_at_is_told_until_she_buys_it(everybody, bought):
    looked = [(p, one) for p, found in everybody.items() for one in found.looked]
    assert len(looked) > 10
    for person, one in looked:
        later = [row for row in bought[person] if row["product_id"] == one.thing.product_id
                 and row["last_on"] and row["last_on"] >= one.last_on]  # fmt: skip
        assert later == []


def test_of_who_refused_profiling_last_nothing_is_foreseen(everybody, glance):
    seen = set()
    for person, found in list(everybody.items())[:40]:
        consents = show_person(person, glance, actor="anna").consents
        told = [one for one in consents if one.purpose == "profiling"]
        if len(told) == 1:
            assert found.refused == (not told[0].granted)
            seen.add(found.refused)
        if found.refused:
            assert (found.again, found.new, found.looked) == ((), (), ())
    assert seen == {True, False}


def test_a_look_is_recorded_and_a_stranger_is_not_found(glance, everybody):
    with pytest.raises(NotFound):
        next_for_person(10**12, glance, actor="anna")
    with glance.vault.read() as con:
        looks = [one for one in audit.entries(con, limit=5000) if one.action == "person.next"]
    assert len(looks) >= len(everybody)
