"""Show a receipt: every line of one receipt or order of a person, as its source told it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import NotFound
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.tasks.released_names import store_names
from tuttuno.tasks.show_person import Glance
from tuttuno.vault import audit, persons

_PART = (
    "source", "sale_id", "sold_on", "month", "document_channel", "handover", "store_id", "net",
    "currency", "channel",
)  # fmt: skip

_MONTHS = ibis.param("array<string>")
_SOURCE = ibis.param("string")
_SALE = ibis.param("string")


@dataclass(frozen=True, slots=True)
class Sale:
    """Which receipt is meant.

    Attributes:
        month: Where to look first, `YYYY-MM`; empty: nobody said.
    """

    source: str
    sale_id: str
    month: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One product on the receipt; a return has a negative quantity."""

    line_no: int
    product_id: str
    product: str | None
    category: str | None
    quantity: float
    net: float
    discount: float | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt or order.

    Attributes:
        place: The store that sold or handed over; None where none did.
        net: Net of discounts, VAT and returns.
    """

    person_id: int
    source: str
    sale_id: str
    day: date
    channel: str
    handover: str | None
    place: str | None
    currency: str
    net: float
    lines: tuple[Line, ...]


class NoSuchReceipt(NotFound):
    """The person has no such receipt in the release."""

    def __init__(self, source: str, sale_id: str) -> None:
        self.source = source
        self.sale_id = sale_id
        super().__init__(
            f"no receipt {sale_id} of {source} belongs to this person in the current release",
            hint="open it from her card",
        )


def show_receipt(
    person_id: int, sale: Sale, at: Glance, *, actor: str, clock: Clock = utc_now
) -> Receipt:
    """Return the lines of a receipt of hers; the look is recorded.

    Raises:
        NotFound: Nobody has this id, or the receipt is not hers.
    """
    with at.vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=actor, action="person.receipt", subject=str(person), at=clock())
    parts = _parts(person, [sale.month], sale, at) if sale.month else []
    parts = parts or _parts(person, at.months_of(at.opened, person), sale, at)
    if not parts:
        raise NoSuchReceipt(sale.source, sale.sale_id)
    first = parts[0]
    return Receipt(
        person_id=person,
        source=sale.source,
        sale_id=sale.sale_id,
        day=first["sold_on"],
        channel=first["document_channel"],
        handover=first["handover"],
        place=at.opened.once(store_names).get(first["store_id"], first["store_id"]),
        currency=first["currency"],
        net=float(sum(part["net"] for part in parts)),
        lines=_lines(sale, first["month"], at),
    )


def _parts(person: int, months: Sequence[str], sale: Sale, at: Glance) -> list[dict[str, Any]]:
    """Return the rows of one receipt: two where it takes back what another channel sold."""
    rows = at.opened.rows_of(person, "purchase", _PART, months)
    hers = [row for row in rows if (row["source"], row["sale_id"]) == (sale.source, sale.sale_id)]
    return sorted(hers, key=lambda row: row["channel"])


def _lines(sale: Sale, month: str, at: Glance) -> tuple[Line, ...]:
    values = {_MONTHS: [month], _SOURCE: sale.source, _SALE: sale.sale_id}
    return tuple(
        Line(
            line_no=row["line_no"],
            product_id=row["product_id"],
            product=row["product"],
            category=row["category"],
            quantity=float(row["quantity"]),
            net=float(row["net"]),
            discount=None if row["discount"] is None else float(row["discount"]),
        )
        for row in at.opened.ask(at.opened.once(_sold), values)
    )


def _sold(opened: OpenRelease) -> ibis.Table:
    line, product = opened.tables["sale_line"], opened.tables["product"]
    own = line.filter(_MONTHS.contains(line.month), line.source == _SOURCE, line.sale_id == _SALE)
    named = product.select("product_id", product=product.name, category=product.category)
    return (
        own.left_join(named, "product_id")
        .select("line_no", "product_id", "product", "category", "quantity", "net", "discount")
        .order_by("line_no")
    )
