"""Tryton: the CSV exports of its tills, counter sales and parties.

A ticket of a till (`sale.point.sale`) has no customer and prices with tax; a sale at the counter
(`sale.sale`) has a party, and prices without. The exports of one folder complete each other: lines
take the head of their sale, parties their contacts, addresses and cards. Which export a file is,
its columns tell; only those that complete others are held in memory.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from tuttuno.errors import BadInput
from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sums import ZERO, NoAmount, amount, cents, spread, untaxed, without_tax
from tuttuno.schema.exchange import PEOPLE, SALES
from tuttuno.vocab import Channel

NAME = "tryton"

#: Why something is no record of ours.
COMPANION = "a row that completes those of another file"
OPEN = "a sale that was not made"
REFUSALS = (COMPANION, OPEN)

SALE = (
    "sale_id", "line_no", "sold_at", "channel", "store_id", "record_id", "product_id", "quantity",
    "gross", "discount", "net", "vat", "currency", "updated_at",
)  # fmt: skip
PERSON = (
    "record_id", "email", "phone", "given_name", "family_name", "address", "postal_code", "city",
    "country", "loyalty_card", "tax_code", "created_at", "updated_at",
)  # fmt: skip

#: Exports by the columns that only they have, the most telling first.
_TICKETS = frozenset({"Sale/Number", "Sale/Point/Name", "Sale/Total", "Amount"})
_LINES = frozenset({"Sale/Number", "Product/Code", "Quantity", "Amount"})
_HEADS = frozenset({"Number", "Party/Code", "State", "Total", "Tax"})
_CONTACTS = frozenset({"Party/Code", "Type", "Value"})
_IDENTIFIERS = frozenset({"Party/Code", "Type", "Code"})
_ADDRESSES = frozenset({"Party/Code", "Street"})
_PAYMENTS = frozenset({"Sale/Number", "Method/Name", "Amount"})
_PARTIES = frozenset({"Code", "Name", "Active"})
_KINDS = (_TICKETS, _LINES, _HEADS, _CONTACTS, _IDENTIFIERS, _ADDRESSES, _PAYMENTS, _PARTIES)

_MADE = frozenset({"posted", "confirmed", "processing", "done"})
_UNDONE = frozenset({"cancelled", "canceled", "cancel"})
_PHONES = ("mobile", "phone")
_TAX_CODES = frozenset({"it_codicefiscale", "it_cf", "it_iva"})

#: Lines of one sale at most.
_MOST_LINES = 10_000

_Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a file, with its number below the header."""

    number: int
    cells: _Cells

    def text(self, name: str) -> str | None:
        return self.cells.get(name, "").strip() or None


@dataclass(frozen=True, slots=True)
class _Shop:
    """What a project says about its Tryton.

    Attributes:
        style: Currency, and the tax in the prices of the tills.
        channel: Where sales of the counter are decided and paid.
        cards: Types of identifiers that are loyalty cards.
    """

    style: Style
    channel: str
    cards: tuple[str, ...]


def _make(section: Section, style: Style, codes: Codes) -> Made:
    channel = section.text("sales_channel", Channel.STORE.value)
    if channel not in set(Channel):
        hint = f"known: {', '.join(Channel)}"
        raise BadMapping(section.at("sales_channel"), f"cannot be {channel!r}", hint=hint)
    cards = section.texts("cards") if "cards" in section.values else ("",)
    shop = _Shop(style, channel, cards)
    return Made(
        files=(
            sheet(SALES, SALE, style, codes, REFUSALS),
            sheet(PEOPLE, PERSON, style, codes, REFUSALS),
        ),
        documents=Documents(partial(_read, shop=shop), endings=(".csv",)),
    )


def _read(path: Path, _folder: Path, *, shop: _Shop) -> Iterator[Row | Broken]:
    kind = _kind(path)
    if kind is _TICKETS:
        yield from _sales(path, shop, heads=None)
    elif kind is _LINES:
        yield from _sales(path, shop, heads=_by(path, _HEADS, "Number"))
    elif kind is _PARTIES:
        yield from _people(path, shop)
    elif kind is not None:
        table = SALES if kind in (_HEADS, _PAYMENTS) else PEOPLE
        for line in _lines(path):
            yield line if isinstance(line, Broken) else Row(table.name, {}, line.number, COMPANION)
    else:
        hint = "known: tickets, lines and heads of sales, parties, contacts, addresses, identifiers"
        raise BadInput(f"the columns of {path} are of no export that is known", hint=hint)


def _kind(path: Path) -> frozenset[str] | None:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        try:
            held = {name.strip() for name in next(csv.reader(file), [])}
        except csv.Error as error:
            raise BadInput(f"the header of {path} cannot be read: {error}") from error
    return next((kind for kind in _KINDS if kind <= held), None)


