"""Block keys: what two records must share to be compared by likeness.

A name in full, and beside it the birth date, the postal code or the e-mail's own part. Keys are
kept in the vault, so that whoever looks like one record is found by a few look-ups. They are
positive, where those of residences are negative.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from tuttuno.identity.evidence import Ints, born_on
from tuttuno.identity.likeness.texts import coded, day_of, days_of, postal_code
from tuttuno.identity.matching.blocks import mixed, mixed_one
from tuttuno.identity.matching.words import name_words, sound_of

#: Records under one key above which it tells nothing: a form's default date, a shop's address.
CAP = 60

#: Letters of an e-mail before the @ from which on it is somebody's own.
_OWN = 5

#: Which kind of key a number is; the two keys of a date are one kind, whatever the field.
_BORN, _LIVES, _WRITES = 11, 12, 13


def keys_of(rows: pa.Table) -> pa.Table:
    """Return `record_no`, `key64` of records, each pair once; none of who says too little.

    Args:
        rows: `texts.COLUMNS`.
    """
    first, second = _names(rows)
    number = rows["record_no"].to_numpy().astype(np.int64)
    both = (first != 0) & (second != 0)
    born = _hashes(days_of(rows["birth_date"]))
    postal = _hashes(rows["postal_code"], postal_code)
    own = _hashes(rows["email"], _own_part)
    found = [
        _under(number, both & (born != 0), mixed(born, first), _BORN),
        _under(number, both & (born != 0) & (first != second), mixed(born, second), _BORN),
        _under(number, both & (postal != 0), mixed(postal, _together(first, second)), _LIVES),
        _under(number, both & (own != 0), own, _WRITES),
    ]
    record, key = (np.concatenate(side) for side in zip(*found, strict=True))
    return pa.table({"record_no": record, "key64": key})


def keys_of_one(fields: Mapping[str, Any]) -> tuple[int, ...]:
    """The keys of one record, as `keys_of` makes them."""
    first, second = _sounds(name_words(fields.get("given_name")), fields.get("family_name"))
    if not (first and second):
        return ()
    day = day_of(born_on(fields.get("birth_date")))
    postal, own = postal_code(fields.get("postal_code") or ""), _own_part(fields.get("email") or "")
    found: dict[int, None] = {}
    if day:
        for sound in (first, second):
            found[_key(mixed_one(_hash(day), sound), _BORN)] = None
    if postal:
        name = mixed_one(min(first, second), max(first, second))
        found[_key(mixed_one(_hash(postal), name), _LIVES)] = None
    if own:
        found[_key(_hash(own), _WRITES)] = None
    return tuple(found)


def _names(rows: pa.Table) -> tuple[Ints, Ints]:
    """The sounds of the first word of given and of family name, as numbers; 0 for none.

    Where one field is empty, the first two words of the other.
    """
    given, texts = coded(rows["given_name"])
    family, others = coded(rows["family_name"])
    span = len(others) + 1
    different, place = np.unique((given + 1) * span + family + 1, return_inverse=True)
    words = [(), *(name_words(text) for text in texts)]
    behind: list[str | None] = [None, *others]
    pairs = [_sounds(words[one // span], behind[one % span]) for one in different.tolist()]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)[place]
    return found[:, 0], found[:, 1]


def _sounds(given: tuple[str, ...], behind: str | None) -> tuple[int, int]:
    family = name_words(behind)
    words = (*given[:1], *family[:1]) if given and family else (given or family)[:2]
    if len(words) < 2:
        return 0, 0
    one, other = (_hash(sound_of(word)) for word in words)
    return one, other


def _hashes(column: pa.ChunkedArray | pa.Array, said: Any = str) -> Ints:
    """A number for what each record says; 0 where it says nothing."""
    code, texts = coded(column)
    forms = (said(text) for text in texts)
    return np.array([*(_hash(text) if text else 0 for text in forms), 0], dtype=np.int64)[code]


def _own_part(text: str) -> str:
    own, _, domain = text.strip().lower().partition("@")
    return own if domain and len(own) >= _OWN else ""


@lru_cache(maxsize=1 << 16)
def _hash(text: str) -> int:
    return (int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 2) + 1


def _together(one: Ints, other: Ints) -> Ints:
    """A number for two words, whichever stands first."""
    return mixed(np.minimum(one, other), np.maximum(one, other))


def _under(number: Ints, told: Any, mark: Ints, kind: int) -> tuple[Ints, Ints]:
    return number[told], np.maximum(mixed(mark[told], kind), 1)


def _key(mark: int, kind: int) -> int:
    return max(mixed_one(mark, kind), 1)
