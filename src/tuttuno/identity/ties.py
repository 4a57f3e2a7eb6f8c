"""The ties between records: two that carry one value which may tie them, and do not contradict."""

from dataclasses import dataclass

import numpy as np

from tuttuno.identity.evidence import Evidence, Flags, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.profile import Profile, ValueClass, rule_arrays
from tuttuno.identity.registry import IdentitySettings


@dataclass(frozen=True, slots=True)
class Ties:
    """Pairs of records, the best ones first.

    Better is: the kind of higher priority, then names that agree, then the value that fewer
    records carry; at last the older value and records, so that the order is always the same.

    Attributes:
        one, other: Positions of two records.
        kind: Position in `KINDS` of the value that ties them.
        value: Its number.
        verdict: What their names and birth dates say, a `Verdict`.
    """

    one: Ints
    other: Ints
    kind: Ints
    value: Ints
    verdict: Ints

    def __len__(self) -> int:
        return len(self.one)

    def only(self, chosen: Flags | Ints) -> "Ties":
        """Some of them, in the same order."""
        return Ties(
            self.one[chosen],
            self.other[chosen],
            self.kind[chosen],
            self.value[chosen],
            self.verdict[chosen],
        )


def ties_of(evidence: Evidence, profile: Profile, settings: IdentitySettings, judge: Judge) -> Ties:
    """Tie the records of every value that may.

    A personal value of a kind that merges alone ties all its records to one of them, nameless
    ones too. On a household's value, and by a kind that does not merge alone, records are
    tied face by face: those without a name stay where they are.
    """
    rules = rule_arrays(settings)
    alone = rules["merges_alone"][profile.kind] == 1
    whole = alone & (profile.klass == ValueClass.PERSONAL) & (profile.size > 1)
    usable = np.isin(profile.klass, (ValueClass.PERSONAL, ValueClass.HOUSEHOLD))
    parted = usable & ~whole & (profile.size > 1)
    stars = [
        _to_first_named(evidence, profile, whole),
        _to_first_of_face(evidence, profile, parted),
        _between_faces(profile, parted),
    ]
    group, one, other = (np.concatenate(column) for column in zip(*stars, strict=True))
    verdict = judge.verdicts(evidence.face[one], evidence.face[other])
    ties = Ties(one, other, profile.kind[group], evidence.value[profile.start[group]], verdict)
    # a face that says only a family name does not make two of its records one person
    tied = whole[group] | (verdict == Verdict.AGREES)
    tied |= alone[group] & np.isin(verdict, (Verdict.LEANS, Verdict.RENAMED))
    order = np.lexsort(
        (other, one, ties.value, profile.size[group], verdict, rules["priority"][ties.kind])
    )
    return ties.only(order[tied[order]])


def _to_first_named(evidence: Evidence, profile: Profile, whole: Flags) -> list[Ints]:
    """Every record of a value to the first one that has a name or a birth date."""
    centre = evidence.holder[profile.start]
    named, at = np.unique(profile.faces.group, return_index=True)
    if len(named):
        order = np.lexsort((profile.faces.first, profile.faces.group))
        centre[named] = profile.faces.first[order][at]
    group = np.repeat(np.arange(profile.values), profile.size)
    apart = whole[group] & (centre[group] != evidence.holder)
    return [group[apart], centre[group[apart]], evidence.holder[apart]]


def _to_first_of_face(evidence: Evidence, profile: Profile, parted: Flags) -> list[Ints]:
    """Every record of a face to the first record of that face."""
    group = np.repeat(np.arange(profile.values), profile.size)
    face = evidence.face[evidence.holder]
    rows = np.flatnonzero(parted[group] & (face > 0))
    span = len(evidence.face_name)
    place = np.searchsorted(
        profile.faces.group * span + profile.faces.face, group[rows] * span + face[rows]
    )
    first = profile.faces.first[place]
    apart = first != evidence.holder[rows]
    return [group[rows][apart], first[apart], evidence.holder[rows][apart]]


def _between_faces(profile: Profile, parted: Flags) -> list[Ints]:
    faces, pairs = profile.faces, profile.face_pairs
    chosen = pairs.allowed & parted[faces.group[pairs.one]]
    one, other = pairs.one[chosen], pairs.other[chosen]
    return [faces.group[one], faces.first[one], faces.first[other]]
