"""The inbox: each message once for ever, handed out until it is taken in, and counted."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from tuttuno.vault.batches import Counts
from tuttuno.vault.door_hours import Heard, Verdict, doors_by_hour, last_heard
from tuttuno.vault.inbox import (
    SAME_ID,
    Message,
    digest_of,
    forget_messages,
    put_messages,
    tail_of,
)
from tuttuno.vault.inbox_claims import (
    claim,
    claimed,
    close_claim,
    count_waiting,
    drained_through,
    forget_through,
    waiting_since,
)
from tuttuno.vault.inbox_names import Unfiled, file_names
from tuttuno.vault.inbox_tails import tails_of
from tuttuno.vault.inbox_who import spoken_of
from tuttuno.vault.integrity import broken_rows
from tuttuno.vault.tables import INBOX, INBOX_WHO, MESSAGE

AT = datetime(2026, 5, 4, 10, 59, 30, tzinfo=UTC)


def message(name, body="{}", **more):
    told = {"source": "web", "message_id": name, "kind": "track", "received_at": AT, **more}
    return Message(**told, body=body, digest=digest_of((body or "").encode()))


def put(vault, *messages):
    with vault.begin() as con:
        return [str(each) for each in put_messages(con, messages)]


def waiting(vault, limit=100):
    with vault.begin() as con:
        one = claim(con, limit=limit, at=AT)
        return one, [each.message_id for each in claimed(con, one)] if one else []


def test_a_message_that_comes_again_is_a_duplicate_even_in_the_same_group(vault):
    assert put(vault, message("a"), message("b"), message("a")) == [
        "accepted", "accepted", "duplicate",
    ]  # fmt: skip
    assert put(vault, message("b"), message("c")) == ["duplicate", "accepted"]
    assert waiting(vault)[1] == ["a", "b", "c"]


def test_two_sources_may_use_the_same_id(vault):
    assert put(vault, message("a"), message("a", source="app")) == ["accepted", "accepted"]


def test_the_same_id_with_another_body_is_kept_for_quarantine_once(vault):
    put(vault, message("a", "1"))
    assert put(vault, message("a", "2"), message("a", "1")) == ["quarantined", "duplicate"]
    assert put(vault, message("a", "2"), message("a", "3")) == ["duplicate", "quarantined"]
    with vault.begin() as con:
        found = list(claimed(con, claim(con, limit=9, at=AT)))
    assert [(each.body, each.rule) for each in found] == [
        ("1", None), ("2", SAME_ID), ("3", SAME_ID),
    ]  # fmt: skip


def test_a_duplicate_is_known_after_its_body_is_gone(vault):
    put(vault, message("a"))
    one, _ = waiting(vault)
    with vault.begin() as con:
        close_claim(con, one, AT)
        assert forget_through(con, one.last) == 1
    assert put(vault, message("a")) == ["duplicate"]


def filed(vault):
    with vault.read() as con:
        return con.execute(sa.select(sa.func.count()).select_from(MESSAGE)).scalar()


def test_a_name_is_known_before_it_is_filed_and_afterwards_to_whoever_keeps_messages(vault):
    ours, theirs = Unfiled(), Unfiled()

    def put_by(names, *messages):
        with vault.begin() as con:
            verdicts = [str(each) for each in put_messages(con, messages, names)]
        names.ended()
        return verdicts

    assert put_by(ours, message("a"), message("b")) == ["accepted", "accepted"]
    assert put_by(theirs, message("b"), message("c")) == ["duplicate", "accepted"]
    assert put_by(ours, message("c"), message("c", "2")) == ["duplicate", "quarantined"]
    assert filed(vault) == 0
    with vault.begin() as con:
        assert [file_names(con, most=2) for _ in range(3)] == [2, 2, 0]
    assert put_by(theirs, message("a"), message("d")) == ["duplicate", "accepted"]
    assert put_by(ours, message("d"), message("c", "2")) == ["duplicate", "duplicate"]
    assert filed(vault) == 4
    assert put_by(theirs, message("e")) == ["accepted"]
    assert put_by(ours, message("", None)) == ["rejected"]
    assert put_by(ours, message("e")) == ["duplicate"]


def test_what_is_filed_is_no_longer_remembered(vault):
    names = Unfiled()
    with vault.begin() as con:
        put_messages(con, [message("a"), message("b")], names)
    with vault.begin() as con:
        assert len(names.known(con, ["a"])) == 0
        assert len(names) == 2
        file_names(con, most=1)
        names.known(con, ["a"])
        assert len(names) == 2
        file_names(con, most=9)
        names.known(con, ["a"])
        assert len(names) == 0


def test_a_duplicate_is_known_after_the_person_it_speaks_of_was_forgotten(vault):
    her = digest_of(b"her")
    put(vault, message("a", who=(her,)))
    with vault.begin() as con:
        assert forget_messages(con, [her]) == 1
    assert put(vault, message("a")) == ["duplicate"]


def test_what_a_group_that_failed_would_have_kept_is_new_when_it_comes_again(vault):
    names = Unfiled()
    with suppress(RuntimeError), vault.begin() as con:
        put_messages(con, [message("a")], names)
        raise RuntimeError
    with vault.begin() as con:
        assert put_messages(con, [message("a")], names) == ["accepted"]


def test_what_a_group_has_kept_is_remembered_and_not_read_again(vault, monkeypatch):
    names, told = Unfiled(), [message("a"), message("b")]
    with vault.begin() as con:
        put_messages(con, told, names)
    names.ended()
    assert len(names) == 2
    put(vault, message("c"))
    monkeypatch.setattr("tuttuno.vault.inbox_names._filed", lambda *_: {})
    with vault.begin() as con:
        assert len(names.known(con, [])) == 0
        assert len(names) == 3
        assert put_messages(con, [*told, message("c")], names) == ["duplicate"] * 3


def test_what_could_never_be_read_is_counted_and_not_kept(vault):
    assert put(vault, message("", None)) == ["rejected"]
    assert waiting(vault) == (None, [])
    with vault.read() as con:
        assert doors_by_hour(con)[0].counts == Counts(received=1, rejected=1)


def test_every_hour_of_a_source_keeps_the_law(vault):
    later = AT + timedelta(seconds=30)
    put(vault, message("a"), message("a"), message("b", rule="odd"), message("c", source="app"))
    put(vault, message("d", received_at=later))
    with vault.read() as con:
        found = [(each.source, each.hour.hour, each.counts) for each in doors_by_hour(con)]
        assert last_heard(con) == [Heard("app", AT), Heard("web", later)]
    assert found == [
        ("web", 11, Counts(received=1, accepted=1)),
        ("app", 10, Counts(received=1, accepted=1)),
        ("web", 10, Counts(received=3, accepted=1, duplicate=1, quarantined=1)),
    ]


def test_an_open_claim_is_handed_out_again_with_the_same_messages(vault):
    put(vault, message("a"), message("b"), message("c"))
    first = waiting(vault, limit=2)
    put(vault, message("d"))
    assert first[1] == ["a", "b"]
    assert waiting(vault, limit=9) == first
    with vault.begin() as con:
        close_claim(con, first[0], AT)
    assert waiting(vault)[1] == ["c", "d"]


def test_what_waits_is_counted_and_never_deleted(vault):
    put(vault, message("a"), message("b", received_at=AT + timedelta(hours=1)))
    one, _ = waiting(vault, limit=1)
    with vault.begin() as con:
        assert (count_waiting(con), waiting_since(con)) == (2, AT)
        close_claim(con, one, AT)
        assert drained_through(con) == one.last
        assert (count_waiting(con), waiting_since(con)) == (1, AT + timedelta(hours=1))
        assert forget_through(con, 1_000_000) == 1
    assert waiting(vault)[1] == ["b"]


def test_the_tail_of_somebody_is_found_by_surrogate_latest_first(vault):
    her = digest_of(b"her")
    named = {"who": (her, digest_of(b"device"))}
    put(vault, message("a", **named), message("b"), message("c", **named))
    put(vault, message("d", rule="odd", **named))
    with vault.read() as con:
        assert [each.message_id for each in tail_of(con, [her])] == ["c", "a"]
        assert [each.message_id for each in tail_of(con, [her], limit=2)] == ["c"]
        assert tail_of(con, []) == []


def test_what_speaks_of_a_forgotten_person_is_gone(vault):
    her = digest_of(b"her")
    put(vault, message("a", '"anna@example.it"', who=(her,)), message("b"))
    with vault.begin() as con:
        assert forget_messages(con, [her]) == 1
        assert tail_of(con, [her]) == []
    assert waiting(vault)[1] == ["b"]


def test_what_came_after_an_erasure_is_of_somebody_new_and_stays(vault):
    her = digest_of(b"her")
    later = AT + timedelta(seconds=1)
    put(vault, message("a", who=(her,)), message("b", who=(her,), received_at=later))
    with vault.begin() as con:
        assert forget_messages(con, [her], until=AT) == 1
        assert [each.message_id for each in tail_of(con, [her])] == ["b"]


def test_all_that_a_door_says_of_a_message_is_kept(vault):
    said = message("a", '{"è": 1}', sent_at=AT, rule="odd", why="so", about={"topic": "x"})
    put(vault, said)
    with vault.begin() as con:
        (found,) = claimed(con, claim(con, limit=1, at=AT))
    for name in ("source", "message_id", "kind", "received_at", "body", "sent_at", "rule", "why"):
        assert getattr(found, name) == getattr(said, name)
    assert found.about == said.about


@pytest.mark.parametrize("column", ["body", "message_id", "kind"])
def test_a_message_that_changed_on_the_disk_is_found(file_vault, column):
    put(file_vault, message("a", "1"))
    with file_vault.begin() as con:
        con.execute(sa.update(INBOX).values({column: "7"}))
        assert [each.table for each in broken_rows(con)] == ["inbox"]


def test_messages_of_any_number_go_in_together(vault):
    many = [message(str(n)) for n in range(2_500)]
    assert set(put(vault, *many, *many[:500])) == {str(Verdict.ACCEPTED), str(Verdict.DUPLICATE)}
    assert waiting(vault, limit=2_400)[1] == [str(n) for n in range(2_400)]
    assert put(vault, replace(many[0], received_at=AT)) == ["duplicate"]


def test_messages_on_many_shelves_are_found_forgotten_and_cleared_alike(vault, monkeypatch):
    monkeypatch.setattr("tuttuno.vault.inbox_who.SHELF", 2)
    anna, bruno = "a" * 32, "b" * 32
    put(vault, *(message(f"a{n}", who=(anna,)) for n in range(5)), message("b", who=(anna, bruno)))
    with vault.begin() as con:
        assert [each.message_id for each in tail_of(con, [anna], limit=3)] == ["b", "a4", "a3"]
        assert tails_of(con, [bruno, anna], limit=1) != []
        close_claim(con, claim(con, limit=3, at=AT), AT)
        assert forget_through(con, 9) == 3
        assert spoken_of(con, [anna]) == [(anna, 4), (anna, 5), (anna, 6)]
        assert forget_messages(con, [bruno]) == 1
        assert spoken_of(con, [anna, bruno]) == [(anna, 4), (anna, 5)]
        assert con.scalar(sa.select(sa.func.count()).select_from(INBOX_WHO)) == 2
