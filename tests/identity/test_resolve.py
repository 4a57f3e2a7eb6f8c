"""Runs: full and incremental agree, ids last, and a killed run changes nothing."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.identity.shop import KEY, Shop, groups
from tuttuno.identity import outcome as module
from tuttuno.identity.registry import IdentitySettings, LikenessSettings, default_rules
from tuttuno.identity.resolve import changed_since, person_of_record
from tuttuno.schema.keyed import record_key
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.vault.person_events import events_of
from tuttuno.vault.persons import PersonStatus, aliases_of, person_of, resolve_person_id
from tuttuno.vault.runs import last_run

TAX = ("RCCMNL83S18D969H", "RSSMRA85T10A562S")

WHO = st.sampled_from(
    [
        ("Anna", "Rossi"), ("ANNA", "ROSSI"), ("Anna", "Bianchi"), ("Rossi", "Anna"),
        (None, "ROSSI ANNA"), ("Marco", "Rossi"), ("Maria", None), (None, None), (None, "Rossi"),
    ]
)  # fmt: skip
VALUES = st.lists(
    st.sampled_from(
        [["email", f"anna.{n}@posta.it"] for n in range(4)]
        + [["phone", f"340100000{n}"] for n in range(1, 5)]
        + [["card", f"77{n}"] for n in range(3)]
        + [["tax", code] for code in TAX]
        + [["device", f"dev{n}"] for n in range(2)]
    ),
    max_size=4,
    unique_by=tuple,
)
BORN = st.sampled_from([None, None, "1980-02-03", "1980-03-02", "1955-05-05", "1900-01-01"])
PLACE = st.sampled_from([(None, None), ("Via Roma 1", "50121"), ("V. Roma, 1", "50121")])


@st.composite
def records(draw):
    given_name, family_name = draw(WHO)
    address, postal_code = draw(PLACE)
    born = draw(BORN)
    return {
        "name": f"r{draw(st.integers(0, 11))}",
        "given_name": given_name,
        "family_name": family_name,
        "birth_date": None if born is None else date.fromisoformat(born),
        "address": address,
        "postal_code": postal_code,
        "values": draw(VALUES),
    }


COUPLE = """
    anna  | Anna Rossi  | - | phone:3401000001
    again | Anna Rossi  | - | phone:3401000001
    marco | Marco Verdi | - | phone:3401000001
