"""How a picture is put into words: the pages bring a language, a terminal speaks plainly."""

from typing import Protocol


def _(text: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


class Voice(Protocol):
    """Words and number formats of one language; None is unknown and becomes a dash."""

    @property
    def currency(self) -> str:
        """The currency of amounts that do not say theirs, ISO 4217."""
        ...

    def say(self, text: str, **values: object) -> str:
        """Return the text with the values put in."""
        ...

    def number(self, value: float | None, digits: int = 0) -> str:
        """Write a figure."""
        ...

    def percent(self, share: float | None, digits: int = 1, *, even: bool = False) -> str:
        """Write a share of 1 as a percentage; `even` keeps a last zero, as columns need."""
        ...

    def money(self, amount: float | None, currency: str = "", *, cents: bool = False) -> str:
        """Write an amount; whole units unless `cents`."""
        ...

    def short(self, value: float | None, currency: str = "") -> str:
        """Write a large figure briefly."""
        ...

    def month(self, month: str | None) -> str:
        """Write a `YYYY-MM`."""
        ...

    def place(self, store_id: str) -> str:
        """Name a store."""
        ...


class PlainVoice:
    """English, without any catalogue; amounts are in euro unless they say otherwise.

    >>> PlainVoice().short(1_234_567, "EUR")
    'EUR 1.2M'
    >>> PlainVoice().percent(None)
    '—'
    """

    currency = "EUR"

    def say(self, text: str, **values: object) -> str:
        """Return the text with the values put in."""
        return text % values if values else text

    def number(self, value: float | None, digits: int = 0) -> str:
        """Write a figure."""
        return "—" if value is None else f"{value:,.{digits}f}"

    def percent(self, share: float | None, digits: int = 1, *, even: bool = True) -> str:  # noqa: ARG002 - always even
        """Write a share of 1 as a percentage."""
        return "—" if share is None else f"{share * 100:.{digits}f}%"

    def money(self, amount: float | None, currency: str = "", *, cents: bool = False) -> str:
        """Write an amount; whole units unless `cents`."""
        if amount is None:
            return "—"
        return (
            f"{currency or self.currency} {amount:,.2f}"
            if cents
            else (f"{currency or self.currency} {amount:,.0f}")
        )

    def short(self, value: float | None, currency: str = "") -> str:
        """Write a large figure briefly."""
        if value is None:
            return "—"
        size, unit = next(
            ((s, u) for s, u in ((1e9, "bn"), (1e6, "M"), (1e3, "k")) if abs(value) >= s),
            (1.0, ""),
        )
        written = f"{value / size:.1f}{unit}" if unit else f"{value:.0f}"
        return f"{currency} {written}".strip()

    def month(self, month: str | None) -> str:
        """Write a `YYYY-MM`."""
        return month or "—"

    def place(self, store_id: str) -> str:
        """Name a store by its id."""
        return store_id
