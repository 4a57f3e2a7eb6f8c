"""Codes of the world that a column may hold: countries, currencies, time zones."""

from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import list_currencies

#: Two letters that stand for a union, a test or nothing, but for no country (CLDR).
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def countries() -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 codes, as CLDR knows them."""
    codes = map(str, Locale("en").territories)
    return tuple(sorted(code for code in codes if code.isalpha() and code not in _NO_COUNTRY))


@cache
def currencies() -> tuple[str, ...]:
    """ISO 4217 codes, those no longer in use included: history was paid in them."""
    return tuple(sorted(list_currencies()))


@cache
def zones() -> tuple[str, ...]:
    """IANA time zones."""
    return tuple(sorted(available_timezones()))
