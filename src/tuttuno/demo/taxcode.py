"""The Italian tax code (codice fiscale) of a person, check character included."""

import unicodedata

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import Ints, digits, join, plain

_MONTHS = "ABCDEHLMPRST"
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: What each of `_CHARACTERS` counts in an odd place (1st, 3rd ...), by decree of 23 December 1976.
_ODD = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11,
    3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)  # fmt: skip


def family_part(name: str) -> str:
    """Code a family name: consonants, then vowels, then X.

    >>> family_part("D'Angelò"), family_part("Fo")
    ('DNG', 'FOX')
    """
    consonants, vowels = _letters(name)
    return (consonants + vowels + "XXX")[:3]


def given_part(name: str) -> str:
    """Code a given name: of four or more consonants, the second is left out.

    >>> given_part("Francesca"), given_part("Giulia")
    ('FNC', 'GLI')
    """
    consonants, vowels = _letters(name)
    if len(consonants) > 3:
        consonants = consonants[0] + consonants[2:]
    return (consonants + vowels + "XXX")[:3]


def codes(
    names: tuple[pa.Array, pa.Array], born: Ints, female: Ints, registry: pa.Array
) -> pa.Array:
    """Compose tax codes from the two coded names, birth day, sex and city of birth."""
    dates = born.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    year = month.astype("datetime64[Y]").astype(np.int64) + 1970
    day = (dates - month.astype("datetime64[D]")).astype(np.int64) + 1 + 40 * female
    letter = plain(list(_MONTHS), month.astype(np.int64) % 12)
    body = join(*names, digits(year % 100, 2), letter, digits(day, 2), registry)
    return join(body, _check(body))


def _check(body: pa.Array) -> pa.Array:
    """Work out the sixteenth character of codes of exactly fifteen."""
    flat = body.combine_chunks() if isinstance(body, pa.ChunkedArray) else body
    packed = np.frombuffer(b"".join(flat.cast(pa.binary(15)).to_pylist()), dtype=np.uint8)
    table = np.zeros((2, 128), dtype=np.int64)
    for code, character in enumerate(_CHARACTERS):
        table[0, ord(character)] = _ODD[code]
        table[1, ord(character)] = code if code < 10 else code - 10
    rows = packed.reshape(-1, 15)
    total = table[0][rows[:, ::2]].sum(axis=1) + table[1][rows[:, 1::2]].sum(axis=1)
    return plain(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), total % 26)


def _letters(name: str) -> tuple[str, str]:
    bare = unicodedata.normalize("NFD", name.upper())
    letters = [letter for letter in bare if "A" <= letter <= "Z"]
    vowels = [letter for letter in letters if letter in "AEIOU"]
    return "".join(letter for letter in letters if letter not in "AEIOU"), "".join(vowels)
