"""Whom a newcomer looks like: those who share a block key with it, weighed one by one."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from tuttuno.identity.evidence import Ints
from tuttuno.identity.likeness.kept import KeptModel
from tuttuno.identity.likeness.keys import CAP
from tuttuno.identity.likeness.one import told, weigh_one
from tuttuno.identity.names import Name, Verdict, compare_names
from tuttuno.identity.registry import LikenessSettings
from tuttuno.vault import nearby
from tuttuno.vault.quick import Quick

Face = tuple[Name, date | None]

_ALIKE = frozenset({Verdict.AGREES, Verdict.LEANS, Verdict.RENAMED})


class CrowdedError(Exception):
    """More records share a key than one record is held against."""


class Like(NamedTuple):
    """A record that a newcomer looks like.

    Attributes:
        weight: Bits that the two are one person.
        tied: True where that makes them one; otherwise a steward is asked.
    """

    record_no: int
    weight: float
    tied: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """What likeness weighs by, and what follows from a weight."""

    model: KeptModel
    asked: LikenessSettings


def mates(quick: Quick, scale: Scale, keys: Sequence[int]) -> list[int]:
    """Return the records that have one of some block keys, ascending.

    Raises:
        CrowdedError: More have a key than the model knows of.
    """
    asked = [key for key in keys if not _among(scale.model.crowded, key)]
    if not asked:
        return []
    found = nearby.mates(quick, asked, CAP)
    if max(Counter(key for key, _ in found).values(), default=0) > CAP:
        raise CrowdedError
    return sorted({number for _, number in found})


def _among(crowded: Ints, key: int) -> bool:
    place = int(np.searchsorted(crowded, key))
    return place < len(crowded) and bool(crowded[place] == key)


def likes(
    quick: Quick, scale: Scale, record_no: int, others: Sequence[int], face: Callable[[int], Face]
) -> list[Like]:
    """Return which others a record is alike, as `look.judged` finds them.

    Args:
        quick: Inside a transaction.
        scale: What likeness weighs by.
        record_no: The record.
        others: Whom it shares a key and no tie with.
        face: Name and birth date of a record.
    """
    name, born = face(record_no)
    named = {one: compare_names(name, face(one)[0]) for one in others}
    asked = [one for one, found in named.items() if found in _ALIKE]
    if not asked:
        return []
    mine, *theirs = (told(nearby.told_by(quick, one)) for one in (record_no, *asked))
    weighed = weigh_one(scale.model, mine, theirs)
    found: list[Like] = []
    for one, weight, near in zip(asked, weighed.weight.tolist(), weighed.near, strict=True):
        if weight < scale.asked.review:
            continue
        agrees = named[one] is Verdict.AGREES and bool(near) and one_day(born, face(one)[1])
        found.append(Like(one, weight, agrees and weight >= scale.asked.tie))
    return found


def one_day(born: date | None, again: date | None) -> bool:
    """True for one birth date, and for one with day and month in each other's place."""
    if born is None or again is None:
        return False
    swapped = (born.year, born.month, born.day) == (again.year, again.day, again.month)
    return born == again or swapped
