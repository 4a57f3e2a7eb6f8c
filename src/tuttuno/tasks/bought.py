"""What one person bought: her receipts and orders out of one release, the latest first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from tuttuno.tasks.open_release import OpenRelease
from tuttuno.tasks.released_names import product_names, store_names

#: Receipts on the card at most; the rest is counted.
RECEIPTS = 60

#: With so many on it, no earlier months are read: a glance is short, and quick.
ENOUGH = 20

#: Products named for one receipt; the rest is counted.
NAMED = 3

#: A parcel that nobody fetched for so long is not waiting any more: its end was never told.
PARCEL_DAYS = 60

#: Months read side by side, beginning with the latest.
_MONTHS_AT_ONCE = 4

_RECEIPT = (
    "sold_at", "sold_on", "month", "channel", "handover", "store_id", "net", "lines", "currency",
    "source", "sale_id",
)  # fmt: skip
_PRODUCT = ("product_id", "channel", "first_on", "last_on", "net")


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
    rows: list[Mapping[str, Any]] = []
    read = 0
    while read < len(months) and len(rows) < ENOUGH:
        part = list(months[read : read + _MONTHS_AT_ONCE])
        rows += _latest_first(opened.rows_of(person, "purchase", _RECEIPT, part))
        read += len(part)
    latest = rows[:RECEIPTS]
    products = _products(person, {row["month"] for row in latest}, opened)
    places = opened.once(store_names)
    return (
        tuple(_event(row, products[row["sold_on"], row["channel"]], places) for row in latest),
        len(rows) > RECEIPTS or read < len(months),
    )


def waiting_parcels(events: Sequence[Event], opened: OpenRelease) -> int:
    """Count the orders that are ready in a store, or on their way to it, and not yet fetched."""
    if not any(one.handover == "collected" for one in events):
        return 0
    waiting = opened.once(_waiting)
    return len(waiting & {(one.source, one.sale_id) for one in events})


def _latest_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    by_name = sorted(rows, key=lambda row: (row["source"], row["sale_id"], row["channel"]))
    return sorted(by_name, key=lambda row: row["sold_at"], reverse=True)


def _event(row: Mapping[str, Any], products: list[str], places: Mapping[str, str]) -> Event:
    rest = len(products) - NAMED
    return Event(
        day=row["sold_on"],
        channel=row["channel"],
        what=", ".join(products[:NAMED]) + (f" +{rest}" if rest > 0 else ""),
        items=row["lines"],
        handover=row["handover"],
        place=places.get(row["store_id"], row["store_id"]),
        net=float(row["net"]),
        currency=row["currency"],
        source=row["source"],
        sale_id=row["sale_id"],
        month=row["month"],
    )


def _products(
    person: int, months: Collection[str], opened: OpenRelease
) -> Mapping[tuple[date, str], list[str]]:
    """Name what she bought by day and channel: the first and the last time in each month."""
    named: dict[tuple[date, str], list[str]] = defaultdict(list)
    rows = opened.rows_of(person, "product_channel", _PRODUCT, months)
    name_of = opened.once(product_names)
    told = ((-row["net"], name_of(row["product_id"]), row) for row in rows)
    for _net, name, row in sorted(told, key=lambda one: one[:2]):
        for day in {row["first_on"], row["last_on"]}:
            named[day, row["channel"]].append(name)
    return named


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
