"""Amounts of documents, worked out to the cent before they become rows.

What cannot be read stays as it was written, so that the rule of the column finds it and shows it.
"""

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal

_PLAIN = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,10})?")
_CENT = Decimal("0.01")
ZERO = Decimal(0)


class NoAmount(ValueError):
    """A text is no plain amount; `text` is None where there was nothing at all."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        super().__init__(text)


def amount(text: str | None) -> Decimal:
    """Read an amount with a decimal dot; any number of decimals up to ten.

    Raises:
        NoAmount: There is none, or it is no plain number (`1e3`, `12,50`).
    """
    bare = text.strip() if text is not None else None
    if not bare or not _PLAIN.fullmatch(bare):
        raise NoAmount(bare or None)
    return Decimal(bare)


def amount_or_zero(text: str | None) -> Decimal:
    """Read an amount that may be absent: then it is nothing.

    Raises:
        NoAmount: Something was written, and it is no plain number.
    """
    return amount(text) if text is not None and text.strip() else ZERO


def cents(value: Decimal) -> str:
    """Write an amount with two decimals, half a cent away from zero."""
    return str(value.quantize(_CENT, ROUND_HALF_UP))


def untaxed(value: Decimal, rate: Decimal) -> Decimal:
    """Take tax out of an amount: `rate` 0.22 for 22 %. Rounded to the cent.

    >>> untaxed(Decimal("59.90"), Decimal("0.22"))
    Decimal('49.10')
    """
    return (value / (1 + rate)).quantize(_CENT, ROUND_HALF_UP)


def without_tax(
    gross: Decimal | None, paid: Decimal, tax: Decimal | None, *, included: bool
) -> dict[str, Decimal | None]:
    """Split what was paid for a line into `gross`, `discount`, `net` and `vat`.

    Args:
        gross: At list price; None: unknown.
        paid: After discounts.
        tax: Of what was paid; None: unknown, and then it is not in the price.
        included: True where gross and paid contain tax; gross is freed of it in proportion.
    """
    within = included and tax is not None
    net = (paid - tax).quantize(_CENT, ROUND_HALF_UP) if within and tax is not None else paid
    share = net / paid if within and paid else Decimal(1)
    discount = None if gross is None else (gross - paid) * share
    return {
        "gross": None if discount is None else net + discount,
        "discount": discount,
        "net": net,
        "vat": paid - net if within else tax,
    }


def spread(whole: Decimal, over: Sequence[Decimal]) -> list[Decimal]:
    """Spread an amount over others in proportion, so that the cents add up to it.

    >>> [str(part) for part in spread(Decimal("1.00"), [Decimal(1), Decimal(1), Decimal(1)])]
    ['0.33', '0.34', '0.33']
    """
    total, given, reached, parts = sum(over, ZERO), ZERO, ZERO, []
    for each in over:
        reached += each
        share = reached / total if total else Decimal(1)
        part = (whole * share).quantize(_CENT, ROUND_HALF_UP) - given
        given += part
        parts.append(part)
    return parts


def worked_out(sums: Callable[[], dict[str, Decimal | None]], column: str) -> dict[str, str | None]:
    """Work amounts out, and write them.

    Args:
        sums: Gives the amounts by their column; None for an unknown one.
        column: Where a value that is no amount is shown.
    """
    try:
        found = sums()
    except NoAmount as exc:
        return {column: exc.text}
    return {name: None if value is None else cents(value) for name, value in found.items()}
