"""Show a person: what both channels know of her on one card, contact details masked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.checkdigit import shown
from tuttuno.measures.channel_class import band_of
from tuttuno.measures.params import Params
from tuttuno.schema.masked import masked
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.vault import audit, consents, identifiers, persons, records
from tuttuno.vault.vault import Connection, Vault
from tuttuno.vocab import Handover, IdentifierType

#: Receipts on the card; the rest is counted.
RECEIPTS = 60

#: Products named for one receipt; the rest is counted.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Event:
    """One receipt or order on the timeline.

    Attributes:
        what: Names of some of its products; empty when none can be told.
        items: Lines bought.
        place: The store that sold or handed over.
        net: Net of discounts, VAT and returns; None is never shown as zero.
    """

    day: date
    channel: str
    what: str
    items: int
    handover: str | None
    place: str | None
    net: float | None
    currency: str
    source: str
    sale_id: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One identifier, masked or in full."""

    type: str
    shown: str


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """The last decision on one purpose and means."""

    purpose: str
    contact_channel: str
    granted: bool
    at: date


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What the shop may see of one person at a glance.

    Attributes:
        aliases: Ids she had before records were found to be hers.
        events: All receipts and orders, of which the timeline holds the latest.
        waiting_parcels: Orders ready or on their way to a store, not yet collected.
    """

    person_id: int
    shown_id: str
    name: str | None
    aliases: tuple[str, ...]
    currency: str
    orders: int
    orders_store: int
    orders_online: int
    net: float
    net_store: float
    net_online: float
    first_on: date | None
    last_on: date | None
    waiting_parcels: int
    channel_band: str | None
    home_store: str | None
    tier: str | None
    enrolled_on: date | None
    age_band: str | None
    place: str | None
    language: str | None
    timeline: tuple[Event, ...]
    events: int
    identifiers: tuple[Contact, ...]
    consents: tuple[ConsentShown, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """What a look at a person needs.

    Attributes:
        vault: Who she is.
        opened: What she bought.
        params: Parameters of measures that the project sets otherwise.
        currency: The project's, in which her totals are shown.
    """

    vault: Vault
    opened: OpenRelease
    params: Mapping[str, float]
    currency: str


def show_person(person_id: int, at: Glance, *, actor: str, clock: Clock = utc_now) -> PersonCard:
    """Gather the card of a person; an id that was merged away leads to the present one.

    The look is written to the audit log in the transaction that reads her name.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with at.vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        who = _who(con, person)
        audit.append(con, actor=actor, action="person.show", subject=str(person), at=clock())
    facts = _facts(person, at)
    timeline, events = _timeline(person, at.opened)
    return PersonCard(
        person_id=person,
        shown_id=shown(person),
        currency=at.currency,
        waiting_parcels=_waiting(timeline, at.opened),
        timeline=timeline,
        events=events,
        **who,
        **facts,
    )


