"""Golden record: the best known details of a person, where each comes from, and by which rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.identity import golden, steward
from tuttuno.identity.checkdigit import shown
from tuttuno.identity.golden import Best, Detail, GoldenSettings, Told
from tuttuno.identity.steward import Act
from tuttuno.schema.masked import masked
from tuttuno.tasks.decide import Steward, told_of, word_of
from tuttuno.vault import audit, persons, records
from tuttuno.vault.decisions import pins_about
from tuttuno.vault.vault import Connection, Vault
from tuttuno.vocab import IdentifierType

#: Instead of what a reader who has not asked for it may not see.
_HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Telling:
    """What one record tells of a detail.

    Attributes:
        shown: Masked, unless it was asked for in full.
        on: The day its record changed last; None is unknown.
        decision: The decision that pins the detail to this record; None for no such.
    """

    record_key: str
    source: str
    shown: str
    on: date | None
    decision: int | None


@dataclass(frozen=True, slots=True)
class BestKnown:
    """One detail of a person.

    Attributes:
        field: A name of `identity.golden.DETAILS`.
        shown: Its best value, masked unless it was asked for in full.
        record_key, source, on: The record it is taken from, and when that changed last.
        rule: A word of `identity.golden.Rule`, or `pinned`.
        same: How many records tell the same.
        telling: How many records tell anything.
        verified: True where a tax code or a second source confirms it.
        decision: The decision that pins it; None for no such.
        records: What each record tells, the one chosen first.
    """

    field: str
    shown: str
    record_key: str
    source: str
    on: date | None
    rule: str
    same: int
    telling: int
    verified: bool
    decision: int | None
    records: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class GoldenRecord:
    """The best known details of one person, as the vault stands now."""

    person_id: int
    shown_id: str
    details: tuple[BestKnown, ...]


class NothingTold(BadInput):
    """A detail is to be pinned to a record that says nothing of it."""

    def __init__(self, field: str, record_key: str) -> None:
        self.field = field
        super().__init__(
            f"record {record_key} tells no {field.replace('_', ' ')}",
            hint="see `tuttuno person KEY --golden` for the records that do",
        )


def golden_record(
    person_id: int,
    *,
    vault: Vault,
    settings: GoldenSettings,
    actor: str,
    in_full: bool = False,
    clock: Clock = utc_now,
) -> GoldenRecord:
    """Find the best known details of a person; the look is recorded.

    Args:
        person_id: Hers now, or one she was known under.
        vault: Where her records are.
        settings: By which rules.
        actor: Who looks.
        in_full: True to show what is otherwise masked.
        clock: When.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with vault.begin() as con:
        now = persons.resolve_person_id(con, person_id)
        action = "person.golden_in_full" if in_full else "person.golden"
        audit.append(con, actor=actor, action=action, subject=str(now), at=clock())
        best = best_of(con, now, settings)
    return GoldenRecord(now, shown(now), tuple(_known(one, in_full=in_full) for one in best))


def best_of(con: Connection, person_id: int, settings: GoldenSettings) -> tuple[Best, ...]:
    """Return the best value of each detail of a person, unmasked: for the eyes of the program."""
    keys = [member.record_key for member in persons.members(con, person_id)]
    rows = records.records_of(con, pa.array(keys, pa.string())).to_pylist()
    return golden.golden_record(rows, settings, pins_about(con, keys))


def pin(record_key: str, field: str, *, reason: str, by: Steward) -> Act:
    """Say that a detail of a person is what one of her records says, whatever the rule.

    It follows the record: it holds through every build, and for whoever the record belongs to.
    `tuttuno.tasks.decide.undo` takes it back.

    Raises:
        BadInput: The record tells nothing of it, the detail is unknown, or no reason is given.
        NotFound: The record belongs to nobody.
    """
    word = word_of(reason, by)
    detail = golden.detail_of(field)
    with by.vault.begin() as con:
        rows = records.records_of(con, pa.array([record_key], pa.string())).to_pylist()
        if rows and not any(rows[0][column] for column in detail.columns):
            raise NothingTold(field, record_key)
        act = steward.pin(con, record_key, field, word=word)
        return told_of(con, act, "steward.pin", by)


def _known(best: Best, *, in_full: bool) -> BestKnown:
    chosen, detail = best.chosen, best.detail
    return BestKnown(
        field=detail.name,
        shown=text_of(detail, chosen.values, in_full=in_full),
        record_key=chosen.record_key,
        source=chosen.source,
        on=_day(chosen),
        rule=best.rule.value if chosen.pin is None else golden.PINNED,
        same=chosen.same,
        telling=len(best.told),
        verified=chosen.verified,
        decision=chosen.pin,
        records=tuple(
            Telling(
                one.record_key,
                one.source,
                text_of(detail, one.values, in_full=in_full),
                _day(one),
                one.pin,
            )
            for one in best.told
        ),
    )


def text_of(detail: Detail, values: tuple[Any, ...], *, in_full: bool) -> str:
    """Say a value in one line; masked as on the card unless in full.

    Names, towns, genders and languages are shown, of a birth date its year, of a street nothing.
    """
    told = dict(zip(detail.columns, values, strict=True))
    if detail.name == "address":
        return _address(told, in_full=in_full)
    if detail.name == "birth_date":
        born: date = values[0]
        return born.isoformat() if in_full else f"{born.year}-{_HIDDEN}"
    text = " ".join(str(value) for value in values if value)
    if in_full or detail.name not in _MASKED:
        return text
    return masked(_MASKED[detail.name], text)


_MASKED: Mapping[str, IdentifierType] = {
    "email": IdentifierType.EMAIL,
    "phone": IdentifierType.PHONE,
    "loyalty_card": IdentifierType.LOYALTY_CARD,
    "tax_code": IdentifierType.TAX_CODE,
}


def _address(told: Mapping[str, Any], *, in_full: bool) -> str:
    street = told["address"]
    if street and not in_full:
        street = _HIDDEN
    town = " ".join(part for part in (told["postal_code"], told["city"]) if part)
    region = " ".join(part for part in (told["province"], told["country"]) if part)
    return ", ".join(part for part in (street, town, region) if part)


def _day(one: Told) -> date | None:
    return None if one.at is None else one.at.date()
