"""Amounts of documents, worked out to the cent before they become rows.

What cannot be read stays as it was written, so that the rule of the column finds it and shows it.
"""

import re
from collections.abc import Callable
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
