"""On which level two unequal values stand: the words of every comparison, for one pair or many.

Each function is told facts of two values, and answers with what holds, the best level first.
Facts are single values, or arrays with one entry for each pair; `first` and `each_first` read
the level off. Where nothing holds it is the last one, on which values differ. Level 0 is
for equal values.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuttuno.identity.matching.columns import Levels

#: Levels and whether each holds; what holds is a truth or an array of them.
Ladder = tuple[tuple[int, Any], ...]

#: Jaro-Winkler likeness from which on texts are nearly equal, and alike.
_NEARLY, _ALIKE = 0.93, 0.86
#: The same of streets, and of what stands before an @.
_LIKE = 0.88
#: Letters before an @ up to which two that are equal need not be one person's.
_SHORT = 4


class DateFacts(NamedTuple):
    """How two dates of eight digits differ."""

    swapped: Any  # day and month stand in each other's place
    january: Any  # one of them is a first of January, which may stand for a year alone
    year: Any  # equal years
    day: Any  # equal day and month
    year_digits: Any  # digits in which the years differ
    years: Any  # how many years lie between
    digits: Any  # digits in which they differ


def texts(near: Any, shares_a_word: Any) -> Ladder:
    """A word or a few, by Jaro-Winkler likeness."""
    return (1, near >= _NEARLY), (2, near >= _ALIKE), (3, shares_a_word)


def codes(slips: Any) -> Ladder:
    """Something issued to a person, by slips of the keys."""
    return ((1, slips == 1),)


def postal_codes(slips: Any, same_beginning: Any) -> Ladder:
    """Postal codes; with an equal beginning the region is one."""
    return (1, slips == 1), (2, same_beginning)


def mails(letters: Any, slips: Any, near: Any) -> Ladder:
    """E-mail addresses by what stands before the @; `letters` of the shorter one."""
    long = letters > _SHORT
    return (1, long & (slips == 0)), (2, long & (slips <= 1)), (3, near >= _LIKE)


def equal_streets(numbers_told: Any, numbers_equal: Any) -> Ladder:
    """Streets of one name, by their numbers; of two numbers, level 2."""
    return (0, numbers_equal), (1, numbers_told == 0), (2, numbers_told)


def streets(alike: Any, numbers_equal: Any) -> Ladder:
    """Streets of two names."""
    return (3, alike & numbers_equal), (4, alike), (5, numbers_equal)


def alike_streets(near: Any) -> Any:
    """Whether two streets are alike by Jaro-Winkler likeness."""
    return near >= _LIKE


def dates(facts: DateFacts) -> Ladder:
    """Dates; on level 9 is every first of January that no level before it holds."""
    january, year = facts.january, facts.year
    return (
        (1, facts.swapped),
        (6, january & year),
        (7, january & (facts.year_digits <= 1) & (facts.years > 1)),
        (8, january & (facts.years <= 1)),
        (9, january),
        (2, facts.digits <= 1),
        (3, facts.digits == 2),
        (4, facts.day),
        (5, year),
    )


def words_left(none_of_one: Any, both_of_both: Any, given: Any) -> Ladder:
    """In which field words of two names stand against each other; 2, a family name, otherwise.

    Args:
        none_of_one: One of the names has no words left.
        both_of_both: Each has a given and a family name left.
        given: One of the words left was typed as a given name, or may have been.
    """
    return (0, none_of_one), (3, both_of_both), (1, given)


def first(ladder: Ladder, otherwise: int) -> int:
    """The level of one pair."""
    return next((level for level, holds in ladder if holds), otherwise)


def each_first(ladder: Ladder, otherwise: int) -> Levels:
    """The level of each pair."""
    said = [np.asarray(holds, dtype=np.bool_) for _, holds in ladder]
    found: NDArray[Any] = np.select(said, [level for level, _ in ladder], otherwise)
    return found.astype(np.int8)