def reveal_person(
    person_id: int, *, vault: Vault, actor: str, clock: Clock = utc_now
) -> tuple[Contact, ...]:
    """Return the identifiers in full; who asked, and when, is written to the audit log.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=actor, action="person.reveal", subject=str(person), at=clock())
        return tuple(
            Contact(kind.value, value) for kind, value in _identifiers(con, _keys(con, person))
        )


def _keys(con: Connection, person: int) -> pa.Array:
    return pa.array([member.record_key for member in persons.members(con, person)], pa.string())


def name_and_place(con: Connection, person: int) -> tuple[str | None, str | None]:
    """Return her name and town as the record that changed last tells them."""
    return _named_by(_records(con, _keys(con, person)))


def _who(con: Connection, person: int) -> dict[str, Any]:
    keys = _keys(con, person)
    name, place = _named_by(_records(con, keys))
    return {
        "name": name,
        "place": place,
        "aliases": tuple(shown(alias) for alias in persons.aliases_of(con, person)),
        "identifiers": tuple(
            Contact(kind.value, masked(kind, value)) for kind, value in _identifiers(con, keys)
        ),
        "consents": _last_decisions(consents.consents_of(con, keys)),
    }


def _records(con: Connection, keys: pa.Array) -> list[dict[str, Any]]:
    """Her records, the one that changed last at the end; a date unknown is the oldest."""
    known: list[dict[str, Any]] = records.records_of(con, keys).to_pylist()
    return sorted(
        known,
        key=lambda one: (str(one["updated_at"] or one["created_at"] or ""), one["record_key"]),
    )


def _named_by(known: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    whole = [one for one in known if one["given_name"] and one["family_name"]]
    names = [
        " ".join(part for part in (one["given_name"], one["family_name"]) if part)
        for one in whole or known
    ]
    return _last(names), _last([one["city"] for one in known])


def _identifiers(con: Connection, keys: pa.Array) -> list[tuple[IdentifierType, str]]:
    rows = identifiers.identifiers_of(con, keys).select(["type", "value"]).to_pylist()
    pairs = {(IdentifierType(row["type"]), row["value"]) for row in rows}
    hidden = {IdentifierType.ACCOUNT, IdentifierType.PAYMENT_TOKEN}
    return sorted(pair for pair in pairs if pair[0] not in hidden)


def _last_decisions(decisions: list[consents.Consent]) -> tuple[ConsentShown, ...]:
    last: dict[tuple[str, str], consents.Consent] = {}
    for one in sorted(decisions, key=lambda one: (one.at, not one.granted)):
        last[one.purpose, one.channel] = one
    return tuple(
        ConsentShown(purpose, channel, one.granted, one.at.date())
        for (purpose, channel), one in sorted(last.items())
    )


def _last(texts: Sequence[str | None]) -> str | None:
    return next((text for text in reversed(texts) if text), None)


def _facts(person: int, at: Glance) -> dict[str, Any]:
    """Read her row of the release; a person that it does not know yet has bought nothing."""
    opened = at.opened
    table = opened.tables["person"]
    row = table.filter(table.person_id == person)
    row = row.left_join(
        opened.tables["store"], row.home_store_id == opened.tables["store"].store_id
    )
    asked = Params(at.params)
    day = opened.release.at.date()
    row = row.mutate(
        channel_band=band_of(
            row,
            theta=asked.used("channel_class.theta", on=day).value,
            orders=int(asked.used("channel_class.orders", on=day).value),
        ),
        home_store=ibis.coalesce(row.name, row.home_store_id),
    )
    wanted = ("first_on", "last_on", "channel_band", "home_store", "tier", "enrolled_on")
    counts = ("orders", "orders_store", "orders_online")
    amounts = ("net", "net_store", "net_online")
    names = (*wanted, "age_band", "language", *counts, *amounts)
    found = opened.engine.run(row.select(*names)).to_pylist()
    facts: dict[str, Any] = found[0] if found else dict.fromkeys(names)
    facts |= {name: facts[name] or 0 for name in counts}
    return facts | {name: float(facts[name] or 0) for name in amounts}


def _timeline(person: int, opened: OpenRelease) -> tuple[tuple[Event, ...], int]:
    purchase, store = opened.tables["purchase"], opened.tables["store"]
    mine = purchase.filter(purchase.person_id == person)
    mine = mine.left_join(store.select("store_id", place=store.name), "store_id")
    rows = opened.engine.run(
        mine.select(
            "sold_at", "sold_on", "month", "channel", "handover", "place", "store_id", "net",
            "lines", "currency", "source", "sale_id",
        ).order_by(ibis.desc("sold_at"), "source", "sale_id", "channel")
    ).to_pylist()  # fmt: skip
    latest = rows[:RECEIPTS]
    products = _products(person, {row["month"] for row in latest}, opened)
    events = tuple(
        Event(
            day=row["sold_on"],
            channel=row["channel"],
            what=_named(products[row["sold_on"], row["channel"]]),
            items=row["lines"],
            handover=row["handover"],
            place=row["place"] or row["store_id"],
            net=float(row["net"]),
            currency=row["currency"],
            source=row["source"],
            sale_id=row["sale_id"],
        )
        for row in latest
    )
    return events, len(rows)


def _products(
    person: int, months: set[str], opened: OpenRelease
) -> Mapping[tuple[date, str], list[str]]:
    """Name what she bought by day and channel: the first and the last time in each month."""
    bought, product = opened.tables["product_channel"], opened.tables["product"]
    mine = bought.filter(bought.person_id == person, bought.month.isin(sorted(months)))
    mine = mine.left_join(product.select("product_id", "name"), "product_id")
    named: dict[tuple[date, str], list[str]] = defaultdict(list)
    rows = opened.engine.run(
        mine.select(
            "channel", "first_on", "last_on", "net", name=ibis.coalesce(mine.name, mine.product_id)
        )
    )
    for row in sorted(rows.to_pylist(), key=lambda row: (-row["net"], row["name"])):
        for day in {row["first_on"], row["last_on"]}:
            named[day, row["channel"]].append(row["name"])
    return named


def _named(products: list[str]) -> str:
    rest = len(products) - NAMED
    return ", ".join(products[:NAMED]) + (f" +{rest}" if rest > 0 else "")


def _waiting(timeline: tuple[Event, ...], opened: OpenRelease) -> int:
    collected = [one.sale_id for one in timeline if one.handover == Handover.COLLECTED]
    if not collected:
        return 0
    pickup = opened.tables["pickup"]
    rows = opened.engine.run(
        pickup.filter(
            pickup.sale_id.isin(sorted(set(collected))),
            pickup.collected_at.isnull(),
            pickup.cancelled_at.isnull(),
            pickup.expired_at.isnull(),
        ).select("source", "sale_id")
    ).to_pylist()
    waiting = {(row["source"], row["sale_id"]) for row in rows}
    return len(waiting & {(one.source, one.sale_id) for one in timeline})
