"""What a steward can do: say who is one person, pin a detail, take it back; it acts at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from tuttuno.errors import BadInput
from tuttuno.identity.explain import NoSuchRecord
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.settle import Settled, settle
from tuttuno.vault import persons, runs
from tuttuno.vault.counters import change_number
from tuttuno.vault.decisions import (
    Decision,
    Verdict,
    decide,
    decision_of,
    decisions_about,
    decisions_of_change,
    pin_detail,
    pins_about,
    reinstate,
    revoke,
)
from tuttuno.vault.vault import Connection

#: Pairs of records that one act may keep apart.
PAIRS_AT_MOST = 2_500


@dataclass(frozen=True, slots=True)
class Word:
    """Who says it, why, and when; kept with the decision for ever."""

    author: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What was done.

    Attributes:
        decision: The number under which it can be taken back.
        decisions: How many pairs of records it speaks of.
        persons: Whose records they are now, the smallest id first.
    """

    decision: int
    decisions: int
    persons: tuple[int, ...]
    settled: Settled


class Refused(BadInput):
    """A steward's act that says nothing, or says the opposite of another that holds."""


def merge(con: Connection, one: str, other: str, *, word: Word, settings: IdentitySettings) -> Act:
    """Make the persons of two records one, whatever speaks against it.

    Earlier decisions that the two are not one person give way.

    Raises:
        Refused: They are one already.
        NoSuchRecord: One of them belongs to nobody.
    """
    mine, yours = _person(con, one), _person(con, other)
    if mine == yours:
        raise Refused("the two are one person already", hint="see `tuttuno steward compare`")
    _withdraw(con, _keys(con, mine), _keys(con, yours), Verdict.CANNOT, word)
    made = decide(
        con, (one, other), Verdict.MUST, author=word.author, reason=word.reason, at=word.at
    )
    return _done(con, decision_of(con, made), word, settings)


def never(con: Connection, one: str, other: str, *, word: Word, settings: IdentitySettings) -> Act:
    """Keep the persons of two records apart for ever; of one person, the two records.

    Raises:
        Refused: It is one record, or other decisions make the two one person.
        NoSuchRecord: One of them belongs to nobody.
    """
    mine, yours = _person(con, one), _person(con, other)
    if one == other:
        raise Refused(
            "a record cannot be kept apart from itself",
            hint="name two people, or two records that `tuttuno steward records` lists",
        )
    if mine == yours:
        return split(con, mine, [other], word=word, settings=settings, only_from=[one])
    return _part(con, (_keys(con, mine), _keys(con, yours)), word, settings)


def split(
    con: Connection,
    person_id: int,
    record_keys: Sequence[str],
    *,
    word: Word,
    settings: IdentitySettings,
    only_from: Sequence[str] | None = None,
) -> Act:
    """Say that some records of a person are another person's.

    Args:
        con: Inside a transaction.
        person_id: Hers.
        record_keys: The records that are not.
        word: Who says so.
        settings: Those of builds.
        only_from: The records they are kept apart from; None: all others of hers.

    Raises:
        Refused: One of the records is not hers, or none would be left.
        NoSuchPerson: The id was never given.
    """
    hers = _keys(con, persons.resolve_person_id(con, person_id))
    strangers = sorted(set(record_keys) - set(hers))
    if strangers:
        raise Refused(f"record {strangers[0]} is not hers", hint="see `tuttuno steward records`")
    rest = [key for key in hers if key not in record_keys]
    if not rest or not record_keys:
        raise Refused("nothing would be parted", hint="name some of her records, not all")
    from_whom = rest if only_from is None else list(only_from)
    return _part(con, (from_whom, list(record_keys)), word, settings)


def pin(con: Connection, record_key: str, field: str, *, word: Word) -> Act:
    """Say that a detail of a person is what one of her records tells.

    Earlier pins of the detail on her records give way.

    Raises:
        Refused: It is pinned to this record already.
        NoSuchRecord: The record belongs to nobody.
    """
    person = _person(con, record_key)
    for one in pins_about(con, _keys(con, person)):
        if one.field != field:
            continue
        if one.a_key == record_key:
            raise Refused(f"decision {one.decision_no} pins it already")
        revoke(con, one.decision_no, at=word.at)
    number = pin_detail(con, record_key, field, author=word.author, reason=word.reason, at=word.at)
    last = runs.last_run(con)
    nothing = Settled(0 if last is None else last.run_no, records=0, moved=0)
    return Act(number, 1, (person,), nothing)


