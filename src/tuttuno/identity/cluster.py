"""Which records are one person, once it is known which are tied."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tuttuno.identity.evidence import Evidence, Flags, Ints
from tuttuno.identity.guard import Guard, Limits
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.profile import Profile, Rules, ValueClass
from tuttuno.identity.ragged import counts_of, different_pairs, pairs_within, runs_of
from tuttuno.identity.ties import Ties, best_first

#: Faces in one group above which they are compared only as its ties are added.
_MANY_FACES = 64


@dataclass(frozen=True, slots=True)
class Clusters:
    """One entry per record of the evidence; and per tie, whether it had to be given up.

    Attributes:
        first: Position of the first record of the same person.
        refused: True for a tie that would have joined what contradicts itself.
        contested: Groups of tied records in which a contradiction was found.
    """

    first: Ints
    refused: Flags
    contested: int


def components(records: int, one: Ints, other: Ints) -> Ints:
    """Give each record the position of the first record it is connected to.

    Two records get the same position if and only if a chain of ties joins them.
    """
    if not records:
        return np.empty(0, dtype=np.int64)
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(records, records))
    label = connected_components(graph, directed=False)[1]
    first = np.empty(int(label.max()) + 1, dtype=np.int64)
    first[label[::-1]] = np.arange(records)[::-1]  # the last one written is the lowest
    found: Ints = first[label]
    return found


def clusters_of(
    evidence: Evidence, ties: Ties, limits: Limits, rules: Rules, judge: Judge
) -> Clusters:
    """Join tied records, the best ties first, unless a person would contradict herself.

    A tie is given up when the two sides together would hold two records that contradict each
    other in name or birth date, more values of a kind than one person has, two values of a
    kind that forbids it, or more records than a person has. All four can only become worse
    as a group grows; so a whole group of tied records that keeps them is one person whatever
    the order, and only the others are put together tie by tie.
    """
    first = components(evidence.records, ties.one, ties.other)
    contested = _contested(evidence, first, limits, judge)
    groups = len(np.unique(first[contested]))
    records = np.flatnonzero(contested)
    inside = np.flatnonzero(contested[ties.one])
    inside = inside[best_first(ties.only(inside), evidence, rules)]
    guard = Guard(evidence, limits, judge, records)
    refused = np.zeros(len(ties), dtype=np.bool_)
    sides = zip(ties.one[inside].tolist(), ties.other[inside].tolist(), strict=True)
    refused[inside] = [not guard.join(one, other) for one, other in sides]
    first[records] = [guard.first_of(record) for record in records.tolist()]
    return Clusters(first, refused, groups)


def plain_clusters(
    evidence: Evidence, ties: Iterable[tuple[int, int]], limits: Limits, judge: Judge
) -> list[int]:
    """The law of `clusters_of`, without its shortcuts: the oracle of its tests."""
    member_of = {record: {record} for record in range(evidence.records)}
    for one, other in ties:
        left, right = member_of[one], member_of[other]
        if left is not right and _may_be_one(left, right, evidence, limits, judge):
            left |= right
            member_of.update(dict.fromkeys(right, left))
    return [min(member_of[record]) for record in range(evidence.records)]


def _may_be_one(
    left: set[int], right: set[int], evidence: Evidence, limits: Limits, judge: Judge
) -> bool:
    if len(left) + len(right) > limits.records:
        return False
    face = evidence.face
    if any(judge.contradict(int(face[a]), int(face[b])) for a in left for b in right):
        return False
    mine, yours = limits.carried(left), limits.carried(right)
    for code, most in enumerate(limits.most.tolist()):
        left_has = {value for kind, value in mine if kind == code}
        right_has = {value for kind, value in yours if kind == code}
        if len(left_has | right_has) > max(most, len(left_has), len(right_has)):
            return False
    return True


def limits_of(evidence: Evidence, profile: Profile, rules: Rules, largest: int) -> Limits:
    """What one person may hold.

    Values of a shop, a kiosk or a form are not hers and do not count; a tax code always does.
    """
    hers = np.isin(profile.klass, (ValueClass.PERSONAL, ValueClass.HOUSEHOLD))
    counted = (hers | rules.blocks[evidence.values.kind])[evidence.value]
    value = evidence.value[counted]
    return Limits(
        records=largest,
        most=rules.max_values,
        holder=evidence.holder[counted],
        kind=evidence.values.kind[value],
        value=value,
    )


def _contested(evidence: Evidence, first: Ints, limits: Limits, judge: Judge) -> Flags:
    """Records in a group that breaks a limit or contradicts itself."""
    bad = np.bincount(first, minlength=evidence.records) > limits.records
    group = first[limits.holder]
    for code, most in enumerate(limits.most.tolist()):
        of_kind = limits.kind == code
        bad |= counts_of(group[of_kind], limits.value[of_kind], evidence.records) > most
    bad |= _of_two_minds(evidence, first, judge)
    return bad[first]


def _of_two_minds(evidence: Evidence, first: Ints, judge: Judge) -> Flags:
    """Groups in which two faces contradict each other; too many to compare count as such."""
    speaks = np.flatnonzero(evidence.face > 0)
    group, face = different_pairs(first[speaks], evidence.face[speaks])
    shown = np.bincount(group, minlength=evidence.records)
    bad: Flags = shown > _MANY_FACES
    compared = (shown[group] > 1) & ~bad[group]
    group, face = group[compared], face[compared]
    one, other = pairs_within(runs_of(group))
    against = judge.verdicts(face[one], face[other]) == Verdict.CONTRADICTS
    bad[group[one[against]]] = True
    return bad
