"""One name at one address: what ties records that share no identifier at all.

Name and address are brought to one number, so that a residence can be limited, compared and
explained like any other value. It never ties alone: the names must agree as well, which
tells father from son where their birth dates are known.
"""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuttuno.identity.evidence import Ints
from tuttuno.identity.names import words_of
from tuttuno.identity.ragged import count_up

#: What `residences` reads.
COLUMNS = ("given_name", "family_name", "address", "postal_code")

#: Bytes of a text after which the places of the hash begin again.
_WIDTH = 256

_KINDS_OF_STREET = (
    r"\b(?:VIA|VIALE|VLE|LE|PIAZZA|PIAZZALE|PZA|PZZA|ZZA|ZA|PLE|CORSO|CSO|SO|LARGO|LGO|STRADA|STR|"
    r"VICOLO|VIC|CONTRADA|CDA|LOCALITA|LOC|NR|NUM|NUMERO|CIVICO|[A-Z])\b"
)
#: The door inside the building, which not every source asks for, and all that follows it.
_DOOR = r"\b(?:INTERNO|INT|SCALA|SC|PIANO|PRESSO)\b.*$"
_NUMBER = r"^.*?(?P<number>\d+)\D*$"
_APOSTROPHES = "['\u2019`]"
_NO_LETTERS = "[^A-Z]+"

#: Letters of a street, or signs of a postal code, that are too few to be one.
_SHORTEST = 2


def residences(records: pa.Table) -> pa.Array:
    """Number the residence of each record; null where name or address is not known in full.

    Equal numbers for every spelling of one street, for swapped name fields, and for letters
    swapped in a name. The number depends on the record alone, so it is the same in every
    run; it is negative, where numbers of identifier values are positive.
    """
    if any(records[name].null_count == len(records) for name in ("address", "postal_code")):
        return pa.nulls(len(records), pa.int64())
    letters, place = _letters(records), places(records)
    text = pc.binary_join_element_wise(letters, place, "|")  # null where either is
    coded = text.dictionary_encode()
    return pa.array(_hashed(coded.dictionary)).take(coded.indices)


def residence_of(fields: Mapping[str, Any]) -> int | None:
    """Number the residence of one record, as `residences` does, in a twentieth of the time."""
    address, postal = fields.get("address") or "", fields.get("postal_code") or ""
    if not (address and postal):
        return None
    if not all(text.isascii() and text.isprintable() for text in (address, postal)):
        row = pa.table({name: pa.array([fields.get(name)], pa.string()) for name in COLUMNS})
        found: int | None = residences(row)[0].as_py()
        return found
    letters = _letters_of(words_of(fields.get("given_name")), words_of(fields.get("family_name")))
    place = _place_of(address, postal)
    return None if letters is None or place is None else _hash_of(f"{letters}|{place}")


def _letters_of(given: tuple[str, ...], family: tuple[str, ...]) -> str | None:
    whole = len(given) + len(family) > 1
    return "".join(sorted("".join(given + family))) if whole else None


def _place_of(address: str, postal: str) -> str | None:
    """As `places`, of plain texts."""
    text = _sub(_DOOR, address.upper())
    number = re.match(_NUMBER, text, re.ASCII)
    street = _sub(_NO_LETTERS, _sub(_APOSTROPHES, text), " ")
    street = _sub(_KINDS_OF_STREET, street).replace(" ", "")
    code = _sub(r"\s+", postal)
    if number is None or min(len(street), len(code)) <= _SHORTEST:
        return None
    return f"{code.upper()} {street} {number['number']}"


def _sub(pattern: str, text: str, by: str = "") -> str:
    return re.sub(pattern, by, text, flags=re.ASCII)


def _hash_of(text: str) -> int:
    signs = np.frombuffer(text.encode(), dtype=np.uint8)
    mixed = np.bitwise_xor.reduce(_table()[np.arange(len(signs)) % _WIDTH, signs])
    return -(int(mixed) >> 1) - 1


def _hashed(texts: pa.Array) -> Ints:
    """A negative number of 63 bits for each text, none of them empty.

    Tabulation hashing (Zobrist 1970): every pair of place and byte has a random number of its
    own; those of a text are joined by exclusive or. Two of 10^7 different texts meet with a
    chance of one in 10^5, and would still need names that agree.
    """
    if not len(texts):
        return np.empty(0, dtype=np.int64)
    large = texts.cast(pa.large_string())
    _, offsets, data = large.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[large.offset : large.offset + len(large) + 1]
    signs = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]]
    place = count_up(np.diff(ends)) % _WIDTH
    mixed = np.bitwise_xor.reduceat(_table()[place, signs], ends[:-1] - ends[0])
    return -(mixed >> np.uint64(1)).astype(np.int64) - 1


@cache
def _table() -> NDArray[np.uint64]:
    """The random numbers, always the same ones, by place and byte."""
    drawn = b"".join(blake2b(b"residence %d" % row).digest() for row in range(_WIDTH * 32))
    return np.frombuffer(drawn, dtype="<u8").reshape(_WIDTH, 256)


def _letters(records: pa.Table) -> pa.Array:
    """The letters of the whole name in the order of the alphabet; null for half a name."""
    given, given_parts = _folded(records["given_name"])
    family, family_parts = _folded(records["family_name"])
    pair = given * len(family_parts) + family
    different, place = np.unique(pair, return_inverse=True)
    names = []
    for both in different.tolist():
        first, last = given_parts[both // len(family_parts)], family_parts[both % len(family_parts)]
        names.append(_letters_of(first, last))
    return pa.array(names, pa.string()).take(pa.array(place))


def _folded(column: pa.ChunkedArray) -> tuple[Ints, list[tuple[str, ...]]]:
    coded = pc.fill_null(_whole(column), "").dictionary_encode()
    parts = [words_of(text) for text in coded.dictionary.to_pylist()]
    return coded.indices.to_numpy().astype(np.int64), parts


def places(records: pa.Table) -> pa.Array:
    """Postal code, letters of the street without its kind, and house number of each record.

    Null where one of them is not known.
    """
    coded = _whole(records["address"]).dictionary_encode()
    text = pc.utf8_normalize(pc.utf8_upper(coded.dictionary), "NFKD")
    text = pc.replace_substring_regex(text, r"\p{M}", "")
    text = pc.replace_substring_regex(text, _DOOR, "")
    number = pc.struct_field(pc.extract_regex(text, _NUMBER), "number")
    # a house number that comes first has the street behind it, so the last digits will do
    street = pc.replace_substring_regex(text, _APOSTROPHES, "")
    street = pc.replace_substring_regex(street, _NO_LETTERS, " ")
    street = pc.replace_substring_regex(street, _KINDS_OF_STREET, "")
    street = pc.replace_substring(street, " ", "")
    street = pc.if_else(pc.greater(pc.utf8_length(street), _SHORTEST), street, None)
    place = pc.binary_join_element_wise(street, number, " ").take(coded.indices)
    postal = pc.replace_substring_regex(_whole(records["postal_code"]), r"\s+", "")
    postal = pc.if_else(pc.greater(pc.utf8_length(postal), _SHORTEST), postal, None)
    return pc.binary_join_element_wise(pc.utf8_upper(postal), place, " ")


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column.cast(pa.string())
