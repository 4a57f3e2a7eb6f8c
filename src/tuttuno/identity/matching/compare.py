"""Comparing two records field by field: each comparison puts a pair on one of a few levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from tuttuno.identity.matching import expected, levels
from tuttuno.identity.matching.columns import NONE, Column, Flags, Floats, Ints, Levels
from tuttuno.identity.matching.expected import Expected
from tuttuno.identity.matching.levels import DateFacts, each_first
from tuttuno.identity.matching.names import COMBINATIONS, NameBags, compare_bags, rarity_of

#: Signs of a postal code that say the region.
HEAD = 3
#: Records that may carry one e-mail, phone or code before it is taken for several people's.
_ONE_PERSONS = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """How pairs of records compare in one field.

    Attributes:
        level: Position among the labels of the comparison; `NONE` where a record does not say.
        bits: What the value itself adds to the weight of the level: a rare one speaks louder.
    """

    level: Levels
    bits: Floats

    def at(self, rows: Ints) -> "Seen":
        """Some of the pairs."""
        return Seen(self.level[rows], self.bits[rows])

    def beside(self, more: "Seen") -> "Seen":
        """These pairs, and behind them others."""
        level = np.concatenate([self.level, more.level])
        return Seen(level, np.concatenate([self.bits, more.bits]))


class Comparison(Protocol):
    """One field of two records, for many pairs at once."""

    @property
    def expected(self) -> Expected:
        """The levels, and what is expected of them before anything is counted."""
        ...

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Put each pair of positions on a level."""
        ...


@dataclass(frozen=True, slots=True)
class Names:
    """Given and family names together, in whatever field they were typed."""

    bags: NameBags
    expected: Expected = expected.NAMES

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Count equal and alike words, and see what stands against each other."""
        return Seen(*compare_bags(self.bags, one, other))


@dataclass(frozen=True, slots=True)
class Texts:
    """A word or a few: a town, a place of birth, an occupation, anything else."""

    column: Column
    expected: Expected = expected.TEXTS

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Equal, a slip away, alike by Jaro and Winkler, or sharing a word."""
        seen, rows, mine, yours = _start(self.column, one, other, self.expected)
        texts = _texts(self.column.values)
        left, right = texts[mine], texts[yours]
        near = _cpdist(left, right, JaroWinkler.similarity)
        seen.level[rows] = each_first(
            levels.texts(near, _words_shared(left, right)), self.expected.different
        )
        return seen


@dataclass(frozen=True, slots=True)
class Codes:
    """Something issued to a person: a phone number, a tax code, a card."""

    column: Column
    expected: Expected = expected.CODES

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Equal or one slip apart."""
        seen, rows, mine, yours = _start(self.column, one, other, self.expected)
        seen.bits[:] = _of_many(self.column, one, seen.level == 0, self.expected)
        texts = _texts(self.column.values)
        apart = _cpdist(texts[mine], texts[yours], OSA.distance)
        seen.level[rows] = each_first(levels.codes(apart), self.expected.different)
        return seen


@dataclass(frozen=True, slots=True)
class PostalCodes:
    """Postal codes: where their beginning is equal, so is the region."""

    column: Column
    expected: Expected = expected.POSTAL_CODES

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Equal, one slip apart, or with the same first three signs."""
        seen, rows, mine, yours = _start(self.column, one, other, self.expected)
        texts = _texts(self.column.values)
        heads = np.array([text[:HEAD] for text in self.column.values] or [""])
        apart = _cpdist(texts[mine], texts[yours], OSA.distance)
        ladder = levels.postal_codes(apart, heads[mine] == heads[yours])
        seen.level[rows] = each_first(ladder, self.expected.different)
        return seen


@dataclass(frozen=True, slots=True)
class Mails:
    """E-mail addresses."""

    column: Column
    expected: Expected = expected.MAILS

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Equal, equal or alike in the part before the @."""
        seen, rows, mine, yours = _start(self.column, one, other, self.expected)
        seen.bits[:] = _of_many(self.column, one, seen.level == 0, self.expected)
        boxes = _texts([text.partition("@")[0] for text in self.column.values])
        left, right = boxes[mine], boxes[yours]
        near = _cpdist(left, right, JaroWinkler.similarity)
        apart = _cpdist(left, right, OSA.distance)
        sizes = np.array([len(text) for text in boxes], dtype=np.int64)
        ladder = levels.mails(np.minimum(sizes[mine], sizes[yours]), apart, near)
        seen.level[rows] = each_first(ladder, self.expected.different)
        return seen


@dataclass(frozen=True, slots=True)
class Kinds:
    """One of a few words, such as a gender or a province."""

    column: Column
    expected: Expected = expected.KINDS

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Equal or not."""
        return _start(self.column, one, other, self.expected)[0]


