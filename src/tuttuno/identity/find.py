"""Finding persons by what stands on a receipt or is said on the phone."""

import re
from collections.abc import Iterator

import pyarrow as pa

from tuttuno.identity import checkdigit
from tuttuno.schema.keyed import record_key, value_key
from tuttuno.schema.normal import normalise
from tuttuno.vault import persons
from tuttuno.vault.persons import NoSuchPerson
from tuttuno.vault.vault import Connection
from tuttuno.vocab import IdentifierType

#: What a typed text may be, in the order in which it is tried.
KINDS = (
    IdentifierType.EMAIL,
    IdentifierType.PHONE,
    IdentifierType.LOYALTY_CARD,
    IdentifierType.TAX_CODE,
    IdentifierType.SOCIAL_HANDLE,
)

_PLAIN_ID = re.compile(r"\d{1,18}")
_RECORD_KEY = re.compile(r"[0-9a-f]{32}")


def find_persons(con: Connection, text: str, *, key: bytes, country: str = "IT") -> list[int]:
    """Return the ids of the persons that a text leads to, smallest first; none when nobody.

    The text is a person id (as shown, or the bare number), an e-mail, phone, card number, tax
    code or `network:handle`; else a `record_key`, or `source:key` with the key under which a
    source knows her. A former id leads to who she is now. A bare number that somebody has as
    card or phone means that card or phone.

    Raises:
        WrongCheckDigit: It looks like a person id and its last digit does not fit.
    """
    shown = checkdigit.read(text)
    if shown is not None:
        return _by_id(con, shown)
    for value in meant_by(text, key=key, country=country):
        found = persons.persons_by_value_key(con, value)
        if found:
            return found
    plain = plain_id(text)
    return _by_record(con, text.strip(), key) if plain is None else _by_id(con, plain)


def meant_by(text: str, *, key: bytes, country: str = "IT") -> Iterator[str]:
    """Yield the keys of the identifiers that a typed text may be, the likeliest first."""
    for kind in KINDS:
        value = normalise(kind, text, country=country)
        if value is not None:
            yield value_key(key, kind, value)
        if value is not None and kind is IdentifierType.EMAIL:
            return  # what is an address can be nothing else, and to ask costs as much as to look up


def plain_id(text: str) -> int | None:
    """Return the person id that a bare number may be; None where the text is something else.

    >>> plain_id(" 572 "), plain_id("P-000572-4")
    (572, None)
    """
    plain = _PLAIN_ID.fullmatch(text.strip())
    return int(plain[0]) if plain else None


def _by_id(con: Connection, person_id: int) -> list[int]:
    try:
        return [persons.resolve_person_id(con, person_id)]
    except NoSuchPerson:
        return []


def _by_record(con: Connection, text: str, key: bytes) -> list[int]:
    source, colon, own = text.partition(":")
    if not (colon or _RECORD_KEY.fullmatch(text)):
        return []
    asked = record_key(key, source, own) if colon else text
    held = persons.persons_of_records(con, pa.array([asked]))
    return [int(one) for one in held.column("person_id").to_pylist()]