def _lines(path: Path) -> Iterator[_Line | Broken]:
    """The rows of a file; where it cannot be read any further, that is the last of it."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file, strict=True)
        number = 0
        try:
            header = [name.strip() for name in next(rows)]
            for number, row in enumerate(rows, 1):
                if not row:
                    continue
                trouble = _trouble(row, header)
                cells = dict(zip(header, row, strict=False))
                yield Broken(trouble, _shown(row), number) if trouble else _Line(number, cells)
        except csv.Error as error:
            yield Broken(f"cannot be read any further: {error}", "", number + 1)


def _trouble(row: list[str], header: list[str]) -> str:
    if len(row) != len(header):
        return f"has {len(row)} columns, not {len(header)}"
    text = "".join(row)
    if "\0" in text:
        return "has the sign NUL"
    return "" if text.isascii() or _is_text(text) else "is not UTF-8"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(row: list[str]) -> str:
    text = ",".join(row)[:4_000].replace("\0", "\ufffd")
    return text.encode(errors="replace").decode()


def _by(path: Path, kind: frozenset[str], key: str) -> dict[str, list[_Line]]:
    """The rows of an export that lies beside a file, by one of their columns."""
    beside = [each for each in sorted(path.parent.glob("*.csv")) if _kind(each) is kind]
    if not beside and kind is _HEADS:
        hint = f"put the export with {', '.join(sorted(kind))} beside it, not packed"
        raise BadInput(f"{path} has lines without the heads of their sales", hint=hint)
    found: dict[str, list[_Line]] = defaultdict(list)
    for file in beside:
        for line in _lines(file):
            if isinstance(line, _Line):
                found[line.text(key) or ""].append(line)
    return found


def _sales(
    path: Path, shop: _Shop, *, heads: Mapping[str, list[_Line]] | None
) -> Iterator[Row | Broken]:
    for group in _together(_lines(path)):
        lines = [line for line in group if isinstance(line, _Line)]
        yield from (line for line in group if isinstance(line, Broken))
        if lines:
            number = lines[0].text("Sale/Number")
            head = lines[0] if heads is None else next(iter(heads.get(number or "", [])), None)
            yield from _sale(number, lines, head, shop, counter=heads is not None)


def _together(lines: Iterator[_Line | Broken]) -> Iterator[list[_Line | Broken]]:
    """Lines of one sale that follow each other; one too long is cut, and does not add up then."""
    group: list[_Line | Broken] = []
    number: str | None = None
    for line in lines:
        own = number if isinstance(line, Broken) else line.text("Sale/Number")
        if group and (own != number or len(group) == _MOST_LINES):
            yield group
            group = []
        number = own
        group.append(line)
    if group:
        yield group


def _sale(
    number: str | None, lines: list[_Line], head: _Line | None, shop: _Shop, *, counter: bool
) -> Iterator[Row | Broken]:
    if head is None:
        for line in lines:
            yield Broken(f"is of the sale {number}, whose head is not there", "", line.number)
        return
    before = "" if counter else "Sale/"
    state = (head.text(f"{before}State") or "").lower()
    if state not in _MADE | _UNDONE:
        yield from (Row(SALES.name, {}, line.number, OPEN) for line in lines)
        return
    sums = _counter_sums(lines, head) if counter else _ticket_sums(lines, head, shop)
    if isinstance(sums, str):
        yield from (Broken(f"is of the sale {number}, which {sums}", "", n.number) for n in lines)
        return
    edited = first(head.text(f"{before}Edited at"), head.text(f"{before}Created at"))
    day = head.text("Sale Date" if counter else "Sale/Date")
    shared = {
        "sale_id": number,
        "sold_at": edited if edited and day and edited.startswith(day) else first(day, edited),
        "channel": shop.channel if counter else Channel.STORE.value,
        "store_id": head.text("Description" if counter else "Sale/Point/Name"),
        "record_id": head.text("Party/Code") if counter else None,
        "currency": first(head.text(f"{before}Currency/Code"), shop.style.currency),
        "updated_at": edited,
    }
    for place, (line, values) in enumerate(zip(lines, sums, strict=True), 1):
        told = {"line_no": str(place), "product_id": line.text("Product/Code")}
        told["quantity"] = "0" if state in _UNDONE else line.text("Quantity")
        nothing = dict.fromkeys(values, "0.00") if state in _UNDONE else values
        yield Row(SALES.name, {**shared, **told, **nothing}, line.number)


_Sums = list[dict[str, str | None]]


def _ticket_sums(lines: list[_Line], head: _Line, shop: _Shop) -> _Sums | str:
    """Amounts of a ticket: with tax, and together its total; a text says why they are not."""
    try:
        paid = [amount(line.text("Amount")) for line in lines]
        total = amount(head.text("Sale/Total"))
    except NoAmount:
        return [{"net": line.text("Amount")} for line in lines]
    told = head.text("Sale/Total Tax")
    if told is not None:
        return _taxed_sums(lines, paid, total, told)
    if sum(paid, ZERO) != total:
        return f"adds up to {cents(sum(paid, ZERO))}, and its total says {cents(total)}"
    tax = shop.style.tax
    if not tax.included:
        # The prices of a till contain tax; how much, nobody has said.
        return [{"net": None} for _ in lines]
    rate = Decimal(str(tax.rate or 0))
    taxes = [each - untaxed(each, rate) for each in paid]
    return [_written(each, part, included=True) for each, part in zip(paid, taxes, strict=True)]


def _taxed_sums(lines: list[_Line], paid: list[Decimal], total: Decimal, told: str) -> _Sums | str:
    """Amounts of a ticket that tells its tax: its point decides whether prices contain it."""
    try:
        tax, apiece = amount(told), [_tax_apiece(line) for line in lines]
    except NoAmount:
        return [{"net": line.text("Amount")} for line in lines]
    whole = sum(paid, ZERO)
    if total not in {whole, whole + tax}:
        return f"adds up to {cents(whole)}, with tax {cents(whole + tax)}, not {cents(total)}"
    taxes = spread(tax, apiece if any(apiece) else paid)
    included = total == whole
    return [_written(each, part, included=included) for each, part in zip(paid, taxes, strict=True)]


def _tax_apiece(line: _Line) -> Decimal:
    """What a line has of the tax of its ticket, before it is rounded: rates may differ."""
    gross, net = line.text("Gross Price"), line.text("List Price")
    if gross is None or net is None:
        return ZERO
    return (amount(gross) - amount(net)) * amount(line.text("Quantity"))


def _counter_sums(lines: list[_Line], head: _Line) -> _Sums | str:
    """Amounts of a sale at the counter: without tax, which its head tells for all of them."""
    try:
        paid = [amount(line.text("Amount")) for line in lines]
        tax, total = amount(head.text("Tax")), amount(head.text("Total"))
    except NoAmount:
        return [{"net": line.text("Amount")} for line in lines]
    if sum(paid, ZERO) + tax != total:
        return f"adds up to {cents(sum(paid, ZERO) + tax)}, and its total says {cents(total)}"
    taxes = spread(tax, paid)
    return [_written(each, part, included=False) for each, part in zip(paid, taxes, strict=True)]


def _written(paid: Decimal, tax: Decimal, *, included: bool) -> dict[str, str | None]:
    found = without_tax(None, paid, tax, included=included)
    return {name: None if value is None else cents(value) for name, value in found.items()}


def _people(path: Path, shop: _Shop) -> Iterator[Row | Broken]:
    contacts = _by(path, _CONTACTS, "Party/Code")
    addresses = _by(path, _ADDRESSES, "Party/Code")
    identifiers = _by(path, _IDENTIFIERS, "Party/Code")
    for line in _lines(path):
        if isinstance(line, Broken):
            yield line
            continue
        code = line.text("Code")
        key, home = code or "", next(iter(addresses.get(code or "", [])), None)
        given, family = names_of(line.text("Name"))
        values = {
            "record_id": code,
            "email": _said(contacts.get(key, []), "Value", ("email",)),
            "phone": _said(contacts.get(key, []), "Value", _PHONES),
            "given_name": given,
            "family_name": family,
            "loyalty_card": _said(identifiers.get(key, []), "Code", shop.cards),
            "tax_code": _said(identifiers.get(key, []), "Code", tuple(_TAX_CODES)),
            "created_at": line.text("Created at"),
            "updated_at": _latest(
                line,
                *(
                    each
                    for some in (contacts, addresses, identifiers)
                    for each in some.get(key, [])
                ),
            ),
        }
        if home is not None:
            values |= {
                "address": home.text("Street"),
                "postal_code": home.text("Postal Code"),
                "city": home.text("City"),
                "country": home.text("Country/Code"),
            }
        yield Row(PEOPLE.name, values, line.number)


def _latest(*lines: _Line) -> str | None:
    """When a party, or what completes it, was last changed."""
    told = [first(line.text("Edited at"), line.text("Created at")) for line in lines]
    return max((each for each in told if each), default=None)


def names_of(name: str | None) -> tuple[str | None, str | None]:
    """Take a name apart as tills write it, the family in capitals and first.

    >>> names_of("DE LUCA Sara"), names_of("Grandi Magazzini SpA")
    (('Sara', 'DE LUCA'), (None, 'Grandi Magazzini SpA'))
    """
    words = (name or "").split()
    capital = next((n for n, word in enumerate(words) if not word.isupper()), len(words))
    if not words or capital in {0, len(words)}:
        return None, name
    return " ".join(words[capital:]), " ".join(words[:capital])


def _said(lines: list[_Line], column: str, types: tuple[str, ...]) -> str | None:
    """The first value of one of some types; the order of the types decides."""
    for kind in types:
        for line in lines:
            if (line.text("Type") or "") == kind and line.text(column):
                return line.text(column)
    return None


TRYTON = Connector(NAME, _make, keys=("sales_channel", "cards"))
