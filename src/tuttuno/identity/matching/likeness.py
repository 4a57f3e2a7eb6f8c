"""Which words of a vocabulary are probably one word: slips of the keys and short forms."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Protocol

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from tuttuno.identity.matching.columns import Flags, Ints
from tuttuno.identity.matching.words import short_forms

#: Words from which on one, and from which on two slips are forgiven.
_ONE_SLIP, _TWO_SLIPS = 4, 8
#: Letters that a beginning of a word needs to be taken for its short form.
_SHORT = 3
#: Jaro-Winkler likeness above which two words are alike without being a slip apart.
_ALIKE = 0.9
#: Letters that both words must begin with to be held against each other by Jaro-Winkler.
_HEAD = 4
#: Letters that a word needs to be held against others by Jaro-Winkler: Marco is not Marta.
_LONG = 6
#: Vowels by which Italian tells men's names from women's.
_ENDINGS = frozenset("AEIO")
#: Words with one beginning above which only slips are looked for.
_MANY = 200


class AlikeWords(Protocol):
    """Answers which words of a vocabulary are probably one word."""

    def alike(self, one: Ints, other: Ints) -> Flags:
        """Look pairs of different words up; words are given by position."""
        ...


class WordByWord:
    """Answers as `Likeness` does, and looks at no words but those of the pairs that are asked.

    What it says of two words depends on nothing else, so it is the same for one record and for
    a million. Only here words of a crowded beginning are held against each other as well.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def alike(self, one: Ints, other: Ints) -> Flags:
        """Look pairs of different words up; words are given by position."""
        size = max(len(self._words), 1)
        key = np.minimum(one, other) * size + np.maximum(one, other)
        different, place = np.unique(key, return_inverse=True)
        words = self._words
        asked = (divmod(pair, size) for pair in different.tolist())
        found = [probably_one_word(words[low], words[high]) for low, high in asked]
        return np.array(found, dtype=np.bool_)[place]


class Likeness:
    """Answers for many pairs of words at once whether they are alike.

    Two words are alike when they are one slip apart (a letter wrong, missing, too many, or two
    swapped), two slips in a long word, when one is a known short form or the beginning of the
    other, an initial, or when Jaro and Winkler's likeness is high.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._size = len(words)
        pairs = {pair for found in (_slips, _shorts, _heads) for pair in found(words)}
        keys = [
            min(pair) * self._size + max(pair)
            for pair in pairs
            if not _his_and_hers(words[pair[0]], words[pair[1]])
        ]
        self._keys = np.unique(np.array(keys, dtype=np.int64))

    def pairs(self) -> tuple[Ints, Ints]:
        """Every two different words that are alike."""
        one, other = np.divmod(self._keys, max(self._size, 1))
        return one, other

    def alike(self, one: Ints, other: Ints) -> Flags:
        """Look pairs up; words are given by position."""
        if not len(self._keys):
            return np.zeros(len(one), dtype=np.bool_)
        key = np.minimum(one, other) * self._size + np.maximum(one, other)
        place = np.searchsorted(self._keys, key)
        place[place == len(self._keys)] = 0
        found: Flags = self._keys[place] == key
        return found


@lru_cache(maxsize=1 << 16)
def probably_one_word(one: str, other: str) -> bool:
    """Whether two different words are alike, as `Likeness` says.

    >>> probably_one_word("ROSSI", "ROSI"), probably_one_word("PAOLO", "PAOLA")
    (True, False)
    """
    if _his_and_hers(one, other):
        return False
    short, long = sorted((one, other), key=lambda word: (len(word), word))
    if long.startswith(short) and (len(short) >= _SHORT or len(short) == 1):
        return True
    mine, yours = short_forms(one), short_forms(other)
    if one in yours or other in mine or mine & yours:
        return True
    if short.isdigit() or long.isdigit() or len(short) < _ONE_SLIP:
        return False
    most = 2 if len(short) >= _TWO_SLIPS else 1
    if len(long) - len(short) <= most and OSA.distance(one, other, score_cutoff=most) <= most:
        return True
    together = len(short) >= _LONG and one[:_HEAD] == other[:_HEAD]
    return together and JaroWinkler.similarity(one, other) >= _ALIKE


def _his_and_hers(one: str, other: str) -> bool:
    """Paolo and Paola, Gabriele and Gabriela: two people, though one letter apart."""
    return one[:-1] == other[:-1] and one[-1:] in _ENDINGS and other[-1:] in _ENDINGS


def _slips(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Words that become equal when a letter or two are left out of each."""
    holders = defaultdict[str, list[int]](list)
    for number, word in enumerate(words):
        for left in _left_over(word):
            holders[left].append(number)
    found = {pair for some in holders.values() if len(some) > 1 for pair in combinations(some, 2)}
    listed = sorted(found)
    one = [words[pair[0]] for pair in listed]
    other = [words[pair[1]] for pair in listed]
    if not listed:
        return
    distance = cpdist(one, other, scorer=OSA.distance, dtype=np.int32)
    for pair, apart, mine, yours in zip(listed, distance, one, other, strict=True):
        if apart <= (2 if min(len(mine), len(yours)) >= _TWO_SLIPS else 1):
            yield pair


def _left_over(word: str) -> set[str]:
    if len(word) < _ONE_SLIP or word.isdigit():
        return set()
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    if len(word) < _TWO_SLIPS:
        return {word} | once
    return {word} | once | {text[:at] + text[at + 1 :] for text in once for at in range(len(text))}


def _shorts(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    number_of = {word: number for number, word in enumerate(words)}
    for number, word in enumerate(words):
        begins = {word[:size] for size in range(_SHORT, len(word))}
        if len(word) > 1:
            begins.add(word[0])
        for other in begins | short_forms(word):
            place = number_of.get(other)
            if place is not None and place != number:
                yield number, place
    yield from _one_long_form(words)


def _one_long_form(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Two short forms of one name: Beppe and Pino."""
    of_long = defaultdict[str, list[int]](list)
    for number, word in enumerate(words):
        for name in short_forms(word):
            of_long[name].append(number)
    for some in of_long.values():
        yield from combinations(some, 2)


def _heads(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    by_head = defaultdict[str, list[int]](list)
    for number, word in enumerate(words):
        if len(word) >= _LONG and not word.isdigit():
            by_head[word[:_HEAD]].append(number)
    pairs = [
        pair for some in by_head.values() if len(some) <= _MANY for pair in combinations(some, 2)
    ]
    one = [words[pair[0]] for pair in pairs]
    other = [words[pair[1]] for pair in pairs]
    if not pairs:
        return
    score = cpdist(one, other, scorer=JaroWinkler.similarity)
    for pair, high in zip(pairs, score, strict=True):
        if high >= _ALIKE:
            yield pair
