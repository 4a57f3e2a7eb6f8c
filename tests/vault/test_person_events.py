"""What happened to persons: in order, in full, and not to be changed unseen."""

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.rows import AT
from tuttuno.vault import audit, person_events
from tuttuno.vault.chains import START, Seal, broken_links, linked, seal_of
from tuttuno.vault.person_events import PersonEvent, PersonEventKind
from tuttuno.vault.tables import AUDIT, PERSON_EVENT


def events(*kinds, **columns):
    rows = {
        "kind": list(kinds),
        "person_id": list(range(1, len(kinds) + 1)),
        "before": pa.nulls(len(kinds), pa.string()),
        "after": [f"[{at}]" for at in range(len(kinds))],
        "cause": ["email"] * len(kinds),
    }
    return pa.table({**rows, **columns})


@pytest.fixture
def told(vault):
    """A vault in which two runs made five events."""
    with vault.begin() as con:
        person_events.append_events(con, events("created", "created", "merged"), run=1, at=AT)
        person_events.append_events(con, events("split", "retired"), run=2, at=AT)
    return vault


def broken(vault, known=None):
    with vault.read() as con:
        return list(broken_links(con, PERSON_EVENT, known))


def tamper(vault, statement):
    with vault.begin() as con:
        con.execute(sa.text(statement))


def test_what_happened_to_a_person_is_told_in_order(told):
    with told.read() as con:
        mine = person_events.events_of(con, [1])
        second = person_events.events_of_run(con, 2)
    assert mine == [
        PersonEvent(1, PersonEventKind.CREATED, 1, 1, None, [0], "email", AT),
        PersonEvent(4, PersonEventKind.SPLIT, 1, 2, None, [0], "email", AT),
    ]
    assert [event.seq for event in second] == [4, 5]


def test_an_untouched_chain_is_whole(told):
    assert broken(told) == []


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        pytest.param("update person_event set after = '[9]' where seq = 3", 3, id="edited"),
        pytest.param("update person_event set run = 7 where seq = 5", 5, id="last-one-edited"),
        pytest.param("delete from person_event where seq = 2", 3, id="removed"),
        pytest.param("update person_event set seq = -seq where seq in (2, 3)", -3, id="reordered"),
        pytest.param(
            "insert into person_event select 6, kind, person_id, run, before, after, cause, at,"
            " prev_hash, hash from person_event where seq = 5",
            6,
            id="repeated",
        ),
    ],
)
def test_a_changed_chain_is_found(told, statement, first):
    tamper(told, statement)
    assert broken(told)[0] == first


def test_an_end_that_was_cut_off_is_found_with_a_seal_kept_elsewhere(told):
    with told.read() as con:
        seal = seal_of(con, PERSON_EVENT)
    tamper(told, "delete from person_event where seq > 3")
    assert (broken(told), broken(told, seal)) == ([], [5])


def test_a_chain_made_anew_is_found_with_a_seal_kept_elsewhere(told):
    with told.read() as con:
        seal = seal_of(con, PERSON_EVENT)
    tamper(told, "delete from person_event where seq > 3")
    with told.begin() as con:
        person_events.append_events(con, events("split", "merged"), run=2, at=AT)
    assert (broken(told), broken(told, seal)) == ([], [5])


def test_an_empty_chain_has_a_seal_too(vault):
    with vault.begin() as con:
        assert seal_of(con, AUDIT) == Seal(0, START)
        end = audit.append(con, actor="anna", action="person.show", subject="7", at=AT)
        assert end == seal_of(con, AUDIT) == audit.seal(con)
        assert end.seq == 1


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(0, 9)), min_size=1), st.data())
def test_every_entry_seals_all_before_it(entries, data):
    at = data.draw(st.integers(0, len(entries) - 1))
    other = [*entries[:at], ("changed", 10), *entries[at + 1 :]]
    one, two = (list(linked(Seal(0, START), chain)) for chain in (entries, other))
    same = [mine == theirs for mine, theirs in zip(one, two, strict=True)]
    assert same == [place < at for place in range(len(entries))]
