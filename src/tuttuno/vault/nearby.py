"""Who is near one record: the few rows around it, each kind by a query of microseconds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from tuttuno.vault.chains import START, Seal, linked
from tuttuno.vault.person_events import PersonEventKind
from tuttuno.vault.persons import PersonStatus
from tuttuno.vault.quick import Quick
from tuttuno.vault.runs import RunStatus
from tuttuno.vault.tables import (
    BLOCK_KEY,
    CONSENT,
    DECISION,
    EDGE,
    MEMBERSHIP,
    PERSON,
    PERSON_EVENT,
    RECORD,
    RECORD_IDENTIFIER,
    RUN,
)
from tuttuno.vault.tables.columns import IDENTIFIER_CODES, stored
from tuttuno.vocab import IdentifierType, Purpose

_KINDS: Final = {code: kind for kind, code in IDENTIFIER_CODES.items()}
_RECORD_NO: Final[sa.BindParameter[int]] = sa.bindparam("number")
_MOST: Final[sa.BindParameter[int]] = sa.bindparam("most")

#: What `Seen` holds, of records that another table names.
_FACE: Final = (
    *RECORD.c["record_no", "record_key", "given_name", "family_name", "birth_date"],
    MEMBERSHIP.c.person_id,
)


def _faces_of(held: sa.Table) -> sa.FromClause:
    """The rows of a table that names records, with what these say and whose they are."""
    now = (MEMBERSHIP.c.record_no == RECORD.c.record_no) & MEMBERSHIP.c.until_run.is_(None)
    records = held.join(RECORD, RECORD.c.record_no == held.c.record_no)
    return records.outerjoin(MEMBERSHIP, now)


_CARRIERS: Final = (
    sa.select(*_FACE)
    .select_from(_faces_of(RECORD_IDENTIFIER))
    .where(RECORD_IDENTIFIER.c.value_no == sa.bindparam("value"))
    .limit(_MOST)
)
_RESIDENTS: Final = (
    sa.select(*_FACE)
    .select_from(_faces_of(BLOCK_KEY))
    .where(BLOCK_KEY.c.key64 == sa.bindparam("value"))
    .limit(_MOST)
)
#: Keys that are asked for at once; 0 is none.
_AT_ONCE: Final = 4
_MATES: Final = (
    sa.select(BLOCK_KEY.c.key64, *_FACE)
    .select_from(_faces_of(BLOCK_KEY))
    .where(BLOCK_KEY.c.key64.in_([sa.bindparam(f"key{at}") for at in range(_AT_ONCE)]))
    .limit(_MOST)
)
_OF_IT: Final = (DECISION.c.a_key == sa.bindparam("key")) | (
    DECISION.c.b_key == sa.bindparam("key")
)
_SAID_OF_IT: Final = _OF_IT & DECISION.c.revoked_at.is_(None)
#: Values, residences, edges and decisions of a record, each row marked with what it is.
_TIED_BY: Final = sa.union_all(
    sa.select(
        sa.literal_column("'value'"), RECORD_IDENTIFIER.c.value_no, RECORD_IDENTIFIER.c.type
    ).where(RECORD_IDENTIFIER.c.record_no == _RECORD_NO),
    sa.select(sa.literal_column("'home'"), BLOCK_KEY.c.key64, sa.literal_column("0")).where(
        BLOCK_KEY.c.record_no == _RECORD_NO, BLOCK_KEY.c.key64 < sa.literal_column("0")
    ),
    sa.select(sa.literal_column("'edge'"), EDGE.c.a, sa.literal_column("0")).where(
        (EDGE.c.a == _RECORD_NO) | (EDGE.c.b == _RECORD_NO)
    ),
    sa.select(
        sa.literal_column("'decision'"), DECISION.c.decision_no, sa.literal_column("0")
    ).where(_SAID_OF_IT),
)
_MEMBERS: Final = (
    sa.select(MEMBERSHIP.c.record_no)
    .where(MEMBERSHIP.c.person_id == sa.bindparam("person"), MEMBERSHIP.c.until_run.is_(None))
    .limit(_MOST)
)
_TOLD: Final = tuple(
    RECORD.c[name]
    for name in (
        "given_name", "family_name", "birth_date", "gender", "email", "phone", "tax_code",
        "address", "postal_code", "city",
    )
)  # fmt: skip
_TOLD_BY: Final = sa.select(*_TOLD).where(RECORD.c.record_no == _RECORD_NO)
_SPOKEN_OF: Final = sa.select(DECISION.c.decision_no).where(_SAID_OF_IT).limit(1)
_REFUSED: Final = (
    sa.select(CONSENT.c.at)
    .where(CONSENT.c.record_key == sa.bindparam("key"))
    .where(CONSENT.c.purpose == Purpose.PROFILING.value, CONSENT.c.granted == sa.literal(0))
    .limit(1)
)
_LAST_RUN: Final = (
    sa.select(RUN.c.config_hash, RUN.c.change)
    .where(RUN.c.status == RunStatus.DONE.value)
    .order_by(RUN.c.run_no.desc())
    .limit(1)
)
_SEAL: Final = (
    sa.select(PERSON_EVENT.c.seq, PERSON_EVENT.c.hash).order_by(PERSON_EVENT.c.seq.desc()).limit(1)
)


class Seen(NamedTuple):
    """What a record says, and whose it is; None: nobody's yet."""

    record_no: int
    record_key: str
    given_name: str | None
    family_name: str | None
    birth_date: date | None
    person_id: int | None


