"""What the lines of a till's receipt come to: discounts, tax, and the total that they must meet.

Tills agree neither on whether `ExtendedAmount` holds the discounts of the receipt (Wincor Nixdorf
has them in it, NCR beside it), nor on whether it holds the tax, nor on what
`TaxIncludedInTaxableAmountFlag` is said of. The receipt's own total decides all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tuttuno.intake.elements import Element
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first
from tuttuno.intake.sums import ZERO, NoAmount, amount, cents, spread, untaxed, without_tax

_GRAND, _TAX, _ROUNDING = "TransactionGrandAmount", "TransactionTaxAmount", "RoundingAmount"
_CENT = Decimal("0.01")


@dataclass(slots=True)
class Line:
    """One line of goods.

    Attributes:
        item: The `LineItem`.
        goods: What is in it: a sale or a return.
        voided: True where it was taken back while the receipt was open.
        paid: After discounts; None: it is no amount, and `wrong` is what it says.
        wrong: What stands where the amount should be.
        included: True where `paid` holds the tax that is told.
        share: Its part of the tax that only the receipt tells; None: no such part.
    """

    item: Element
    goods: Element
    voided: bool
    paid: Decimal | None = None
    wrong: str | None = None
    included: bool = False
    share: Decimal | None = None


def lines_of(retail: Element, kinds: Sequence[str]) -> list[Line]:
    """Return the lines of goods of a receipt, with what was paid for each.

    Some tills void a line by a second one that names it; then both are void.
    """
    found = []
    for item in retail.all("LineItem"):
        goods = next(iter(item.all(*kinds)), None)
        if goods is not None:
            line = Line(item, goods, item.flag("VoidFlag", "CancelFlag", "DeleteFlag"))
            try:
                line.paid = _signed(goods, amount(_extended(goods)))
            except NoAmount as exc:
                line.wrong = exc.text
            found.append(line)
    for void in [line for line in found if line.voided]:
        named = void.goods.text("ItemLink")
        for line in found:
            if named and number_of(line) == named and _is_same(line, void):
                line.voided = True
    return found


def number_of(line: Line) -> str | None:
    """Return the number of a line on its receipt."""
    return first(line.item.text("SequenceNumber"), line.goods.text("SequenceNumber"))


def settle(retail: Element, lines: Sequence[Line], style: Style, *, totals: bool) -> str | None:
    """Make the lines of a receipt add up to its total; return why they cannot.

    Where the total is less than the lines by just what the receipt's discounts and rewards are,
    these are spread over the lines, by their amounts and to the cent.

    Args:
        retail: The receipt.
        lines: Those of its lines that are not void.
        style: What the project says of the tax of lines that do not tell theirs.
        totals: False where a receipt need not add up.
    """
    for line in lines:
        line.included = _says_included(line, style)
    grand = _total(retail, _GRAND, unnamed=True)
    if not totals or grand is None or any(line.paid is None for line in lines):
        return None
    told = _told_tax(retail, lines, style)
    _share(told, lines)
    guesses = [line.included for line in lines]
    ways = (guesses, [True] * len(lines), [False] * len(lines))
    try:
        shorts = [_short(lines, way, grand, style) for way in ways]
    except NoAmount:
        return None
    meant = {ZERO, abs(_total(retail, _ROUNDING) or ZERO)}
    for way, short in zip(ways, shorts, strict=True):
        if any(abs(abs(short) - each) < _CENT for each in meant):
            _choose(lines, way)
            return None
    taken_off = {abs(each) for each in _discounts(retail)} if lines else set()
    for way, short in zip(ways, shorts, strict=True):
        if short in taken_off:
            paid = [line.paid or ZERO for line in lines]
            for line, part in zip(lines, spread(short, paid), strict=True):
                line.paid = (line.paid or ZERO) - part
            _share(told, lines)
            _choose(lines, way)
            return None
    return f"adds up to {cents(shorts[0] + grand)}, and its total says {cents(grand)}"


def sums_of(line: Line, style: Style) -> dict[str, str | None]:
    """Return the amounts of a line by their column."""
    if line.paid is None:
        return {"net": line.wrong}
    try:
        tax = _tax(line, style)
        gross = _list_price(line.goods, line.paid)
    except NoAmount as exc:
        return {"net": cents(line.paid), "vat": exc.text}
    included = line.included and tax is not None
    found = without_tax(gross, line.paid, tax, included=included)
    return {name: None if value is None else cents(value) for name, value in found.items()}


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


def _is_same(line: Line, void: Line) -> bool:
    """True for a line of the same article and amount; a bottle's deposit names its bottle, too."""
    articles = [
        first(each.goods.text("ItemID"), each.goods.text("POSIdentity", "POSItemID"))
        for each in (line, void)
    ]
    return articles[0] == articles[1] and abs(line.paid or ZERO) == abs(void.paid or ZERO)


