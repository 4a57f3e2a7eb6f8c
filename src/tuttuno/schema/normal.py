"""One spelling for each identifier, so that two systems that mean the same write the same.

`normalise` is the definition; `normalise_many` gives the same for millions of values.
"""

import re
import unicodedata
from collections.abc import Callable

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from email_validator import EmailNotValidError, validate_email
from stdnum.it import codicefiscale

from tuttuno.schema.placeholder import (
    SUSPECT_CODE,
    SUSPECT_MAILBOX,
    is_dummy_mailbox,
    is_dummy_number,
    is_placeholder,
)
from tuttuno.vocab import IdentifierType

#: Longer than any identifier in use; what is longer is a pasted text, not a value.
LONGEST = 255

_SEPARATORS = re.compile(r"[\s\-._/]+")
_CODE = re.compile(r"[A-Z0-9]+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_HANDLE = re.compile(r"[a-z0-9_+-]+:@*([^\s:@][^\s:]*)")
_MASKED = re.compile(r"[*•]|[Xx]{4}")
_CODICE_FISCALE = re.compile(r"[A-Z]{6}[0-9A-Z]{2}[A-Z][0-9A-Z]{2}[A-Z][0-9A-Z]{3}[A-Z]")

# The plain Italian number, which needs no numbering plan of the world to be read.
_PLAIN_PHONE = r"^ *[+0-9][0-9 .\-]{4,28}[0-9] *$"
_ITALIAN = r"^(?:\+39|0039)?(?P<national>3[0-9]{8,9}|0[1-9][0-9]{5,9})$"
_DUMMY_PHONE = "(?:" + "|".join(f"{digit}{{7}}" for digit in range(10)) + ")$|123456789|987654321"
_PLAIN_PHONE_PATTERN, _ITALIAN_PATTERN = re.compile(_PLAIN_PHONE), re.compile(_ITALIAN)
_NO_SIGNS = str.maketrans("", "", " .-")
_DUMMY_PHONE_PATTERN = re.compile(_DUMMY_PHONE)

# The plain address in ASCII. A label with two hyphens may be Punycode, and `.local` and its
# like are reserved: those are left to the validator.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN_EMAIL = rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z]{{2,63}}$"
_PLAIN_EMAIL_PATTERN = re.compile(_PLAIN_EMAIL)
_PLAIN_TEXT = r"^[!-~](?:[ -~]{0,253}[!-~])?$"
_PLAIN_CODE = r"^[0-9A-Z]{5,255}$"
_SPECIAL_EMAIL = r"@.*--|[@.](?:arpa|invalid|local|localhost|onion)$|^[^@]{65,}@|^.{200,}$"
_SPECIAL_EMAIL_PATTERN = re.compile(_SPECIAL_EMAIL)

# What is its own spelling, and what must be looked at all the same.
_PLAIN: dict[IdentifierType, tuple[str, str]] = {
    IdentifierType.LOYALTY_CARD: (_PLAIN_CODE, "^$"),
    IdentifierType.ACCOUNT: (_PLAIN_TEXT, "^$"),
    IdentifierType.PAYMENT_TOKEN: (_PLAIN_TEXT, r"\*|[Xx]{4}|^[0-9]{0,4}$"),
    IdentifierType.DEVICE: (_PLAIN_TEXT, r"^[0-9a-f-]*[A-F][0-9A-Fa-f-]*$"),
}


def normalise(kind: IdentifierType, raw: str | None, *, country: str = "IT") -> str | None:
    """Bring one identifier to its one spelling; None when it cannot be compared.

    None for a missing value, a placeholder (`undefined`, `test@test.it`, `0000000000`) and
    for what cannot be such an identifier at all. Normalising twice changes nothing.

    Args:
        kind: What the value claims to be.
        raw: As the source wrote it.
        country: ISO 3166-1 alpha-2, of the record or the store; decides what a national phone
            number or tax code means.

    >>> normalise(IdentifierType.EMAIL, "  Anna.Rossi+promo@Example.IT ")
    'anna.rossi+promo@example.it'
    >>> normalise(IdentifierType.PHONE, "0039 (055) 12-34-567")
    '+390551234567'
    >>> normalise(IdentifierType.LOYALTY_CARD, "it-0042 7710")
    'IT00427710'
    >>> normalise(IdentifierType.SOCIAL_HANDLE, "Instagram:@Anna.Rossi")
    'instagram:anna.rossi'
    >>> normalise(IdentifierType.ACCOUNT, "[object Object]") is None
    True
    """
    if raw is None or len(raw) > LONGEST:
        return None
    text = _legible(raw)
    if not text or is_placeholder(text):
        return None
    return _SPELLINGS[kind](text, country.upper())


def normalise_many(
    kind: IdentifierType, values: pa.Array, countries: pa.Array | str = "IT"
) -> pa.Array:
    """Normalise a column; equal to `normalise` value by value, null where it gives None.

    Args:
        kind: What the values claim to be.
        values: Strings as the source wrote them.
        countries: One for all, or one per value; null means Italy.
    """
    values = _flat(values)
    if isinstance(countries, str):
        return _of_country(kind, values, countries)
    countries = _flat(countries).fill_null("IT")
    result = pa.nulls(len(values), pa.string())
    for country in countries.unique().to_pylist():
        here = pc.equal(countries, country)
        found = _of_country(kind, values.filter(here), country)
        result = pc.replace_with_mask(result, here, found)
    return result


def _of_country(kind: IdentifierType, values: pa.Array, country: str) -> pa.Array:
    coded = values.dictionary_encode()
    distinct = coded.dictionary
    result = _quick(kind, distinct, country.upper())
    slow = pc.and_(pc.is_null(result), pc.is_valid(distinct))
    rest = [normalise(kind, raw, country=country) for raw in distinct.filter(slow).to_pylist()]
    result = pc.replace_with_mask(result, slow, pa.array(rest, pa.string()))
    return result.take(coded.indices)


def _quick(kind: IdentifierType, values: pa.Array, country: str) -> pa.Array:
    """What can be read without looking at one value at a time; null where that is not sure."""
    if kind is IdentifierType.PHONE and country == "IT":
        return _plain_phones(values)
    if kind is IdentifierType.EMAIL:
        return _plain_emails(values)
    if kind in _PLAIN:
        return _plain(values, *_PLAIN[kind])
    return pa.nulls(len(values), pa.string())


def _plain(values: pa.Array, pattern: str, doubtful: str) -> pa.Array:
    """Values that are their own spelling; null where they may be none, or another."""
    plain = pc.match_substring_regex(values, pattern)
    suspect = pc.or_(
        pc.match_substring_regex(values, SUSPECT_CODE, ignore_case=True),
        pc.match_substring_regex(values, doubtful),
    )
    return pc.if_else(pc.and_not(plain, suspect), values, None)


def _plain_phones(values: pa.Array) -> pa.Array:
    plain = pc.if_else(pc.match_substring_regex(values, _PLAIN_PHONE), values, None)
    digits = pc.replace_substring_regex(plain, r"[ .\-]+", "")
    national = pc.struct_field(pc.extract_regex(digits, _ITALIAN), "national")
    real = pc.invert(pc.match_substring_regex(national, _DUMMY_PHONE))
    return pc.if_else(real, pc.binary_join_element_wise("+39", national, ""), None)


def _plain_emails(values: pa.Array) -> pa.Array:
    text = pc.ascii_lower(pc.ascii_trim(values, " "))
    plain = pc.and_not(
        pc.match_substring_regex(text, _PLAIN_EMAIL), pc.match_substring_regex(text, _SPECIAL_EMAIL)
    )
    plain = pc.and_not(plain, pc.match_substring_regex(text, SUSPECT_MAILBOX))
    return pc.if_else(plain, text, None)


def _legible(raw: str) -> str:
    """The text without the invisible signs that copying from a page brings; empty: not text."""
    text = unicodedata.normalize("NFC", raw).strip()
    if not text.isprintable():
        seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
        text = unicodedata.normalize("NFC", " ".join(seen.split()))
    return text if text.isprintable() else ""


def _email(text: str, _country: str) -> str | None:
    """An address in lower case, dots and `+tags` kept.

    Dropping them joins two people at every provider that treats them as distinct.
    """
    lowered = unicodedata.normalize("NFC", text.lower())
    if "@" not in lowered:
        return None
    if _PLAIN_EMAIL_PATTERN.fullmatch(lowered) and not _SPECIAL_EMAIL_PATTERN.search(lowered):
        return None if is_dummy_mailbox(lowered) else lowered
    try:
        checked = validate_email(lowered, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return None if is_dummy_mailbox(checked.normalized) else checked.normalized


def _phone(text: str, country: str) -> str | None:
    """E.164. The zero of an Italian landline is part of the number and stays.

    A number that is merely not assigned today passes: numbering plans change, and a value
    that stops being comparable with an update of the plan would split people.
    """
    plain = _plain_phone(text) if country == "IT" else None
    return plain or _parsed_phone(text, country)


def _plain_phone(text: str) -> str | None:
    """As `_plain_phones` reads one value: None where that is not sure."""
    if not _PLAIN_PHONE_PATTERN.search(text):
        return None
    found = _ITALIAN_PATTERN.search(text.translate(_NO_SIGNS))
    if found is None or _DUMMY_PHONE_PATTERN.search(found["national"]):
        return None
    return "+39" + found["national"]


def _parsed_phone(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = written.removeprefix(f"+{number.country_code}")
    possible = phonenumbers.is_possible_number(number)
    return None if not possible or _DUMMY_PHONE_PATTERN.search(national) else written


def _compact(text: str) -> str | None:
    """Upper case without separators; None for signs that no card or code is printed with."""
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).upper())
    return code if _CODE.fullmatch(code) and not is_placeholder(code) else None


def _loyalty_card(text: str, _country: str) -> str | None:
    code = _compact(text)
    return None if code is None or is_dummy_number(code) else code


def _tax_code(text: str, country: str) -> str | None:
    """A tax code; the Italian one is checked, its omocodia forms included.

    Letters put in for digits are kept: they were put there to tell two people apart. The 11
    digits of a company are not comparable: they name a firm for which many people buy.
    """
    code = _loyalty_card(text, country)
    if code is None or (country != "IT" and not _CODICE_FISCALE.fullmatch(code)):
        return code
    return code if _CODICE_FISCALE.fullmatch(code) and codicefiscale.is_valid(code) else None


def _account(text: str, _country: str) -> str | None:
    """As the source wrote it: `a1` and `A1` may be two accounts."""
    return text


def _device(text: str, _country: str) -> str | None:
    """As written; a UUID in lower case. Telephones that refuse tracking all send zeros."""
    return text.lower() if _UUID.fullmatch(text) else text


def _payment_token(text: str, _country: str) -> str | None:
    """As written; a masked card number is shared by a thousand cards and cannot be compared."""
    last_digits = len(text) <= 4 and text.isdecimal()
    return None if last_digits or _MASKED.search(text) or is_dummy_number(text) else text


def _social_handle(text: str, _country: str) -> str | None:
    lowered = unicodedata.normalize("NFC", text.lower())
    found = _HANDLE.fullmatch(lowered)
    if found is None or is_placeholder(found[1]):
        return None
    return f"{lowered.partition(':')[0]}:{found[1]}"


_SPELLINGS: dict[IdentifierType, Callable[[str, str], str | None]] = {
    IdentifierType.LOYALTY_CARD: _loyalty_card,
    IdentifierType.ACCOUNT: _account,
    IdentifierType.EMAIL: _email,
    IdentifierType.PHONE: _phone,
    IdentifierType.TAX_CODE: _tax_code,
    IdentifierType.PAYMENT_TOKEN: _payment_token,
    IdentifierType.DEVICE: _device,
    IdentifierType.SOCIAL_HANDLE: _social_handle,
}


def _flat(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values.cast(pa.string())