"""


class KilledRunError(Exception):
    """Stands for the end of the process."""


def key(name):
    return record_key(KEY, "shop", name)


def keys(*names):
    """The surrogates of records, whatever their order."""
    return Counter(key(name) for name in names)


BATCHES = st.lists(
    st.lists(records(), min_size=1, max_size=8, unique_by=lambda row: row["name"]),
    min_size=2,
    max_size=5,
)


def tight(*, likeness=False):
    """Limits so low that a dozen records reach all of them.

    Likeness says nothing unless it is asked to: every full run weighs by what it has just learnt.
    """
    rules = {
        kind: replace(rule, max_records=4, max_persons=min(rule.max_persons, 2), max_values=2)
        for kind, rule in default_rules().items()
    }
    return IdentitySettings(rules=rules, largest_person=5, likeness=LikenessSettings(on=likeness))


@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(batches=BATCHES, forget=st.sets(st.integers(0, 11), max_size=3))
def test_looking_only_at_what_changed_ends_where_looking_at_everything_ends(
    tmp_path_factory, batches, forget
):
    folder = tmp_path_factory.mktemp("vaults")
    step, whole = Shop(folder / "a.sqlite"), Shop(folder / "b.sqlite")
    step.settings = whole.settings = tight()
    for batch in batches:
        for shop in (step, whole):
            shop.keep_rows(batch)
        step.resolve()
        whole.resolve(full=True)
        assert step.ids() == whole.ids()
    for shop in (step, whole):
        shop.forget(*(f"r{number}" for number in forget))
    step.resolve()
    whole.resolve(full=True)
    assert step.ids() == whole.ids()
    step.vault.close()
    whole.vault.close()


def test_running_again_moves_nobody(shop):
    shop.keep(COUPLE)
    first = shop.resolve()
    before = shop.ids()
    again, full = shop.resolve(), shop.resolve(full=True)
    assert (first.metrics["moved"], again.metrics["moved"], full.metrics["moved"]) == (3, 0, 0)
    assert (again.records, full.records) == (0, 3)
    assert shop.ids() == before


def test_a_later_tie_merges_two_persons_and_the_older_id_survives(shop):
    shop.keep("a | Anna Rossi | - | email:anna.rossi@posta.it\nb | Anna Rossi | - | card:77")
    shop.resolve()
    shop.keep("c | Anna Rossi | - | email:anna.rossi@posta.it card:77")
    run = shop.resolve()
    assert shop.ids() == {"a": 1, "b": 1, "c": 1}
    assert Counter(run.changed_records.to_pylist()) == keys("b", "c")
    with shop.vault.read() as con:
        assert resolve_person_id(con, 2) == 1
        assert aliases_of(con, 1) == [2]
        assert person_of(con, 2).status is PersonStatus.MERGED
        kinds = [(event.kind, event.before, event.after) for event in events_of(con, [1, 2])]
    assert kinds[1:] == [("merged", [1, 2], [1]), ("aliased", [2], [1])]


def test_a_tie_that_goes_splits_a_person_and_the_part_gets_a_new_id(shop):
    shop.keep("a | - | - | card:77 email:anna.rossi@posta.it\nb | - | - | card:77")
    shop.resolve()
    shop.keep("b | - | - | phone:3401000001")
    shop.resolve()
    assert shop.ids() == {"a": 1, "b": 2}
    with shop.vault.read() as con:
        split = [event for event in events_of(con, [1]) if event.kind == "split"]
    assert [(event.before, event.after) for event in split] == [([1], [1, 2])]


def test_an_id_is_never_given_twice(shop):
    shop.keep("a | Anna Rossi | - | card:77")
    shop.resolve()
    shop.forget("a")
    shop.keep("b | Anna Rossi | - | card:77")
    shop.resolve()
    assert shop.ids() == {"b": 2}


def test_who_was_kept_apart_by_a_record_that_is_forgotten_is_looked_at_again(shop):
    shop.keep(
        """
        web    | Mario Rossi | -          | at:Via Roma 1, 50121
        father | Mario Rossi | 1950-04-01 | at:Via Roma 1, 50121
        son    | Mario Rossi | 1980-09-12 | at:Via Roma 1, 50121
        """
    )
    shop.resolve()
    assert shop.persons() == groups("web", "father", "son")
    shop.forget("father")
    shop.resolve()
    assert shop.persons() == groups("web son")


def test_other_settings_look_at_everything_again(shop):
    shop.keep(COUPLE)
    shop.resolve()
    rules = default_rules()
    rules["phone"] = replace(rules["phone"], max_records=1)
    shop.settings = IdentitySettings(rules=rules)
    run = shop.resolve()
    assert run.metrics["full"] is True
    assert shop.persons() == groups("anna", "again", "marco")


@pytest.mark.parametrize("step", ["apply_membership", "create_persons"])
def test_a_run_that_dies_while_it_writes_leaves_the_persons_as_they_were(shop, monkeypatch, step):
    shop.keep(COUPLE)
    shop.resolve()
    before = shop.ids()
    shop.keep("d | Dora Neri | - | phone:3401000001\nanna | Anna Rossi | - | card:88")
    dying = getattr(module.persons, step)

    def die(*args, **options):
        dying(*args, **options)
        raise KilledRunError

    monkeypatch.setattr(module.persons, step, die)
    with pytest.raises(KilledRunError):
        shop.resolve()
    monkeypatch.undo()
    assert shop.ids() == before
    with shop.vault.read() as con:
        assert last_run(con).run_no == 1
    shop.resolve()
    assert shop.persons() == groups("anna", "again", "marco", "d")


def test_the_mart_reads_the_person_of_every_record(shop):
    shop.keep(COUPLE)
    shop.resolve()
    found = person_of_record(shop.vault)
    assert found.schema.equals(PERSON_OF_RECORD.arrow)
    assert dict(zip(*found.to_pydict().values(), strict=True)) == {
        key("anna"): 1, key("again"): 1, key("marco"): 2,
    }  # fmt: skip


def test_the_mart_learns_whose_records_moved(shop):
    shop.keep(COUPLE)
    first = shop.resolve()
    shop.keep("d | Anna Rossi | - | phone:3401000001")
    shop.resolve()
    assert changed_since(shop.vault, first.run_no).to_pylist() == [key("d")]
    moved = changed_since(shop.vault, 0).to_pylist()
    assert Counter(moved) == keys("anna", "again", "marco", "d")


def test_a_run_counts_only_what_it_looked_at(shop):
    shop.keep(
        COUPLE
        + """
        his   | Marco Verdi | - | email:marco.verdi@posta.it
        whose | Marco Verdi | - | email:marco.verdi@posta.it
        far   | Dora Neri   | - | card:7701
        """
    )
    assert shop.resolve().metrics["ties"] == 2
    shop.keep("far | Dora Neri | - | card:7701 phone:3401000001")
    run = shop.resolve()
    assert (run.records, run.persons, run.metrics["ties"]) == (4, 3, 1)
    assert run.metrics["values"] == {"phone": {"household": 1}}


def test_a_run_says_how_far_it_is(shop):
    shop.keep(COUPLE)
    said = []
    shop.resolve(progress=lambda *word: said.append(word))
    assert said == [("identity", done, 3) for done in range(4)]