def _choose(lines: Sequence[Line], way: Sequence[bool]) -> None:
    for line, included in zip(lines, way, strict=True):
        if line.share is not None or _taxes(line):
            line.included = included


def _short(lines: Sequence[Line], way: Sequence[bool], grand: Decimal, style: Style) -> Decimal:
    """By how much the lines exceed the total, with told tax inside or beside as `way` says."""
    _choose(lines, way)
    beside = (_tax(line, style) or ZERO for line in lines if not line.included)
    return sum((line.paid or ZERO for line in lines), ZERO) + sum(beside, ZERO) - grand


def _total(retail: Element, name: str, *, unnamed: bool = False) -> Decimal | None:
    for total in retail.all("Total"):
        if total.attributes.get("TotalType", name if unnamed else "").rpartition(":")[2] == name:
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


def _told_tax(retail: Element, lines: Sequence[Line], style: Style) -> Decimal | None:
    """The tax that only the receipt as a whole tells; None: its lines do, or nobody does.

    Nought says nothing where the project knows better: tills write it for what they do not know.
    """
    if any(_taxes(line) for line in lines):
        return None
    told = _total(retail, _TAX)
    if told is None:
        parts = [each.text("Amount") for item in retail.all("LineItem") for each in item.all("Tax")]
        try:
            told = sum((amount(each) for each in parts), ZERO) if parts else None
        except NoAmount:
            return None
    return told if told or not style.tax.included else None


def _share(told: Decimal | None, lines: Sequence[Line]) -> None:
    """Spread the receipt's tax over its lines; an exchange of equals has nothing to go by."""
    paid = [line.paid or ZERO for line in lines]
    if told is not None and sum(paid, ZERO):
        for line, part in zip(lines, spread(told, paid), strict=True):
            line.share = part


def _taxes(line: Line) -> list[Element]:
    return [tax for tax in line.goods.all("Tax") if tax.text("Amount") or tax.text("Percent")]


def _says_included(line: Line, style: Style) -> bool:
    """Whether a price contains its tax, as far as the line says; else as the project does."""
    taxes = _taxes(line)
    priced = (line.goods.text("TaxIncludedInPriceFlag") or "").lower()
    if priced and taxes:
        return priced in {"true", "1"}
    flags = [
        each.flag("TaxIncludedInTaxableAmountFlag")
        for each in (tax.first("TaxableAmount") for tax in taxes)
        if each is not None and "TaxIncludedInTaxableAmountFlag" in each.attributes
    ]
    return any(flags) if flags else style.tax.included


def _tax(line: Line, style: Style) -> Decimal | None:
    """The tax of a line; what a till tells comes first. None: nobody says anything."""
    taxes, paid = _taxes(line), line.paid or ZERO
    if line.share is not None:
        return line.share
    if not taxes:
        if not style.tax.included:
            return None
        return paid - untaxed(paid, Decimal(str(style.tax.rate or 0)))
    total = ZERO
    for tax in taxes:
        value = tax.text("Amount")
        if value is not None:
            total += amount(value)
        else:
            rate = amount(tax.text("Percent")) / 100
            total += abs(paid) - untaxed(abs(paid), rate) if line.included else abs(paid) * rate
    return -abs(total) if paid < 0 else abs(total)


def _list_price(goods: Element, paid: Decimal) -> Decimal | None:
    price, quantity = goods.text("RegularSalesUnitPrice"), goods.text("Quantity") or "1"
    if price is None:
        return None
    gross = abs(amount(price) * amount(quantity))
    return -gross if paid < 0 else gross
