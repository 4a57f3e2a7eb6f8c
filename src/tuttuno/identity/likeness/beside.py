"""Whom a newcomer looks like: those who share a block key with it, weighed one by one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from tuttuno.identity.evidence import Ints
from tuttuno.identity.likeness.kept import KeptModel
from tuttuno.identity.likeness.keys import CAP
from tuttuno.identity.likeness.one import told, weigh_one
from tuttuno.identity.names import Name, Verdict, compare_names
from tuttuno.identity.registry import LikenessSettings
from tuttuno.vault import nearby
from tuttuno.vault.nearby import Seen
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


def mates(quick: Quick, scale: Scale, keys: Sequence[int]) -> list[Seen]:
    """Return the records that have one of some block keys, each once, ascending.

    Raises:
        CrowdedError: More have a key than the model knows of.
    """
    asked = [key for key in keys if not _among(scale.model.crowded, key)]
    if not asked:
        return []
    found = nearby.mates(quick, asked, CAP)
    if max(Counter(key for key, _ in found).values(), default=0) > CAP:
        raise CrowdedError
    return sorted({who.record_no: who for _, who in found}.values())


def _among(crowded: Ints, key: int) -> bool:
    place = int(np.searchsorted(crowded, key))
    return place < len(crowded) and bool(crowded[place] == key)


def likes(
    quick: Quick, scale: Scale, mine: Face, said: Mapping[str, Any], others: Mapping[int, Face]
) -> list[Like]:
    """Return which others a record is alike, as `look.judged` finds them.

    Args:
        quick: Inside a transaction.
        scale: What likeness weighs by.
        mine: Name and birth date of the record.
        said: All that it says, by column.
        others: Those of whom it shares a key and no tie with, by record.
    """
    named = {one: compare_names(mine[0], face[0]) for one, face in others.items()}
    asked = [one for one, found in named.items() if found in _ALIKE]
    if not asked:
        return []
    weighed = weigh_one(
        scale.model, told(said), [told(nearby.told_by(quick, one)) for one in asked]
    )
    found: list[Like] = []
    for one, weight, near in zip(asked, weighed.weight.tolist(), weighed.near, strict=True):
        if weight < scale.asked.review:
            continue
        agrees = named[one] is Verdict.AGREES and bool(near) and one_day(mine[1], others[one][1])
        found.append(Like(one, weight, agrees and weight >= scale.asked.tie))
    return found


def one_day(born: date | None, again: date | None) -> bool:
    """True for one birth date, and for one with day and month in each other's place."""
    if born is None or again is None:
        return False
    swapped = (born.year, born.month, born.day) == (again.year, again.day, again.month)
    return born == again or swapped