@dataclass(frozen=True, slots=True)
class Streets:
    """Street and house number."""

    street: Column
    number: Column
    expected: Expected = expected.STREETS

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Compare the street by its words, and beside it the number."""
        seen, rows, mine, yours = _start(self.street, one, other, self.expected)
        same = seen.level == 0
        here, there = self.number.code[one], self.number.code[other]
        told = (here != NONE) & (there != NONE)
        equal = told & (here == there)
        numbered = each_first(levels.equal_streets(told, equal), NONE)
        seen.level[same] = numbered[same]
        texts = _texts(self.street.values)
        left, right = texts[mine], texts[yours]
        near = levels.alike_streets(_cpdist(left, right, JaroWinkler.similarity))
        asked = np.flatnonzero(~near)
        near[asked] = _words_shared(left[asked], right[asked])
        seen.level[rows] = each_first(levels.streets(near, equal[rows]), self.expected.different)
        return seen


@dataclass(frozen=True, slots=True)
class Dates:
    """Birth dates, eight digits each."""

    column: Column
    expected: Expected = expected.DATES

    def compare(self, one: Ints, other: Ints) -> Seen:
        """Compare digit by digit; 1 January is what is put when only the year is known."""
        seen, rows, mine, yours = _start(self.column, one, other, self.expected)
        digits = np.array([list(text.encode()) for text in self.column.values] or [[0] * 8])
        facts = _date_facts(digits.astype(np.int8), mine, yours)
        seen.level[rows] = each_first(levels.dates(facts), self.expected.different)
        return seen


def nested(levels: Mapping[str, Seen]) -> dict[str, Seen]:
    """Let a place count once: what lies around an equal street or postal code says no more.

    Two people who share a street share the town as well, so counting both would take
    neighbours for one person. Likewise an e-mail is often made of the name.
    """
    known: Flags | None = None
    result = dict(levels)
    if "name" in levels and "email" in levels:
        level = levels["email"].level.copy()
        level[SHARE_A_WORD[levels["name"].level] & np.isin(level, (2, 3))] = NONE
        result["email"] = Seen(level, levels["email"].bits)
    for name in ("address", "postal_code", "city", "province", "country"):
        if name not in levels:
            continue
        level, bits = levels[name].level.copy(), levels[name].bits
        agrees = (level != NONE) & (level <= (2 if name == "address" else 0))
        if known is not None:
            level[known] = NONE
        known = agrees if known is None else known | agrees
        result[name] = Seen(level, np.where(level == NONE, 0, bits).astype(np.float32))
    return result


#: Levels of names that agree in a word; the last entry is for a missing name.
SHARE_A_WORD = np.array([exact + alike > 0 for exact, alike, _ in COMBINATIONS] + [False])

_JANUARY = np.array([48, 49, 48, 49], dtype=np.int8)


def _date_facts(digits: Levels, mine: Ints, yours: Ints) -> DateFacts:
    left, right = digits[mine], digits[yours]
    same = left == right
    year = same[:, :4].all(1)
    number = (digits[:, :4] - 48).astype(np.int64) @ np.array([1000, 100, 10, 1])
    crossed = (left[:, 4:6] == right[:, 6:]).all(1) & (left[:, 6:] == right[:, 4:6]).all(1)
    return DateFacts(
        swapped=year & crossed,
        january=(left[:, 4:] == _JANUARY).all(1) | (right[:, 4:] == _JANUARY).all(1),
        year=year,
        day=same[:, 4:].all(1),
        year_digits=(~same[:, :4]).sum(1),
        years=np.abs(number[mine] - number[yours]),
        digits=(~same).sum(1),
    )


def _start(
    column: Column, one: Ints, other: Ints, expects: Expected
) -> tuple[Seen, Ints, Ints, Ints]:
    """Equal pairs on level 0 with the bits of their value; rows and values of the unequal."""
    mine, yours = column.code[one], column.code[other]
    told = (mine != NONE) & (yours != NONE)
    equal = told & (mine == yours)
    level = np.where(told, expects.different, NONE).astype(np.int8)
    level[equal] = 0
    bits = np.zeros(len(one), dtype=np.float32)
    bits[equal] = rarity_of(column.counts())[mine[equal]]
    rows = np.flatnonzero(told & ~equal)
    return Seen(level, bits), rows, mine[rows], yours[rows]


def _of_many(column: Column, one: Ints, equal: Flags, expects: Expected) -> Floats:
    """Bits lost by a value on more records than one person has: a shop's phone, a kiosk."""
    counts = column.counts()
    excess = np.maximum(counts - _ONE_PERSONS, 0) / max(int(counts.sum()), 1)
    lost = -np.log2(1 + excess / expects.chance[0])
    bits = np.zeros(len(one), dtype=np.float32)
    bits[equal] = lost[column.code[one[equal]]]
    return bits


def share_a_word(one: str, other: str) -> bool:
    """Whether two texts of several words have a long one in common."""
    if " " not in one and " " not in other:
        return False
    return any(len(word) > 3 for word in set(one.split()) & set(other.split()))


def _words_shared(left: NDArray[Any], right: NDArray[Any]) -> Flags:
    shared = (share_a_word(*pair) for pair in zip(left, right, strict=True))
    return np.fromiter(shared, np.bool_, len(left))


def _texts(values: Any) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _cpdist(left: NDArray[Any], right: NDArray[Any], scorer: Any) -> Floats:
    if not len(left):
        return np.zeros(0, dtype=np.float32)
    found: Floats = cpdist(left, right, scorer=scorer, dtype=np.float32)
    return found
