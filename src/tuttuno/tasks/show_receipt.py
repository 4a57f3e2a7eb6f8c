"""Show a receipt: every line of one receipt or order of a person, as its source told it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import NotFound
from tuttuno.tasks.show_person import Glance
from tuttuno.vault import audit, persons


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
    person_id: int, source: str, sale_id: str, at: Glance, *, actor: str, clock: Clock = utc_now
) -> Receipt:
    """Return the lines of a receipt of hers; the look is recorded.

    Raises:
        NotFound: Nobody has this id, or the receipt is not hers.
    """
    with at.vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=actor, action="person.receipt", subject=str(person), at=clock())
    parts = _parts(person, source, sale_id, at)
    if not parts:
        raise NoSuchReceipt(source, sale_id)
    first = parts[0]
    return Receipt(
        person_id=person,
        source=source,
        sale_id=sale_id,
        day=first["sold_on"],
        channel=first["document_channel"],
        handover=first["handover"],
        place=first["place"] or first["store_id"],
        currency=first["currency"],
        net=float(sum(part["net"] for part in parts)),
        lines=_lines(source, sale_id, first["month"], at),
    )


def _parts(person: int, source: str, sale_id: str, at: Glance) -> list[dict[str, Any]]:
    """Return the rows of one receipt: two where it takes back what another channel sold."""
    purchase, store = at.opened.tables["purchase"], at.opened.tables["store"]
    mine = purchase.filter(
        purchase.person_id == person, purchase.source == source, purchase.sale_id == sale_id
    )
    mine = mine.left_join(store.select("store_id", place=store.name), "store_id")
    rows = mine.select(
        "sold_on", "month", "document_channel", "handover", "store_id", "place", "net", "currency",
        "channel",
    )  # fmt: skip
    found: list[dict[str, Any]] = at.opened.engine.run(rows.order_by("channel")).to_pylist()
    return found


def _lines(source: str, sale_id: str, month: str, at: Glance) -> tuple[Line, ...]:
    line, product = at.opened.tables["sale_line"], at.opened.tables["product"]
    own = line.filter(line.month == month, line.source == source, line.sale_id == sale_id)
    named = product.select("product_id", product=product.name, category=product.category)
    rows = own.left_join(named, "product_id").select(
        "line_no", "product_id", "product", "category", "quantity", "net", "discount"
    )
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
        for row in at.opened.engine.run(rows.order_by("line_no")).to_pylist()
    )
