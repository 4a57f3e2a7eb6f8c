"""Compare: two records side by side, and everything that speaks for or against one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from tuttuno.identity.checkdigit import shown
from tuttuno.identity.explain import masked_record_id
from tuttuno.identity.waterfall import Waterfall, waterfall
from tuttuno.schema.masked import masked
from tuttuno.tasks.decide import Steward, record_of
from tuttuno.vault import audit, persons, records
from tuttuno.vault.decisions import Decision, decisions_on
from tuttuno.vault.vault import Connection
from tuttuno.vocab import IdentifierType


@dataclass(frozen=True, slots=True)
class RecordSeen:
    """What one source knows of a person, contact details masked; None is unknown.

    Attributes:
        shown: The source's own key, masked.
    """

    record_key: str
    person_id: int
    shown_id: str
    source: str
    shown: str
    name: str | None
    birth_date: date | None
    email: str | None
    phone: str | None
    loyalty_card: str | None
    place: str | None
    since: date | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records.

    Attributes:
        decisions: What stewards decided about exactly these two, and holds.
    """

    one: RecordSeen
    other: RecordSeen
    waterfall: Waterfall
    decisions: tuple[Decision, ...]

    @property
    def joined(self) -> bool:
        """True where they are one person now."""
        return self.one.person_id == self.other.person_id


def compare_records(one: str, other: str, *, by: Steward) -> Comparison:
    """Set two records side by side; the look is recorded.

    Args:
        one: A `record_key`, or what leads to a person, whose oldest record is taken.
        other: The same of the other.
        by: Who looks.

    Raises:
        BadInput: Several persons share what was asked.
        NotFound: Nobody is found.
    """
    with by.vault.begin() as con:
        ends = record_of(con, one, by), record_of(con, other, by)
        found = waterfall(con, *ends, by.identity)
        sides = [_seen(con, key) for key in ends]
        audit.append(
            con,
            actor=by.actor,
            action="steward.compare",
            subject=" ".join(str(side.person_id) for side in sides),
            at=by.clock(),
        )
        return Comparison(sides[0], sides[1], found, tuple(decisions_on(con, *ends)))


def records_of_person(person_id: int, *, by: Steward) -> tuple[RecordSeen, ...]:
    """Return the records of a person, the oldest first; the look is recorded.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with by.vault.begin() as con:
        now = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=by.actor, action="steward.records", subject=str(now), at=by.clock())
        return tuple(_seen(con, member.record_key) for member in persons.members(con, now))


def _seen(con: Connection, record_key: str) -> RecordSeen:
    row: Mapping[str, Any] = records.records_of(con, pa.array([record_key])).to_pylist()[0]
    held = persons.persons_of_records(con, pa.array([record_key])).to_pylist()
    person = held[0]["person_id"]
    given, family = row["given_name"], row["family_name"]
    made = row["created_at"]
    return RecordSeen(
        record_key=record_key,
        person_id=person,
        shown_id=shown(person),
        source=row["source"],
        shown=masked_record_id(row["record_id"]),
        name=" ".join(part for part in (given, family) if part) or None,
        birth_date=row["birth_date"],
        email=_masked(IdentifierType.EMAIL, row["email"]),
        phone=_masked(IdentifierType.PHONE, row["phone"]),
        loyalty_card=_masked(IdentifierType.LOYALTY_CARD, row["loyalty_card"]),
        place=" ".join(part for part in (row["postal_code"], row["city"]) if part) or None,
        since=None if made is None else made.date(),
    )


def _masked(kind: IdentifierType, value: str | None) -> str | None:
    return masked(kind, value) if value else None
