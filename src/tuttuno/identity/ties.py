"""The ties between records: two that carry one value which may tie them, and do not contradict."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tuttuno.identity.evidence import Evidence, Flags, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.profile import Profile, Rules, ValueClass


@dataclass(frozen=True, slots=True)
class Ties:
    """Pairs of records that one value makes one person.

    Attributes:
        one, other: Positions of two records, the lower first.
        value: Position of the value that ties them.
        verdict: What their names and birth dates say, a `Verdict`.
    """

    one: Ints
    other: Ints
    value: Ints
    verdict: Ints

    def __len__(self) -> int:
        return len(self.one)

    def only(self, chosen: Flags | Ints) -> "Ties":
        """Some of them, in the order chosen."""
        return Ties(self.one[chosen], self.other[chosen], self.value[chosen], self.verdict[chosen])

    def and_those(self, others: "Ties") -> "Ties":
        """These, and others behind them."""
        return Ties(
            np.concatenate((self.one, others.one)),
            np.concatenate((self.other, others.other)),
            np.concatenate((self.value, others.value)),
            np.concatenate((self.verdict, others.verdict)),
        )


def ties_of(evidence: Evidence, profile: Profile, rules: Rules, judge: Judge) -> Ties:
    """Tie the records of every value that may, in no particular order.

    A personal value of a kind that merges alone ties all its records to one of them, nameless
    ones too. On a household's value, and by a kind that does not merge alone, records are
    tied face by face: those without a name stay where they are.
    """
    values = evidence.values
    several = values.size > 1
    alone = rules.merges_alone[values.kind]
    whole = several & alone & (profile.klass == ValueClass.PERSONAL)
    usable = np.isin(profile.klass, (ValueClass.PERSONAL, ValueClass.HOUSEHOLD))
    parted = several & usable & ~whole
    stars = [
        _to_first_named(evidence, profile, whole),
        _to_first_of_face(evidence, profile, parted),
        _between_faces(profile, parted),
    ]
    value, left, right = (np.concatenate(column) for column in zip(*stars, strict=True))
    one, other = np.minimum(left, right), np.maximum(left, right)
    verdict = judge.verdicts(evidence.face[one], evidence.face[other])
    # a face that says only a family name does not make two of its records one person
    speaks = np.isin(verdict, (Verdict.LEANS, Verdict.RENAMED)) & alone[value]
    tied = whole[value] | (verdict == Verdict.AGREES) | speaks
    return Ties(one[tied], other[tied], value[tied], verdict[tied])


def tied_again(
    ties: Ties, inside: Flags, evidence: Evidence, profile: Profile, rules: Rules, judge: Judge
) -> Ties:
    """Add the ties between those that hang on one record, in the groups that are to be parted.

    Records of a value are tied to one of them; where a steward parts a person, those that hung
    on the other part would fall to pieces without these.

    Args:
        ties: All of them.
        inside: The ties of those groups.
        evidence: What is known of the records.
        profile: What became of the values.
        rules: What values may do.
        judge: What names and birth dates say.
    """
    hung: dict[tuple[int, int], set[int]] = {}
    chosen = ties.only(inside)
    rows = zip(chosen.value.tolist(), chosen.one.tolist(), chosen.other.tolist(), strict=True)
    for value, one, other in rows:
        hung.setdefault((value, one), set()).add(other)
        hung.setdefault((value, other), set()).add(one)
    known = set(zip(chosen.value.tolist(), chosen.one.tolist(), chosen.other.tolist(), strict=True))
    more = {
        (value, *pair)
        for (value, _), beside in hung.items()
        for pair in combinations(sorted(beside), 2)
    } - known
    if not more:
        return ties
    value, one, other = (np.array(column) for column in zip(*sorted(more), strict=True))
    verdict = judge.verdicts(evidence.face[one], evidence.face[other])
    alone = rules.merges_alone[evidence.values.kind[value]]
    marries = rules.marries[evidence.values.kind[value]]
    fits = (alone & (profile.klass[value] == ValueClass.PERSONAL)) | (verdict == Verdict.AGREES)
    fits |= (alone & (verdict == Verdict.LEANS)) | (marries & (verdict == Verdict.RENAMED))
    extra = Ties(one[fits], other[fits], value[fits], verdict[fits])
    return ties.and_those(extra)


def best_first(ties: Ties, evidence: Evidence, rules: Rules) -> Ints:
    """The order in which ties are kept where they contradict each other.

    First the kind of higher priority, then names that agree, then the value that fewer records
    carry; at last the older value and the older records, so that the order is always the same.
    """
    values = evidence.values
    return np.lexsort(
        (
            ties.other,
            ties.one,
            ties.value,
            values.carriers[ties.value],
            ties.verdict,
            rules.priority[values.kind[ties.value]],
        )
    )


def _to_first_named(evidence: Evidence, profile: Profile, whole: Flags) -> list[Ints]:
    """Every record of a value to the first one that has a name or a birth date."""
    centre = np.zeros(len(evidence.values), dtype=np.int64)
    held = evidence.values.size > 0
    centre[held] = evidence.holder[evidence.values.start[held]]
    shown = profile.shown
    order = np.lexsort((-shown.first, shown.value))
    centre[shown.value[order]] = shown.first[order]  # the last one written is the first record
    rows = np.flatnonzero(whole[evidence.value] & (centre[evidence.value] != evidence.holder))
    value = evidence.value[rows]
    return [value, centre[value], evidence.holder[rows]]


def _to_first_of_face(evidence: Evidence, profile: Profile, parted: Flags) -> list[Ints]:
    """Every record of a face to the first record of that face."""
    face = evidence.face[evidence.holder]
    rows = np.flatnonzero(parted[evidence.value] & (face > 0))
    shown, span = profile.shown, len(evidence.faces)
    place = np.searchsorted(
        shown.value * span + shown.face, evidence.value[rows] * span + face[rows]
    )
    apart = shown.first[place] != evidence.holder[rows]
    rows, place = rows[apart], place[apart]
    return [evidence.value[rows], shown.first[place], evidence.holder[rows]]


def _between_faces(profile: Profile, parted: Flags) -> list[Ints]:
    shown, pairs = profile.shown, profile.pairs
    chosen = pairs.allowed & parted[shown.value[pairs.one]]
    one, other = pairs.one[chosen], pairs.other[chosen]
    return [shown.value[one], shown.first[one], shown.first[other]]
