"""The tail: what came of a person after the release that is shown, seen as soon as it is kept.

Messages are found by the surrogates of her accounts, cards, addresses and devices. What her own
device did before it knew who she is belongs to her too, as long as no other person uses it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.intake.documents import Document, NotJson, decode
from tuttuno.intake.live import event_line
from tuttuno.intake.sources.segment_event import Event, event_of
from tuttuno.vault import audit, persons
from tuttuno.vault.identifiers import identifiers_of, records_by_value_keys
from tuttuno.vault.inbox import Kept, tail_of
from tuttuno.vault.inbox_tails import anything_waits, tails_of
from tuttuno.vault.vault import Connection, Vault
from tuttuno.vocab import IdentifierType

#: Messages that a card shows.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Lately:
    """One thing that came.

    Attributes:
        at: When it happened, as its sender says.
        received_at: When it came.
        source: Who told.
        kind: What it is, in the words of the source.
        channel, store, amount, currency: What it says of itself; None: nothing.
        vouched: False where anybody with a public key can have sent it.
    """

    at: datetime
    received_at: datetime
    source: str
    kind: str
    channel: str | None = None
    store: str | None = None
    amount: str | None = None
    currency: str | None = None
    vouched: bool = True


@dataclass(frozen=True, slots=True)
class Tail:
    """What came of a person since the release, latest first, and when that was looked up."""

    person_id: int
    seen_at: datetime
    events: tuple[Lately, ...]


def live_tail(
    person_id: int, *, vault: Vault, inbox: Vault, actor: str, clock: Clock = utc_now
) -> Tail:
    """Return what came of a person lately; the look is recorded.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        keys = _keys_of(con, person)
        audit.append(con, actor=actor, action="person.tail", subject=str(person), at=clock())
    with inbox.read() as con:
        found = tail_of(con, keys, limit=SHOWN)
    return Tail(person, clock(), _latest(found, SHOWN))


def tails(
    ids: Mapping[int, Sequence[str]], *, con: Connection, inbox: Connection, limit: int
) -> dict[int, tuple[Lately, ...]]:
    """Return what came of several persons lately, each as `live_tail` does; no look is recorded.

    Args:
        ids: The persons, each with the keys of her records.
        con: The vault, inside a transaction.
        inbox: The inbox, likewise.
        limit: Messages of one person at most.
    """
    if not anything_waits(inbox):
        return dict.fromkeys(ids, ())
    owners = {record: person for person, records in ids.items() for record in records}
    carried = identifiers_of(con, pa.array(owners, pa.string()))
    keys: dict[str, set[int]] = {record: {person} for record, person in owners.items()}
    for row in carried.select(["record_key", "value_key"]).to_pylist():
        keys.setdefault(row["value_key"], set()).add(owners[row["record_key"]])
    came = tails_of(inbox, list(keys), limit=limit)
    device = pc.equal(carried["type"], IdentifierType.DEVICE.value)
    devices = set(carried.filter(device)["value_key"].to_pylist())
    found: dict[int, dict[int, Kept]] = {person: {} for person in ids}
    for key, message in came:
        for person in keys[key]:
            if key not in devices or _hers_alone(con, pa.array([key]), person):
                found[person][message.position] = message
    return {person: _latest(found[person].values(), limit) for person in ids}


def _latest(messages: Iterable[Kept], limit: int) -> tuple[Lately, ...]:
    events = sorted((_lately(each) for each in messages), key=lambda one: one.at, reverse=True)
    return tuple(events[:limit])


def _keys_of(con: Connection, person: int) -> Sequence[str]:
    """Surrogates of her records, and of the identifiers that are hers alone."""
    records = [record.record_key for record in persons.told_of(con, [person])]
    carried = identifiers_of(con, pa.array(records, pa.string()))
    device = pc.equal(carried["type"], IdentifierType.DEVICE.value)
    devices = carried.filter(device)["value_key"].combine_chunks().unique()
    others = carried.filter(pc.invert(device))["value_key"]
    return [*records, *others.to_pylist(), *_hers_alone(con, devices, person)]


def _hers_alone(con: Connection, devices: pa.Array, person: int) -> list[str]:
    """Devices that no other person uses."""
    users = records_by_value_keys(con, devices)
    belongs = persons.persons_of_records(con, users["record_key"].combine_chunks().unique())
    whose = dict(
        zip(belongs["record_key"].to_pylist(), belongs["person_id"].to_pylist(), strict=True)
    )
    shared = {
        key
        for key, record in zip(
            users["value_key"].to_pylist(), users["record_key"].to_pylist(), strict=True
        )
        if whose.get(record) not in {None, person}
    }
    return [key for key in devices.to_pylist() if key not in shared]


def _lately(message: Kept) -> Lately:
    event = _event(message)
    if event is None:
        return Lately(message.received_at, message.received_at, message.source, message.kind)
    return Lately(
        at=event.moment or message.received_at,
        received_at=message.received_at,
        source=message.source,
        kind=event.name or event.kind,
        channel=event.said("channel"),
        store=event.said("store_id"),
        amount=event.said("total", "revenue"),
        currency=event.said("currency"),
        vouched=event.trusted,
    )


def _event(message: Kept) -> Event | None:
    """The message as an event of Segment's; None: it is something else."""
    if "public" not in message.about:
        return None
    try:
        value = decode(event_line(message))
    except (NotJson, BadInput):
        return None
    return event_of(Document(value, 1)) if isinstance(value, dict) else None
