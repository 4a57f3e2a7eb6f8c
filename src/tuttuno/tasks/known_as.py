"""What persons are called: name and town, as a steward pinned them or the last record tells."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tuttuno.vault import persons
from tuttuno.vault.decisions import pins_about
from tuttuno.vault.persons import Told
from tuttuno.vault.vault import Connection

#: For each detail that a headline shows, the decision that pins it to a record.
_Pins: TypeAlias = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class KnownAs:
    """What one person is called.

    Attributes:
        name, place: None where no record tells.
        sources: The system of each of her records, by `record_key`.
    """

    name: str | None
    place: str | None
    sources: Mapping[str, str]


def known_as(con: Connection, person_ids: Sequence[int]) -> dict[int, KnownAs]:
    """Return what each of the persons is called, read in two statements.

    What a steward pinned goes first, as in the golden record; after that what the record tells
    that changed last.
    """
    found = persons.told_of(con, person_ids)
    records: dict[int, list[Told]] = defaultdict(list)
    for record in sorted(found, key=_age):
        records[record.person_id].append(record)
    pins: _Pins = {"name": {}, "address": {}}
    for pin in pins_about(con, [record.record_key for record in found]):
        if pin.field in pins:
            pins[pin.field][pin.a_key] = pin.decision_no
    return {person: _called(records[person], pins) for person in person_ids}


def _age(record: Told) -> tuple[int, str]:
    """Put the record that changed last at the end; a date unknown is the oldest."""
    return record.changed_at or 0, record.record_key


def _called(records: Sequence[Told], pins: _Pins) -> KnownAs:
    names = {one.record_key: _name(one) for one in records}
    towns = {one.record_key: one.city for one in records}
    whole = {one.record_key for one in records if one.given_name and one.family_name}
    return KnownAs(
        name=_best(names, pins["name"], whole),
        place=_best(towns, pins["address"], frozenset()),
        sources={one.record_key: one.source for one in records},
    )


def _name(record: Told) -> str:
    return " ".join(part for part in (record.given_name, record.family_name) if part)


def _best(
    told: Mapping[str, str | None], pins: Mapping[str, int], whole: Collection[str]
) -> str | None:
    """Return what was pinned last, else what is whole, and of several what was told last.

    Args:
        told: What each record tells, the one that changed last at the end.
        pins: The decision that pins a record.
        whole: Records that tell more than the others.
    """
    keys = [key for key, text in told.items() if text]
    best = max(reversed(keys), key=lambda key: (pins.get(key, 0), key in whole), default=None)
    return None if best is None else told[best]
