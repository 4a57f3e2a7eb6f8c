"""What one person bought: her receipts and orders out of one release, the latest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from tuttuno.tasks.open_release import OpenRelease

#: Receipts on the card at most; the rest is counted.
RECEIPTS = 60

#: With so many on it, no earlier months are read: a glance is short, and quick.
ENOUGH = 20

#: Products named for one receipt; the rest is counted.
NAMED = 3

#: A parcel that nobody fetched for so long is not waiting any more: its end was never told.
PARCEL_DAYS = 60

#: Months read at once, beginning with the latest: most cards need no more.
_MONTHS_AT_ONCE = 12

_PERSON = ibis.param("int64")
_MONTHS = ibis.param("array<string>")


@dataclass(frozen=True, slots=True)
class Event:
    """One receipt or order on the timeline.

    Attributes:
        what: Names of some of its products; empty when none can be told.
        items: Lines bought.
        place: The store that sold or handed over.
        net: Net of discounts, VAT and returns; None is never shown as zero.
        month: Under which the release keeps it, `YYYY-MM`.
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
    month: str


def latest_bought(
    person: int, months: Sequence[str], opened: OpenRelease
) -> tuple[tuple[Event, ...], bool]:
    """Return her latest receipts and orders, and whether there may be earlier ones.

    Args:
        person: Who.
        months: In which she bought, the latest first.
        opened: The release.
    """
    rows: list[dict[str, Any]] = []
    read = 0
    while read < len(months) and len(rows) < ENOUGH:
        part = list(months[read : read + _MONTHS_AT_ONCE])
        rows += opened.ask(opened.once(_receipts), {_PERSON: person, _MONTHS: part})
        read += len(part)
    latest = rows[:RECEIPTS]
    products = _products(person, sorted({row["month"] for row in latest}), opened)
    return (
        tuple(_event(row, products[row["sold_on"], row["channel"]]) for row in latest),
        len(rows) > RECEIPTS or read < len(months),
    )


def waiting_parcels(events: Sequence[Event], opened: OpenRelease) -> int:
    """Count the orders that are ready in a store, or on their way to it, and not yet fetched."""
    if not any(one.handover == "collected" for one in events):
        return 0
    waiting = opened.once(_waiting)
    return len(waiting & {(one.source, one.sale_id) for one in events})


def _receipts(opened: OpenRelease) -> ibis.Table:
    purchase, store = opened.tables["purchase"], opened.tables["store"]
    mine = purchase.filter(purchase.person_id == _PERSON, _MONTHS.contains(purchase.month))
    mine = mine.left_join(store.select("store_id", place=store.name), "store_id")
    return mine.select(
        "sold_at", "sold_on", "month", "channel", "handover", "place", "store_id", "net",
        "lines", "currency", "source", "sale_id",
    ).order_by(ibis.desc("sold_at"), "source", "sale_id", "channel")  # fmt: skip


def _event(row: Mapping[str, Any], products: list[str]) -> Event:
    rest = len(products) - NAMED
    return Event(
        day=row["sold_on"],
        channel=row["channel"],
        what=", ".join(products[:NAMED]) + (f" +{rest}" if rest > 0 else ""),
        items=row["lines"],
        handover=row["handover"],
        place=row["place"] or row["store_id"],
        net=float(row["net"]),
        currency=row["currency"],
        source=row["source"],
        sale_id=row["sale_id"],
        month=row["month"],
    )


def _products(
    person: int, months: list[str], opened: OpenRelease
) -> Mapping[tuple[date, str], list[str]]:
    """Name what she bought by day and channel: the first and the last time in each month."""
    named: dict[tuple[date, str], list[str]] = defaultdict(list)
    if not months:
        return named
    rows = opened.ask(opened.once(_named_products), {_PERSON: person, _MONTHS: months})
    for row in sorted(rows, key=lambda row: (-row["net"], row["name"])):
        for day in {row["first_on"], row["last_on"]}:
            named[day, row["channel"]].append(row["name"])
    return named


def _named_products(opened: OpenRelease) -> ibis.Table:
    bought, product = opened.tables["product_channel"], opened.tables["product"]
    mine = bought.filter(bought.person_id == _PERSON, _MONTHS.contains(bought.month))
    mine = mine.left_join(product.select("product_id", "name"), "product_id")
    return mine.select(
        "channel", "first_on", "last_on", "net", name=ibis.coalesce(mine.name, mine.product_id)
    )


def _waiting(opened: OpenRelease) -> frozenset[tuple[str, str]]:
    """Return every parcel of the release that has not come to its end; there are few."""
    pickup = opened.tables["pickup"]
    oldest = pickup.placed_at.max() - ibis.interval(days=PARCEL_DAYS)
    rows = opened.engine.run(
        pickup.filter(
            pickup.placed_at >= oldest,
            pickup.collected_at.isnull(),
            pickup.cancelled_at.isnull(),
            pickup.expired_at.isnull(),
        ).select("source", "sale_id")
    )
    return frozenset(zip(*(rows.column(n).to_pylist() for n in rows.column_names), strict=True))