def undo(con: Connection, decision: int, *, word: Word, settings: IdentitySettings) -> Act:
    """Take back all that one act decided; what had given way to it holds again.

    Raises:
        NotFound: No decision has this number.
        Refused: It holds no more, or what would hold again says the opposite of a later one.
    """
    asked = decision_of(con, decision)
    if asked.revoked_at is not None:
        raise Refused(f"decision {decision} holds no more", hint="see `tuttuno steward decisions`")
    act = decisions_of_change(con, asked.change)
    for one in act:
        if one.revoked_at is None:
            revoke(con, one.decision_no, at=word.at)
    reinstate(con, [one for one in act if one.revoked_at is not None])
    return _done(con, asked, word, settings, because=f"decision {decision} taken back")


def _part(
    con: Connection,
    sides: tuple[Sequence[str], Sequence[str]],
    word: Word,
    settings: IdentitySettings,
) -> Act:
    """Keep every record of one side from every record of the other."""
    left, right = sides
    if len(left) * len(right) > PAIRS_AT_MOST:
        raise Refused(
            f"{len(left)} records would be kept from {len(right)}, more than can be told apart",
            hint="look at them with `tuttuno steward records` first",
        )
    _withdraw(con, left, right, Verdict.MUST, word)
    made = [
        decide(
            con, (one, other), Verdict.CANNOT, author=word.author, reason=word.reason, at=word.at
        )
        for one in left
        for other in right
    ]
    return _done(con, decision_of(con, made[0]), word, settings)


def _withdraw(
    con: Connection, left: Sequence[str], right: Sequence[str], verdict: Verdict, word: Word
) -> None:
    """Let earlier decisions between two sides give way."""
    for one in decisions_about(con, left):
        ends = {one.a_key, one.b_key}
        if one.verdict is verdict and ends & set(left) and ends & set(right):
            revoke(con, one.decision_no, at=word.at)


def _done(
    con: Connection,
    decision: Decision,
    word: Word,
    settings: IdentitySettings,
    *,
    because: str | None = None,
) -> Act:
    told = decisions_of_change(con, change_number(con))
    _check(con, told)
    because = because or f"decision {decision.decision_no}"
    settled = settle(con, settings=settings, at=word.at, because=because)
    ends = pa.array([decision.a_key, decision.b_key])
    now = persons.persons_of_records(con, ends)["person_id"].to_pylist()
    return Act(decision.decision_no, len(told), tuple(sorted(set(now))), settled)


def _check(con: Connection, told: Sequence[Decision]) -> None:
    """Refuse what makes two records one person, by a chain of decisions, that cannot be one."""
    for key in sorted({key for one in told for key in (one.a_key, one.b_key)}):
        group = _must_be_one_with(con, key)
        for one in decisions_about(con, sorted(group)):
            if one.verdict is Verdict.CANNOT and {one.a_key, one.b_key} <= group:
                raise Refused(
                    f"decision {one.decision_no} and others say the opposite of each other",
                    hint=f"take one back first, e.g. `tuttuno steward undo {one.decision_no}`",
                )


def _must_be_one_with(con: Connection, record_key: str) -> set[str]:
    group, new = {record_key}, {record_key}
    while new:
        held = decisions_about(con, sorted(new))
        ends = {
            key for one in held if one.verdict is Verdict.MUST for key in (one.a_key, one.b_key)
        }
        new = ends - group
        group |= new
    return group


def _person(con: Connection, record_key: str) -> int:
    found = persons.persons_of_records(con, pa.array([record_key]))["person_id"]
    if not len(found):
        raise NoSuchRecord(record_key)
    person: int = found[0].as_py()
    return person


def _keys(con: Connection, person_id: int) -> list[str]:
    return [member.record_key for member in persons.members(con, person_id)]
