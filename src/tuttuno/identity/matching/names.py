"""Names as bags of words, compared whatever the field a word was typed into."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuttuno.identity.matching.columns import NONE, Flags, Floats, Ints, Levels, column_of
from tuttuno.identity.matching.levels import each_first, words_left
from tuttuno.identity.matching.likeness import AlikeWords, Likeness
from tuttuno.identity.matching.words import name_words

#: Words of a name that are looked at; a name with more keeps its longest.
WIDTH = 6
#: Where a word was typed: 0 in a field for the whole name.
GIVEN, FAMILY = 1, 2
Bag = tuple[tuple[str, int], ...]

#: Pairs compared at once.
_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class NameBags:
    """The different names of a file.

    Attributes:
        code: For each record the position of its name, or `NONE`.
        word: For each name the positions of its words, filled up with `NONE`.
        part: For each of these words the field it was typed into.
        words: The vocabulary, in ascending order.
        bearers: How many records have each word.
        likeness: Which words are alike.
    """

    code: Ints
    word: Ints
    part: Levels
    words: tuple[str, ...]
    bearers: Ints
    likeness: AlikeWords


def bags_of(
    given: Sequence[str | None],
    family: Sequence[str | None],
    whole: Sequence[str | None],
    *,
    likeness: Callable[[Sequence[str]], AlikeWords] = Likeness,
) -> NameBags:
    """Read the names of records; `whole` adds words that neither other field has."""
    typed = list(zip(given, family, whole, strict=True))
    found = {names: bag_of(*names) for names in set(typed)}
    bags = sorted({bag for bag in found.values() if bag})
    place = {bag: number for number, bag in enumerate(bags)}
    code = np.array([place.get(found[names], NONE) for names in typed], dtype=np.int64)
    flat = column_of(word for bag in bags for word, _ in bag)
    sizes = np.array([len(bag) for bag in bags], dtype=np.int64)
    rows = np.repeat(np.arange(len(bags)), sizes)
    columns = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    word = np.full((len(bags), WIDTH), NONE, dtype=np.int64)
    part = np.zeros((len(bags), WIDTH), dtype=np.int8)
    word[rows, columns] = flat.code
    part[rows, columns] = [where for bag in bags for _, where in bag]
    worn = word[code[code != NONE]]
    bearers = np.bincount(worn[worn != NONE], minlength=len(flat.values))
    return NameBags(code, word, part, flat.values, bearers, likeness(flat.values))


def bag_of(given: str | None, family: str | None, whole: str | None) -> Bag:
    """The words of a name, each with the field it was typed into, in ascending order."""
    parts: dict[str, int] = {}
    for text, where in ((given, GIVEN), (family, FAMILY), (whole, 0)):
        for word in name_words(text):
            parts.setdefault(word, where)
    if len(parts) > WIDTH:
        kept = sorted(parts, key=lambda word: (-len(word), word))[:WIDTH]
        parts = {word: where for word, where in parts.items() if word in kept}
    return tuple(sorted(parts.items()))


#: What a level of likeness of two names is made of.
EXACT, ALIKE, CONFLICT = 4, 3, 4

#: The field of words that stand against each other, where no other is told.
A_FAMILY_NAME = 2

#: Equal words, alike words, and the field in which words stand against each other.
COMBINATIONS = tuple(product(range(EXACT), range(ALIKE), range(CONFLICT)))

_AGAINST = ("nothing", "a given name", "a family name", "both names")

LEVELS = tuple(
    f"{exact} equal, {alike} alike, {_AGAINST[against]} against"
    for exact, alike, against in COMBINATIONS
)


def compare_bags(
    bags: NameBags, one: Ints, other: Ints, *, rarity: Floats | None = None
) -> tuple[Levels, Floats]:
    """Compare the names of pairs of records.

    Returns the level, `NONE` where a name is missing, and how many bits more (or fewer) the
    equal words weigh because they are rarer (or more common) than equal words are on average;
    `rarity` says it of each word where it was counted elsewhere.
    """
    level = np.full(len(one), NONE, dtype=np.int8)
    bits = np.zeros(len(one), dtype=np.float32)
    rarity = rarity_of(bags.bearers) if rarity is None else rarity
    for start in range(0, len(one), _AT_ONCE):
        chunk = slice(start, start + _AT_ONCE)
        mine, yours = bags.code[one[chunk]], bags.code[other[chunk]]
        told = (mine != NONE) & (yours != NONE)
        left = _Words(bags.word[mine[told]], bags.part[mine[told]])
        right = _Words(bags.word[yours[told]], bags.part[yours[told]])
        level[chunk][told], bits[chunk][told] = _of_pairs(bags.likeness, left, right, rarity)
    return level, bits


def levels_by_chance(bags: NameBags, pairs: int, rng: np.random.Generator) -> Floats:
    """Estimate how many of so many pairs stand on each level where all words are drawn one by one.

    Two records of one person in a file with many would make two equal words look like chance;
    words drawn from different records do not. Two equal names are so rare by chance that no
    sample would show any. So in every second pair one word is made equal, and what that brings
    about too often is counted for as much less (importance sampling with the balance heuristic
    of Veach and Guibas, 1995).
    """
    rows = bags.code[bags.code != NONE]
    found = np.zeros(len(LEVELS), dtype=np.float64)
    word, part = bags.word[rows], bags.part[rows]
    pools = [word[(word != NONE) & (part == where)] for where in (0, GIVEN, FAMILY)]
    rarity = np.zeros(len(bags.words), dtype=np.float32)
    share = np.stack([_shares_of(pool, len(bags.words)) for pool in pools])
    for start in range(0, pairs if len(rows) else 0, _AT_ONCE):
        size = min(_AT_ONCE, pairs - start)
        mine, yours = rng.integers(0, len(rows), (2, size))
        drawn, where = word[yours].copy(), part[yours]
        for number, pool in enumerate(pools):
            asked = (drawn != NONE) & (where == number)
            drawn[asked] = pool[rng.integers(0, max(len(pool), 1), int(asked.sum()))]
        left, right = _Words(word[mine], part[mine]), _Words(drawn, where)
        _make_equal(left, right, np.flatnonzero(np.arange(size) % 2), rng)
        levels, _ = _of_pairs(bags.likeness, left, right, rarity)
        weight = 1 / (0.5 + 0.5 * _oftener(left, right, share))
        found += np.bincount(levels, weights=weight, minlength=len(LEVELS))
    return found.astype(np.float32)


def _shares_of(pool: Ints, words: int) -> NDArray[np.float64]:
    return np.bincount(pool, minlength=words) / max(len(pool), 1)


def _make_equal(left: "_Words", right: "_Words", rows: Ints, rng: np.random.Generator) -> None:
    """Overwrite a word of some names by one of the other name that stands in the same field."""
    fits = _same_field(left, right)[rows]
    ways = fits.reshape(len(rows), -1)
    some = ways.any(1)
    chosen = np.argmax(rng.random(ways.shape) * ways, axis=1)[some]
    at, by = np.divmod(chosen, fits.shape[2])
    right.word[rows[some], by] = left.word[rows[some], at]


def _oftener(left: "_Words", right: "_Words", share: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many times as often a pair comes up where one word is made equal."""
    fits = _same_field(left, right)
    ways = fits.sum((1, 2))
    equal = fits & (left.word[:, :, None] == right.word[:, None, :])
    rare = 1 / np.maximum(share[right.part, right.word], 1e-12)
    found = np.where(equal, rare[:, None, :], 0.0).sum((1, 2)) / np.maximum(ways, 1)
    result: NDArray[np.float64] = np.where(ways > 0, found, 1.0)
    return result


