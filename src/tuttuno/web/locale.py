"""Italian and English: which one a reader wants, and how numbers, days and money are written.

The catalogue of each language is an ordinary gettext file, read once when the app starts,
so a translator edits one text file and there is nothing to compile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

#: In the order in which the switch offers them; the first is the answer to an unknown wish.
LANGUAGES = ("en", "it")

_LOCALES = {"en": Locale.parse("en_GB"), "it": Locale.parse("it_IT")}

_UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class Speech:
    """How one reader is spoken to. A value of None is written as a dash: it is unknown.

    Attributes:
        currency: Of amounts that do not say theirs.
        places: Names of stores by their ids, as the release knows them.
    """

    language: str
    zone: tzinfo
    catalogue: NullTranslations
    currency: str = "EUR"
    places: Mapping[str, str] = field(default_factory=dict)

    def say(self, text: str, **values: object) -> str:
        """Return the text in this language with the values put in."""
        said = self.catalogue.gettext(text)
        return said % values if values else said

    def many(self, one: str, more: str, count: int, **values: object) -> str:
        """Return the singular or the plural; `%(count)s` is the formatted count."""
        said = self.catalogue.ngettext(one, more, count)
        return said % {"count": self.number(count), **values}

    def number(self, value: float | None, digits: int = 0) -> str:
        """Write a count, or a figure with `digits` decimals."""
        if value is None:
            return _UNKNOWN
        pattern = "#,##0" if not digits else "#,##0." + "0" * digits
        return _minus(numbers.format_decimal(value, pattern, locale=self._locale))

    def figure(self, value: float) -> str:
        """Write a number with the decimals that it has, three at most."""
        return numbers.format_decimal(value, "#,##0.###", locale=self._locale)

    def percent(self, share: float | None, digits: int = 1, *, even: bool = False) -> str:
        """Write a share of 1 as a percentage with one decimal at most; `even` with just one.

        A share that would round to 0.0 without being nothing gets a second decimal.
        """
        if share is None:
            return _UNKNOWN
        pattern = ("#,##0.0" if even else "#,##0.#") if digits else "#,##0"
        if digits and 0.00005 <= abs(share) <= 0.0005:
            pattern = "#,##0.00"
        gap = "\u00a0%" if self.language == "it" else "%"
        return _minus(numbers.format_decimal(share * 100, pattern, locale=self._locale)) + gap

    def money(self, amount: float | None, currency: str = "", *, cents: bool = False) -> str:
        """Write an amount; whole units unless `cents`."""
        if amount is None:
            return _UNKNOWN
        pattern = "¤#,##0" if self.language == "en" else "#,##0\u00a0¤"
        if cents:
            pattern = pattern.replace("#,##0", "#,##0.00")
        return _minus(
            numbers.format_currency(
                amount,
                currency or self.currency,
                pattern,
                locale=self._locale,
                currency_digits=False,
            )
        )

    def short(self, value: float | None, currency: str = "") -> str:
        """Write millions in few letters, 1.2M or 1,2 Mln; what is smaller in full."""
        if value is None:
            return _UNKNOWN
        if abs(value) < 1e6:
            return self.money(value, currency) if currency else self.number(value)
        if currency:
            return numbers.format_compact_currency(
                value, currency, fraction_digits=1, locale=self._locale
            )
        return numbers.format_compact_decimal(value, fraction_digits=1, locale=self._locale)

    def signed(self, share: float | None) -> str:
        """Write a change as a percentage with its sign."""
        if share is None or not share:
            return self.percent(share)
        return f"+{self.percent(share)}" if share > 0 else self.percent(share)

    def place(self, store_id: str) -> str:
        """Name a store; one that the release does not know keeps its id."""
        return self.places.get(store_id, store_id)

    def day(self, day: date | None, *, year: bool = True) -> str:
        """Write a day as people say it, e.g. 3 Mar 2026; without the year under its heading."""
        if day is None:
            return _UNKNOWN
        return dates.format_date(day, "d MMM y" if year else "d MMM", locale=self._locale)

    def tongue(self, code: str) -> str:
        """Name a language by its BCP 47 code; one that is not known keeps its code."""
        try:
            known = Locale.parse(code, sep="-").get_display_name(self._locale)
        except (ValueError, UnknownLocaleError):
            known = None
        return known or code

    def month(self, month: str | None) -> str:
        """Write a `YYYY-MM` as a short month and year; what is no month stays as it is."""
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            return month or _UNKNOWN
        return dates.format_date(first, "MMM yy", locale=self._locale)

    def moment(self, at: datetime | None) -> str:
        """Write a moment in the stores' own time; a naive one is UTC."""
        if at is None:
            return _UNKNOWN
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return dates.format_datetime(
            aware.astimezone(self.zone), "d MMM y, HH:mm", locale=self._locale
        )

    def fraction(self, share: float) -> str:
        """Say a share as a fraction of everyday speech, or as a percentage.

        Within 0.015 of the fraction: 0.335 is "a third", 0.30 is "30 %". Italian puts the
        article in front of a percentage.
        """
        spoken: Mapping[float, str] = {
            1 / 10: self.say("a tenth"),
            1 / 5: self.say("a fifth"),
            1 / 4: self.say("a quarter"),
            1 / 3: self.say("a third"),
            1 / 2: self.say("half"),
            2 / 3: self.say("two thirds"),
            3 / 4: self.say("three quarters"),
        }
        near = min(spoken, key=lambda exact: abs(exact - share))
        if abs(near - share) < 0.015:
            return spoken[near]
        written = self.percent(share, 0)
        return _with_article(written) if self.language == "it" else written

    @property
    def _locale(self) -> Locale:
        return _LOCALES[self.language]


def speeches(zone: str = "Europe/Rome", currency: str = "EUR") -> dict[str, Speech]:
    """Read every catalogue and return one speech a language."""
    where = ZoneInfo(zone)
    return {name: Speech(name, where, _catalogue(name), currency) for name in LANGUAGES}


def _minus(figure: str) -> str:
    """Write a minus as wide as a digit, not a hyphen."""
    return figure.replace("-", "\u2212", 1) if figure.startswith("-") else figure


def _with_article(percentage: str) -> str:
    """Put the Italian article that the number asks for when it is read aloud.

    >>> [_with_article(text) for text in ("65 %", "81 %", "11 %", "1 %", "0 %")]
    ['il 65 %', 'l’81 %', 'l’11 %', 'l’1 %', 'lo 0 %']
    """
    figure = percentage.replace("\u00a0", " ").partition(" ")[0]
    if figure == "0":
        return f"lo {percentage}"
    elides = figure.startswith("8") or figure in {"1", "11"}
    return f"l\u2019{percentage}" if elides else f"il {percentage}"


def _catalogue(language: str) -> NullTranslations:
    source = resources.files("tuttuno.web") / "locales" / f"{language}.po"
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)
