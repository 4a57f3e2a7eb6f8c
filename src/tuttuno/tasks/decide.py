"""Decide: two people are one, or one is two, or that was a mistake; at once and for good."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.identity import steward
from tuttuno.identity.checkdigit import shown
from tuttuno.identity.find import find_persons
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.steward import Act, Word
from tuttuno.tasks.find_people import NobodyFound
from tuttuno.vault import audit, persons
from tuttuno.vault.decisions import Decision, decisions
from tuttuno.vault.vault import Connection, Vault

_RECORD_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Steward:
    """Who decides, and where.

    Attributes:
        key: The project key, under which identifiers are looked up.
        identity: By which rules records are tied.
        country: Of telephone numbers that do not say theirs.
        actor: The login.
    """

    vault: Vault
    key: bytes = field(repr=False)
    identity: IdentitySettings
    country: str
    actor: str
    clock: Clock = utc_now


class SeveralPeople(BadInput):
    """Several persons share what was asked for."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = tuple(ids)
        named = ", ".join(shown(one) for one in ids)
        super().__init__(f"{len(ids)} persons share this: {named}", hint="name one by her id")


class NoReason(BadInput):
    """A decision was made without saying why."""

    def __init__(self) -> None:
        super().__init__(
            "a decision needs a reason", hint="say in a few words why; it is kept with your name"
        )


def merge(one: str, other: str, *, reason: str, by: Steward) -> Act:
    """Make two people one.

    Args:
        one: A person id, e-mail, phone or card number, or a `record_key`.
        other: The same of the other.
        reason: Why, for whoever asks in a year; no personal data.
        by: Who decides.

    Raises:
        BadInput: They are one already, several share what was asked, or no reason is given.
        NotFound: Nobody is found.
    """
    word = word_of(reason, by)
    with by.vault.begin() as con:
        ends = record_of(con, one, by), record_of(con, other, by)
        act = steward.merge(con, *ends, word=word, settings=by.identity)
        return told_of(con, act, "steward.merge", by)


def never(one: str, other: str, *, reason: str, by: Steward) -> Act:
    """Keep two people apart for ever; of one person, the two records named.

    Raises:
        BadInput: Other decisions make them one, several share what was asked, or no reason.
        NotFound: Nobody is found.
    """
    word = word_of(reason, by)
    with by.vault.begin() as con:
        ends = record_of(con, one, by), record_of(con, other, by)
        act = steward.never(con, *ends, word=word, settings=by.identity)
        return told_of(con, act, "steward.never", by)


def split(person: str, record_keys: Sequence[str], *, reason: str, by: Steward) -> Act:
    """Say that some records of a person are somebody else's.

    Raises:
        BadInput: A record is not hers, none would be left, or no reason is given.
        NotFound: Nobody is found.
    """
    word = word_of(reason, by)
    with by.vault.begin() as con:
        asked = _person(con, person, by)
        act = steward.split(con, asked, record_keys, word=word, settings=by.identity)
        return told_of(con, act, "steward.split", by)


def undo(decision: int, *, reason: str, by: Steward) -> Act:
    """Take back all that was decided with a decision; what had given way to it holds again.

    Raises:
        BadInput: It holds no more, contradicts a later one, or no reason is given.
        NotFound: No decision has this number.
    """
    word = word_of(reason, by)
    with by.vault.begin() as con:
        act = steward.undo(con, decision, word=word, settings=by.identity)
        return told_of(con, act, "steward.undo", by)


def decided(by: Steward) -> tuple[Decision, ...]:
    """Return the decisions that hold, the latest first, one for each act."""
    with by.vault.read() as con:
        found = decisions(con)
    acts = {one.change: one for one in reversed(found)}
    return tuple(sorted(acts.values(), key=lambda one: -one.decision_no))


def person_named(text: str, *, by: Steward) -> int:
    """Return the one person a text leads to.

    Raises:
        BadInput: Several persons share it.
        NotFound: Nobody is found.
    """
    with by.vault.read() as con:
        return _person(con, text, by)


def record_of(con: Connection, text: str, by: Steward) -> str:
    """Return the record a text names: by its key, or the oldest one of the person it leads to."""
    asked = text.strip()
    if _RECORD_KEY.fullmatch(asked):
        return asked
    return persons.members(con, _person(con, asked, by))[0].record_key


def _person(con: Connection, text: str, by: Steward) -> int:
    found = find_persons(con, text, key=by.key, country=by.country)
    if not found:
        raise NobodyFound
    if len(found) > 1:
        raise SeveralPeople(found)
    return found[0]


def word_of(reason: str, by: Steward) -> Word:
    """Return who decides, why and when.

    Raises:
        NoReason: No reason is given.
    """
    if not reason.strip():
        raise NoReason
    return Word(by.actor, reason.strip(), by.clock())


def told_of(con: Connection, act: Act, action: str, by: Steward) -> Act:
    """Write to the audit log what was done, and return it."""
    audit.append(
        con,
        actor=by.actor,
        action=action,
        subject=str(act.decision),
        at=by.clock(),
        detail={"persons": list(act.persons), "records": act.settled.moved},
    )
    return act