def _same_field(left: "_Words", right: "_Words") -> Flags:
    told = (left.word != NONE)[:, :, None] & (right.word != NONE)[:, None, :]
    found: Flags = told & (left.part[:, :, None] == right.part[:, None, :])
    return found


def rarity_of(bearers: Ints) -> Floats:
    """Bits by which agreeing on a value says more than agreeing on values does on average."""
    share = (bearers + 0.5) / max(int(bearers.sum()), 1)
    mean = float((share**2).sum()) if len(share) else 1.0
    found: Floats = np.log2(mean / share).astype(np.float32)
    return found


class _Words(NamedTuple):
    """The words of one side of many pairs, and the fields they were typed into."""

    word: Ints
    part: Levels

    def used(self) -> int:
        return int((self.word != NONE).sum(1).max(initial=1))


def _of_pairs(
    likeness: AlikeWords, mine: _Words, yours: _Words, rarity: Floats
) -> tuple[Levels, Floats]:
    used = max(mine.used(), yours.used())
    left, right = mine.word[:, :used], yours.word[:, :used]
    equal = (left[:, :, None] == right[:, None, :]) & (left != NONE)[:, :, None]
    agreed = equal.any(2)
    open_left, open_right = (left != NONE) & ~agreed, (right != NONE) & ~equal.any(1)
    bits = np.where(agreed, rarity[left], 0).sum(1).astype(np.float32)
    row, at, by = np.nonzero(open_left[:, :, None] & open_right[:, None, :])
    near = likeness.alike(left[row, at], right[row, by])
    row, at, by = row[near], at[near], by[near]
    alike_left, alike_right = np.zeros_like(open_left), np.zeros_like(open_right)
    alike_left[row, at] = True
    alike_right[row, by] = True
    alike = np.minimum(alike_left.sum(1), alike_right.sum(1))
    open_left &= ~alike_left
    open_right &= ~alike_right
    against = _against(open_left, open_right, mine.part[:, :used], yours.part[:, :used])
    return combination(agreed.sum(1), alike, against).astype(np.int8), bits


def combination(exact: Any, alike: Any, against: Any) -> Any:
    """The position in `COMBINATIONS`, of one pair of names or of many."""
    level = np.minimum(exact, EXACT - 1) * ALIKE + np.minimum(alike, ALIKE - 1)
    return level * CONFLICT + against


def _against(left: Flags, right: Flags, mine: Levels, yours: Levels) -> Ints:
    """0 where one name has no words left, otherwise the field in which words are left.

    1 where one of the words left was typed as a given name, or may have been, since whole names
    are all there is: fields are swapped often enough that it may stand against a family name.
    2 where none was; 3 where both names have both.
    """
    both = left.any(1) & right.any(1)
    given = [(side & (part == GIVEN)).any(1) for side, part in ((left, mine), (right, yours))]
    family = [(side & (part == FAMILY)).any(1) for side, part in ((left, mine), (right, yours))]
    all_four = given[0] & given[1] & family[0] & family[1]
    untold = (mine == 0).all(1) & (yours == 0).all(1)
    ladder = words_left(~both, all_four, given[0] | given[1] | untold)
    return each_first(ladder, A_FAMILY_NAME).astype(np.int64)
