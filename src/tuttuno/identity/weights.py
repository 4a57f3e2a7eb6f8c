"""How much speaks for two records being one person: a sum of a few numbers, each with its reason.

Weights are bits: one more bit doubles the odds. They decide nothing; the guard does. They say
how far an outcome is from certain, which orders what a steward looks at, and why.

Source: house defaults; the scale is that of Fellegi and Sunter (1969), *A theory for record
linkage*. No published standard found for a retailer's identifiers.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tuttuno.identity.evidence import Evidence, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.profile import Profile, Rules, ValueClass
from tuttuno.identity.ragged import count_up
from tuttuno.identity.registry import KINDS, LIKENESS, RESIDENCE
from tuttuno.vocab import IdentifierType

Bits = NDArray[np.float64]

#: Two records that share something, taken at random, are one person once in 65 times.
START = -6.0

#: What a value says that one person alone seems to have.
SHARED_VALUE: dict[str, float] = {
    IdentifierType.TAX_CODE: 16.0,
    IdentifierType.LOYALTY_CARD: 12.0,
    IdentifierType.ACCOUNT: 12.0,
    IdentifierType.EMAIL: 10.0,
    IdentifierType.PHONE: 8.0,
    IdentifierType.SOCIAL_HANDLE: 8.0,
    RESIDENCE: 6.0,
    IdentifierType.PAYMENT_TOKEN: 5.0,
    IdentifierType.DEVICE: 4.0,
    LIKENESS: 0.0,  # name, birth date and place are added up for themselves
}
NAMES: dict[Verdict, float] = {
    Verdict.AGREES: 6.0,
    Verdict.LEANS: 3.0,
    Verdict.SILENT: 0.0,
    Verdict.RENAMED: -1.0,
    Verdict.CONTRADICTS: -12.0,
}
BORN_ALIKE, BORN_SWAPPED, BORN_APART = 8.0, 5.0, -10.0

#: Two different values of a kind that forbids it, such as two tax codes.
AT_ODDS = -16.0

#: A pair is doubtful while the chance that its outcome is wrong is above about 2 %.
MARGIN = 5.6


class Reason(StrEnum):
    """What a part of a weight is about."""

    START = "start"
    VALUE = "value"
    NAMES = "names"
    BIRTH = "birth"
    AT_ODDS = "at_odds"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class Part:
    """One step of the waterfall.

    Attributes:
        bits: What it adds; zero says nothing, below zero it speaks against.
        value: Position of the shared value; None where it is about something else.
        says: The verdict on names, `alike`, `swapped` or `apart` on births, the class of the
            shared value, or the kind of the values at odds.
    """

    reason: Reason
    bits: float
    says: str
    value: int | None = None


def chance(weight: float) -> float:
    """The chance that two records are one person, by their weight.

    >>> chance(0.0), round(chance(10.0), 3)
    (0.5, 0.999)
    """
    return float(1 / (1 + 2.0**-weight))


class Scales:
    """Weighs pairs of the records of one picture."""

    def __init__(self, evidence: Evidence, profile: Profile, rules: Rules, judge: Judge) -> None:
        self._evidence = evidence
        self._klass = profile.klass
        self._judge = judge
        self._of_value = _bits_of_values(evidence, profile)
        self._blocking = np.flatnonzero(rules.blocks).tolist()
        order = np.argsort(evidence.holder, kind="stable")
        self._held = evidence.value[order]
        self._start = np.searchsorted(evidence.holder[order], np.arange(evidence.records + 1))

    def weights(self, one: Ints, other: Ints) -> Bits:
        """Weigh many pairs; each weight is the sum of the parts of that pair."""
        pair, value = self._shared(one, other)
        shared = np.bincount(pair, weights=self._of_value[value], minlength=len(one))
        names = np.array([NAMES[verdict] for verdict in Verdict])[self._names(one, other)]
        odds = sum((self._at_odds(kind, one, other) for kind in self._blocking), np.zeros(len(one)))
        weight: Bits = START + shared + names + self._births(one, other) + AT_ODDS * odds
        return weight

    def parts(self, one: int, other: int) -> tuple[Part, ...]:
        """Return the waterfall of one pair, from the start on."""
        left, right = np.array([one]), np.array([other])
        found = [Part(Reason.START, START, "")]
        for value in self._shared(left, right)[1].tolist():
            klass = ValueClass(int(self._klass[value])).name.lower()
            found.append(Part(Reason.VALUE, float(self._of_value[value]), klass, value))
        verdict = Verdict(int(self._names(left, right)[0]))
        found.append(Part(Reason.NAMES, NAMES[verdict], verdict.name.lower()))
        born = float(self._births(left, right)[0])
        if born:
            found.append(Part(Reason.BIRTH, born, _BIRTHS[born]))
        found += [
            Part(Reason.AT_ODDS, AT_ODDS, KINDS[kind])
            for kind in self._blocking
            if self._at_odds(kind, left, right)[0]
        ]
        return tuple(found)

    def _names(self, one: Ints, other: Ints) -> Ints:
        face = self._evidence.face
        return self._judge.names(face[one], face[other])

    def _births(self, one: Ints, other: Ints) -> Bits:
        face = self._evidence.face
        said = self._judge.births(face[one], face[other])
        return np.array([0.0, BORN_ALIKE, BORN_SWAPPED, BORN_APART])[said]

    def _shared(self, one: Ints, other: Ints) -> tuple[Ints, Ints]:
        """The values that both records of a pair carry, as pairs of pair and value."""
        (pair, value), (again, same) = self._carried(one), self._carried(other)
        span = len(self._of_value) + 1
        both: Ints = np.intersect1d(pair * span + value, again * span + same)
        return np.divmod(both, span)

    def _carried(self, records: Ints) -> tuple[Ints, Ints]:
        low, size = self._start[records], self._start[records + 1] - self._start[records]
        return np.repeat(np.arange(len(records)), size), self._held[
            np.repeat(low, size) + count_up(size)
        ]

    def _at_odds(self, kind: int, one: Ints, other: Ints) -> Bits:
        """1 where both records carry values of a kind, and none in common."""
        of_kind = self._evidence.values.kind == kind
        mine, yours, both = (
            np.bincount(pair[of_kind[value]], minlength=len(one)) > 0
            for pair, value in (self._carried(one), self._carried(other), self._shared(one, other))
        )
        return (mine & yours & ~both).astype(np.float64)


_BIRTHS = {BORN_ALIKE: "alike", BORN_SWAPPED: "swapped", BORN_APART: "apart"}


def _bits_of_values(evidence: Evidence, profile: Profile) -> Bits:
    """What each value adds where two records share it.

    A value that several people share tells less by twice the bits of their number; one that is
    a shop's, a form's or nobody's tells nothing.
    """
    bits = np.array([SHARED_VALUE[kind] for kind in KINDS])[evidence.values.kind]
    among = 2 * np.log2(np.maximum(profile.persons, 1))
    bits = np.where(profile.klass == ValueClass.HOUSEHOLD, np.maximum(bits - among, 0.0), bits)
    lost = np.isin(profile.klass, (ValueClass.SHARED, ValueClass.JUNK))
    found: Bits = np.where(lost, 0.0, bits)
    return found
