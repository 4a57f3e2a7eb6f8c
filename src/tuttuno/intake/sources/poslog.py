"""POSLog: receipts of tills in the XML of ARTS and OMG, in the dialects that tills speak.

Names count without their prefixes and namespaces, because vendors write both. What differs from
till to till is taken as it comes: the store in `RetailStoreID` or in `BusinessUnit/UnitID`, the
article in `ItemID` or in `POSIdentity/POSItemID`, returns as `Return` or as sales of a negative
quantity, the business day or only the moment. Source of the names: ARTS POSLog 2.2 to 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.elements import Element, Found, elements
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.poslog_sums import Line, lines_of, number_of, settle, sums_of
from tuttuno.schema.exchange import SALES

NAME = "poslog"

#: Why something is no record of ours.
NO_SALE = "no sale: the till was opened, counted or closed"
NO_GOODS = "a receipt without goods"
VOIDED_LINE = "a voided line"
_STATES = {
    "suspended": "a suspended sale", "voided": "a voided receipt", "postvoided": "a voided receipt",
    "cancelled": "a cancelled receipt", "canceled": "a cancelled receipt",
    "failed": "a failed receipt", "training": "training",
}  # fmt: skip
REFUSALS = (NO_SALE, NO_GOODS, VOIDED_LINE, *dict.fromkeys(_STATES.values()))

COLUMNS = (
    "sale_id", "line_no", "sold_at", "channel", "handover", "store_id", "record_id",
    "loyalty_card", "email", "phone", "product_id", "quantity", "gross", "discount", "net", "vat",
    "currency", "returns_sale_id", "associate_id",
)  # fmt: skip

#: Lines that are goods -> how these reach the customer.
_GOODS = {"Sale": "carried", "Return": "carried", "SaleForDelivery": "shipped_from_store"}
_CARDS = ("LoyaltyAccountID", "LoyaltyID", "LoyaltyCardID", "LoyaltyCardNumber")
_PRODUCTS = ("ItemID", "POSItemID")


@dataclass(frozen=True, slots=True)
class _Till:
    """What a project says about its tills.

    Attributes:
        style: Currency, and the tax of lines that do not tell theirs.
        product: Which of the two names of an article comes first.
        totals: True where a receipt must add up to its total.
    """

    style: Style
    product: str
    totals: bool


def _make(section: Section, style: Style, codes: Codes) -> Made:
    product = section.text("product", _PRODUCTS[0])
    if product not in _PRODUCTS:
        hint = f"known: {', '.join(_PRODUCTS)}"
        raise BadMapping(section.at("product"), f"cannot be {product!r}", hint=hint)
    till = _Till(style, product, section.flag("totals", default=True))
    return Made(
        files=(sheet(SALES, COLUMNS, style, codes, REFUSALS),),
        documents=Documents(partial(_read, till=till), endings=(".xml", ".poslog")),
    )


def _read(path: Path, _folder: Path, *, till: _Till) -> Iterator[Row | Broken]:
    said = till.style.encoding
    encoding = None if said == "utf-8" else "utf-8"
    for each in elements(path, "Transaction", encoding=encoding):
        if isinstance(each, Broken):
            yield each
        else:
            yield from _transaction(each, till)


def _transaction(found: Found, till: _Till) -> Iterator[Row | Broken]:
    whole, number = found.element, found.number
    retail = whole.first("RetailTransaction")
    refused = _refusal(whole, retail)
    if retail is None or refused:
        yield Row(SALES.name, {}, number, refused or NO_SALE)
        return
    undone = _undone(retail)
    if undone:
        yield Broken(
            f"undoes a whole receipt, {undone}: take its lines back one by one", "", number
        )
        return
    lines = lines_of(retail, tuple(_GOODS))
    kept = [line for line in lines if not line.voided]
    trouble = settle(retail, kept, till.style, totals=till.totals)
    if trouble:
        yield Broken(trouble, _key(whole, _place(whole, found.header)) or "", number)
        return
    shared = _shared(whole, retail, found.header, till)
    for line in lines:
        if line.voided:
            yield Row(SALES.name, {}, number, VOIDED_LINE)
        else:
            yield Row(SALES.name, shared | _values(line, whole, found.header, till), number)
    if not lines:
        yield Row(SALES.name, {}, number, NO_GOODS)


def _refusal(whole: Element, retail: Element | None) -> str:
    if whole.flag("TrainingModeFlag"):
        return _STATES["training"]
    if whole.flag("CancelFlag"):
        return _STATES["cancelled"]
    if retail is None:
        return NO_SALE
    if retail.flag("SuspendedFlag") or whole.flag("SuspendedFlag"):
        return _STATES["suspended"]
    status = retail.attributes.get("TransactionStatus", whole.attributes.get("TransactionStatus"))
    return _STATES.get((status or "").replace(" ", "").lower(), "")


def _undone(retail: Element) -> str | None:
    """The number of the receipt that this one voids as a whole; None: it does no such thing."""
    for link in retail.all("TransactionLink"):
        if link.attributes.get("ReasonCode", "").lower() in {"postvoid", "void", "voided"}:
            return link.text("SequenceNumber") or "without a number"
    return None


def _values(
    line: Line, whole: Element, header: dict[str, str], till: _Till
) -> dict[str, str | None]:
    goods, quantity = line.goods, line.goods.text("Quantity")
    if quantity and goods.name == "Return" and not quantity.startswith("-"):
        quantity = f"-{quantity}"
    names = {
        "ItemID": goods.text("ItemID"),
        "POSItemID": goods.text("POSIdentity", "POSItemID"),
    }
    link = goods.first("TransactionLink") or line.item.first("TransactionLink")
    return {
        "line_no": number_of(line),
        "handover": _GOODS[goods.name],
        "product_id": first(names.pop(till.product), *names.values()),
        "quantity": quantity or ("-1" if goods.name == "Return" else "1"),
        "returns_sale_id": _key(link, _place(whole, header)) if link is not None else None,
        "associate_id": first(goods.text("Associate", "AssociateID"), whole.text("OperatorID")),
        **sums_of(line, till.style),
    }


def _shared(
    whole: Element, retail: Element, header: dict[str, str], till: _Till
) -> dict[str, str | None]:
    customer = retail.first("Customer") or whole.first("Customer") or Element("Customer")
    return {
        "sale_id": _key(whole, _place(whole, header)),
        "sold_at": _moment(whole),
        "channel": "store",
        "store_id": _store(whole) or _store_of(header),
        "record_id": _named(customer.text("CustomerID")),
        "loyalty_card": _card(retail),
        "email": _named(next((e.value for e in customer.below("EMailAddress", "eMail")), None)),
        "phone": _named(next((e.value for e in customer.below("FullTelephoneNumber")), None)),
        "currency": first(
            whole.text("CurrencyCode"),
            retail.text("CurrencyCode"),
            *(each.attributes.get("CurrencyCode") for each in retail.all("Total")),
            till.style.currency,
        ),
    }


def _moment(whole: Element) -> str | None:
    return first(
        whole.text("EndDateTime"),
        whole.text("RetailTransaction", "ReceiptDateTime"),
        whole.text("ReceiptDateTime"),
        whole.text("BeginDateTime"),
        whole.text("POSLogDateTime"),
    )


def _card(retail: Element) -> str | None:
    """A loyalty card; the number of a card of POSLog 6 is called as that of a payment card is."""
    told = [each.value for each in retail.below(*_CARDS)]
    told += [each.text("PrimaryAccountNumber") or "" for each in retail.below("LoyaltyCard")]
    return next((named for named in map(_named, told) if named), None)


def _named(value: str | None) -> str | None:
    """A key of somebody: tills write nought, or nothing at all, for nobody."""
    bare = (value or "").strip()
    return bare if bare.strip("0 ") else None


def _store(whole: Element) -> str | None:
    return first(
        whole.text("RetailStoreID"),
        whole.text("BusinessUnit", "UnitID"),
        whole.text("BusinessUnit"),
    )


def _day(whole: Element) -> str | None:
    return first(whole.text("BusinessDayDate"), whole.text("BusinessDayDate", "Date"))


def _store_of(header: dict[str, str]) -> str | None:
    return first(header.get("RetailStoreID"), header.get("UnitID"))


def _place(whole: Element, header: dict[str, str]) -> dict[str, str]:
    """Where and when a receipt was printed, for links that leave it out."""
    names = {
        "RetailStoreID": _store(whole),
        "WorkstationID": whole.text("WorkstationID"),
        "BusinessDayDate": first(
            _day(whole), header.get("BusinessDayDate"), (_moment(whole) or "")[:10]
        ),
    }
    return header | {name: value for name, value in names.items() if value}


def _key(whole: Element, header: dict[str, str]) -> str | None:
    """A receipt's key: sequence numbers begin anew in every till, and in time on every till."""
    parts = (
        _store(whole) or _store_of(header),
        first(_day(whole), header.get("BusinessDayDate")),
        first(whole.text("WorkstationID"), header.get("WorkstationID")),
        whole.text("SequenceNumber"),
    )
    return "-".join(part for part in parts if part) if all(parts) else None


POSLOG = Connector(NAME, _make, keys=("product", "totals"))
