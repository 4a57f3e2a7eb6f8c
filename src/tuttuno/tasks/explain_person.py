"""Explain a person: why her records are one, what did not join her, what became of her ids."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from tuttuno.identity.checkdigit import shown
from tuttuno.identity.explain import explain
from tuttuno.identity.explanation import Explanation
from tuttuno.identity.registry import IdentitySettings
from tuttuno.vault import persons, records
from tuttuno.vault.person_events import PersonEvent, PersonEventKind, events_of
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class LinkShown:
    """What a record shares with another one of hers.

    Attributes:
        kind: Of identifier, or `residence` for name and address together.
        shown: The shared value, masked; None for a residence.
        with_source: The system of the other record.
        parts: Where likeness ties the two: field, what it says, and the bits that it adds.
    """

    kind: str
    shown: str | None
    with_source: str
    parts: tuple[tuple[str, str, float], ...] = ()

    @property
    def weight(self) -> float:
        """The sum of the parts."""
        return sum(bits for _, _, bits in self.parts)


@dataclass(frozen=True, slots=True)
class RecordShown:
    """One record of hers.

    Attributes:
        shown: The key its source uses, masked.
        since: The day its source made it; None is unknown.
    """

    source: str
    shown: str
    since: date | None
    links: tuple[LinkShown, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """A value that others carry too and that did not join them to her.

    Attributes:
        reason: A word of `identity.explanation.Refusal`.
        persons, records: How many seem to have it.
    """

    kind: str
    shown: str
    reason: str
    persons: int
    records: int
    text: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that became of one of her ids; `other` is the id it was joined or parted with."""

    at: datetime
    kind: str
    other: str
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why her records are one person, as the vault stands now."""

    records: tuple[RecordShown, ...]
    sources: tuple[str, ...]
    apart: tuple[Apart, ...]
    history: tuple[Happened, ...]


def explain_person(
    person_id: int, *, vault: Vault, settings: IdentitySettings | None = None
) -> Why:
    """Say why the records of a person are one.

    Args:
        person_id: Hers now, or one she was known under.
        vault: Where her records are.
        settings: By which records are tied; None: those of a project that sets nothing.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    told = explain(vault, person_id, settings=settings or IdentitySettings())
    (now,) = told.person_ids
    with vault.read() as con:
        keys = pa.array([record.record_key for record in told.records], pa.string())
        made = records.records_of(con, keys).select(["record_key", "created_at"]).to_pylist()
        events = events_of(con, [now, *persons.aliases_of(con, now)])
    since = {row["record_key"]: row["created_at"] for row in made}
    return Why(
        records=_records(told, since),
        sources=told.sources,
        apart=tuple(
            Apart(one.kind, one.shown, one.reason.value, one.persons, one.records, one.text)
            for one in told.refused
        ),
        history=tuple(_happened(event) for event in events if event.kind in _TOLD),
    )


_TOLD = {
    PersonEventKind.MERGED: "joined with {other}",
    PersonEventKind.SPLIT: "parted from {other}",
}


def _records(told: Explanation, since: dict[str, datetime | None]) -> tuple[RecordShown, ...]:
    source = {record.record_key: record.source for record in told.records}
    links: dict[str, list[LinkShown]] = defaultdict(list)
    for tie in told.ties:
        for mine, theirs in ((tie.one, tie.other), (tie.other, tie.one)):
            links[mine].append(LinkShown(tie.kind, tie.shown or None, source[theirs], tie.parts))
    return tuple(
        RecordShown(
            record.source,
            record.shown,
            None if (made := since.get(record.record_key)) is None else made.date(),
            tuple(dict.fromkeys(links[record.record_key])),
        )
        for record in told.records
    )


def _happened(event: PersonEvent) -> Happened:
    both = {*(event.before or ()), *(event.after or ())}
    other = ", ".join(shown(one) for one in sorted(both - {event.person_id}))
    return Happened(event.at, event.kind.value, other, _TOLD[event.kind].format(other=other))