class TiedBy(NamedTuple):
    """What ties a record.

    Attributes:
        values: That it carries.
        homes: The block keys that stand for its residence: those below zero.
        doubted: True where an edge of it is kept.
        decided: True where a decision on it holds.
    """

    values: list[tuple[int, IdentifierType]]
    homes: list[int]
    doubted: bool
    decided: bool


class Told(NamedTuple):
    """What happened to an id; `before` and `after` are JSON texts."""

    kind: PersonEventKind
    before: str | None
    after: str | None
    cause: str


def carriers(quick: Quick, value_no: int, most: int) -> list[Seen]:
    """Return the records that carry a value, `most` of them at most."""
    return [_seen(row) for row in quick.rows(_CARRIERS, value=value_no, most=most)]


def residents(quick: Quick, key64: int, most: int) -> list[Seen]:
    """Return the records that have a block key, `most` of them at most."""
    return [_seen(row) for row in quick.rows(_RESIDENTS, value=key64, most=most)]


def mates(quick: Quick, keys: Sequence[int], most: int) -> list[tuple[int, Seen]]:
    """Return block key and record of all that have one of at most four keys.

    Where one of them has more than so many, more than so many of it are returned, and of the
    others perhaps not all.
    """
    asked = {f"key{at}": 0 for at in range(_AT_ONCE)} | {f"key{at}": k for at, k in enumerate(keys)}
    rows = quick.rows(_MATES, **asked, most=_AT_ONCE * most + 1)
    return [(row[0], _seen(row[1:])) for row in rows]


def tied_by(quick: Quick, record_no: int, record_key: str) -> TiedBy:
    """Return the values and residences of a record, and whether anybody had doubts or decided."""
    rows = quick.rows(_TIED_BY, number=record_no, key=record_key)
    found = {row[0] for row in rows}
    return TiedBy(
        [(row[1], _KINDS[row[2]]) for row in rows if row[0] == "value"],
        [row[1] for row in rows if row[0] == "home"],
        doubted="edge" in found,
        decided="decision" in found,
    )


def members(quick: Quick, person_id: int, most: int) -> list[int]:
    """Return the records of a person, `most` of them at most."""
    return [row[0] for row in quick.rows(_MEMBERS, person=person_id, most=most)]


def _seen(row: Sequence[Any]) -> Seen:
    number, key, given, family, born, person = row
    return Seen(
        number, key, given, family, None if born is None else date.fromisoformat(born), person
    )


def told_by(quick: Quick, record_no: int) -> dict[str, Any]:
    """Return all that a record says of a person, by column; it must exist."""
    row = quick.row(_TOLD_BY, number=record_no)
    if row is None:
        raise LookupError(record_no)
    said = {column.name: value for column, value in zip(_TOLD, row, strict=True)}
    if said["birth_date"] is not None:
        said["birth_date"] = date.fromisoformat(said["birth_date"])
    return said


def add_edge(quick: Quick, one: int, other: int, kind: str, weight: float, *, run: int) -> None:
    """Keep an edge between two records that have none of this kind."""
    low, high = sorted((one, other))
    quick.add(EDGE, (low, high, kind, weight, None, run))


def spoken_of(quick: Quick, record_key: str) -> bool:
    """True where a decision on the record holds."""
    return quick.row(_SPOKEN_OF, key=record_key) is not None


def refused(quick: Quick, record_key: str) -> bool:
    """True where the person of a record has refused profiling, even if she agreed later."""
    return quick.row(_REFUSED, key=record_key) is not None


def add_run(quick: Quick, metrics: dict[str, Any], at: datetime) -> int:
    """Enter a run that is done already and builds on the last one; return its number."""
    row = quick.row(_LAST_RUN)
    config_hash, change = ("", 0) if row is None else row
    number = quick.take("run")
    done = RunStatus.DONE.value
    found = stored(RUN.c.metrics, metrics)
    quick.add(RUN, (number, config_hash, change, done, stored(RUN.c.at, at), found))
    return number


def add_person(quick: Quick, at: datetime) -> int:
    """Make a person; return her id."""
    number = quick.take("person")
    quick.add(PERSON, (number, PersonStatus.ACTIVE.value, None, stored(PERSON.c.created_at, at)))
    return number


def add_event(quick: Quick, person_id: int, told: Told, *, run: int, at: datetime) -> None:
    """Add what happened to an id at the end of the chain of events."""
    quick.take("event")  # nobody else may continue the chain meanwhile
    moment = stored(PERSON_EVENT.c.at, at)
    entry = (told.kind.value, person_id, run, told.before, told.after, told.cause, moment)
    last = quick.row(_SEAL)
    for seq, previous, own in linked(Seal(0, START) if last is None else Seal(*last), [entry]):
        quick.add(PERSON_EVENT, (seq, *entry, previous, own))


def add_member(quick: Quick, record_no: int, person_id: int, run: int) -> None:
    """Give a record that is nobody's to a person."""
    quick.add(MEMBERSHIP, (record_no, run, person_id, None, "created"))


def add_block_keys(quick: Quick, record_no: int, keys: Sequence[int]) -> None:
    """Keep the block keys of a record."""
    quick.add_many(BLOCK_KEY, [(record_no, key) for key in keys])
