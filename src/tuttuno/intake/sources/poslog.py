"""POSLog: receipts of tills in the XML of ARTS and OMG, in the dialects that tills speak.

Names count without their prefixes and namespaces, because vendors write both. What differs from
till to till is taken as it comes: the store in `RetailStoreID` or in `BusinessUnit/UnitID`, the
article in `ItemID` or in `POSIdentity/POSItemID`, returns as `Return` or as sales of a negative
quantity, discounts of the receipt inside the lines (Wincor Nixdorf) or beside them (NCR). Which of
the last two holds, the receipt's own total tells. Source of the names: ARTS POSLog 2.2 to 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.elements import Element, Found, elements
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sums import ZERO, NoAmount, amount, cents, spread, untaxed, without_tax
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
_GRAND = "TransactionGrandAmount"
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


@dataclass(slots=True)
class _Line:
    """One line of goods."""

    item: Element
    goods: Element
    voided: bool
    paid: Decimal | None = None
    wrong: str | None = None


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
    lines = _lines(retail)
    trouble = _settle(retail, [line for line in lines if not line.voided], till)
    if trouble:
        yield Broken(trouble, first(_key(whole, found.header)) or "", number)
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


def _lines(retail: Element) -> list[_Line]:
    found = []
    for item in retail.all("LineItem"):
        goods = next(iter(item.all(*_GOODS)), None)
        if goods is not None:
            line = _Line(item, goods, item.flag("VoidFlag", "CancelFlag"))
            try:
                line.paid = _signed(goods, amount(_extended(goods)))
            except NoAmount as exc:
                line.wrong = exc.text
            found.append(line)
    return found


def _extended(goods: Element) -> str | None:
    """What was paid for a line: the amount after all discounts of the line."""
    told = goods.text("ExtendedAmount")
    if told is not None:
        return told
    price = first(goods.text("ActualSalesUnitPrice"), goods.text("RegularSalesUnitPrice"))
    return str(amount(price) * abs(amount(goods.text("Quantity"))))


def _signed(goods: Element, value: Decimal) -> Decimal:
    """What comes back is negative, however the till writes it."""
    quantity = goods.text("Quantity") or ""
    return -abs(value) if goods.name == "Return" or quantity.startswith("-") else value


def _settle(retail: Element, lines: list[_Line], till: _Till) -> str | None:
    """Make the lines add up to the receipt's total; return why they cannot.

    Where the total is less than the lines by just what the receipt's discounts and rewards are,
    these are spread over the lines, by their amounts and to the cent.
    """
    grand = _grand(retail)
    if not till.totals or grand is None or any(line.paid is None for line in lines):
        return None
    paid = [line.paid or ZERO for line in lines]
    try:
        taxes = [_tax(line, till) for line in lines]
    except NoAmount:
        return None
    beside = sum((tax or ZERO for tax, included in taxes if not included), ZERO)
    short = sum(paid, ZERO) + beside - grand
    if abs(short) < Decimal("0.01"):
        return None
    if not lines or short not in {abs(each) for each in _discounts(retail)}:
        told = cents(sum(paid, ZERO) + beside)
        return f"adds up to {told}, and its total says {cents(grand)}"
    for line, share in zip(lines, spread(short, paid), strict=True):
        line.paid = (line.paid or ZERO) - share
    return None


def _grand(retail: Element) -> Decimal | None:
    for total in retail.all("Total"):
        if total.attributes.get("TotalType", _GRAND).rpartition(":")[2] == _GRAND:
            try:
                return amount(total.value.strip())
            except NoAmount:
                return None
    return None


def _discounts(retail: Element) -> list[Decimal]:
    """Each discount and reward of the receipt, and all of them together."""
    found = []
    for item in retail.all("LineItem"):
        if item.flag("VoidFlag", "CancelFlag"):
            continue
        for each in item.all("Discount", "LoyaltyReward"):
            told = first(each.text("ExtendedRewardAmount"), each.text("Amount"))
            try:
                found.append(abs(amount(told)))
            except NoAmount:
                continue
    return [*found, sum(found, ZERO)]


def _tax(line: _Line, till: _Till) -> tuple[Decimal | None, bool]:
    """The tax of a line, and whether the price contains it; what a till tells comes first.

    The tax is None where neither the till nor the project says anything.
    """
    taxes = [tax for tax in line.goods.all("Tax") if tax.text("Amount") or tax.text("Percent")]
    declared, paid = till.style.tax, line.paid or ZERO
    if not taxes:
        if not declared.included:
            return None, False
        return paid - untaxed(paid, Decimal(str(declared.rate or 0))), True
    flags = [tax.first("TaxableAmount") for tax in taxes]
    told = [
        each.flag("TaxIncludedInTaxableAmountFlag")
        for each in flags
        if each is not None and "TaxIncludedInTaxableAmountFlag" in each.attributes
    ]
    included = any(told) if told else declared.included
    total = ZERO
    for tax in taxes:
        value = tax.text("Amount")
        if value is not None:
            total += amount(value)
        else:
            rate = amount(tax.text("Percent")) / 100
            total += abs(paid) - untaxed(abs(paid), rate) if included else abs(paid) * rate
    return (-abs(total) if paid < 0 else abs(total), included)


def _values(
    line: _Line, whole: Element, header: dict[str, str], till: _Till
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
        "line_no": first(line.item.text("SequenceNumber"), goods.text("SequenceNumber")),
        "handover": _GOODS[goods.name],
        "product_id": first(names.pop(till.product), *names.values()),
        "quantity": quantity or ("-1" if goods.name == "Return" else "1"),
        "returns_sale_id": _key(link, _place(whole, header)) if link is not None else None,
        "associate_id": first(goods.text("Associate", "AssociateID"), whole.text("OperatorID")),
        **_sums(line, till),
    }


def _sums(line: _Line, till: _Till) -> dict[str, str | None]:
    if line.paid is None:
        return {"net": line.wrong}
    try:
        tax, included = _tax(line, till)
        gross = _list_price(line.goods, line.paid)
    except NoAmount as exc:
        return {"net": cents(line.paid), "vat": exc.text}
    found = without_tax(gross, line.paid, tax, included=included)
    return {name: None if value is None else cents(value) for name, value in found.items()}


def _list_price(goods: Element, paid: Decimal) -> Decimal | None:
    price, quantity = goods.text("RegularSalesUnitPrice"), goods.text("Quantity") or "1"
    if price is None:
        return None
    gross = abs(amount(price) * amount(quantity))
    return -gross if paid < 0 else gross


def _shared(
    whole: Element, retail: Element, header: dict[str, str], till: _Till
) -> dict[str, str | None]:
    customer = retail.first("Customer") or whole.first("Customer") or Element("Customer")
    card = next((each.value for each in retail.below(*_CARDS) if _named(each.value)), None)
    return {
        "sale_id": _key(whole, header),
        "sold_at": first(
            whole.text("EndDateTime"),
            retail.text("ReceiptDateTime"),
            whole.text("BeginDateTime"),
            whole.text("POSLogDateTime"),
        ),
        "channel": "store",
        "store_id": _store(whole) or _store_of(header),
        "record_id": _named(customer.text("CustomerID")),
        "loyalty_card": _named(card),
        "email": _named(next((e.value for e in customer.below("EMailAddress", "eMail")), None)),
        "phone": _named(next((e.value for e in customer.below("FullTelephoneNumber")), None)),
        "currency": first(
            whole.text("CurrencyCode"), retail.text("CurrencyCode"), till.style.currency
        ),
    }


def _named(value: str | None) -> str | None:
    """A key of somebody: tills write nought, or nothing at all, for nobody."""
    bare = (value or "").strip()
    return bare if bare.strip("0 ") else None


def _store(whole: Element) -> str | None:
    return first(whole.text("RetailStoreID"), whole.text("BusinessUnit", "UnitID"))


def _store_of(header: dict[str, str]) -> str | None:
    return first(header.get("RetailStoreID"), header.get("UnitID"))


def _place(whole: Element, header: dict[str, str]) -> dict[str, str]:
    """Where and when a receipt was printed, for links that leave it out."""
    names = {
        "RetailStoreID": _store(whole),
        "WorkstationID": whole.text("WorkstationID"),
        "BusinessDayDate": whole.text("BusinessDayDate"),
    }
    return header | {name: value for name, value in names.items() if value}


def _key(whole: Element, header: dict[str, str]) -> str | None:
    """A receipt's key: sequence numbers begin anew in every till, and in time on every till."""
    parts = (
        _store(whole) or _store_of(header),
        first(whole.text("BusinessDayDate"), header.get("BusinessDayDate")),
        first(whole.text("WorkstationID"), header.get("WorkstationID")),
        whole.text("SequenceNumber"),
    )
    return "-".join(part for part in parts if part) if all(parts) else None


POSLOG = Connector(NAME, _make, keys=("product", "totals"))
