"""Which records are one person, once it is known which are tied."""

from dataclasses import dataclass

import numpy as np

from tuttuno.identity.connected import components
from tuttuno.identity.decided import NOTHING, Decided
from tuttuno.identity.evidence import Evidence, Flags, Ints
from tuttuno.identity.guard import Guard, Limits
from tuttuno.identity.joining import Edges, Joining, join, no_pairs
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


def clusters_of(
    evidence: Evidence,
    ties: Ties,
    limits: Limits,
    rules: Rules,
    judge: Judge,
    *,
    decided: Decided = NOTHING,
) -> Clusters:
    """Join tied records, the best ties first, unless a person would contradict herself.

    A tie is given up when the two sides together would hold two records that contradict each
    other in name or birth date, more values of a kind than one person has, two values of a
    kind that forbids it, or more records than a person has. All four can only become worse
    as a group grows; so a whole group of tied records that keeps them is one person whatever
    the order, and only the others are put together under guard.

    Args:
        evidence: What is known of the records.
        ties: Between them.
        limits: Values that one person may have.
        rules: Which ties are kept first, and how many records a person has.
        judge: Which faces contradict each other.
        decided: What stewards said, by positions; it stands above ties and limits.
    """
    start = _joined(evidence.records, ties, decided)
    case = _Case(evidence, limits, judge, rules.largest, decided)
    contested = _contested(case, start) | _spoken_of(start, decided)
    first, refused = start.copy(), np.zeros(len(ties), dtype=np.bool_)
    chosen, word_first = contested, False
    while chosen.any():
        records = np.flatnonzero(chosen)
        inside = np.flatnonzero(chosen[ties.one])
        inside = inside[best_first(ties.only(inside), evidence, rules)]
        first[records], refused[inside] = _put_together(
            case, records, ties.only(inside), word_first=word_first
        )
        # what stewards joined and what they keep apart can both hold only if put first
        chosen = _torn(start, first, decided) if not word_first else np.zeros_like(chosen)
        word_first = True
    return Clusters(first, refused, len(np.unique(start[contested])))


@dataclass(frozen=True, slots=True)
class _Case:
    evidence: Evidence
    limits: Limits
    judge: Judge
    largest: int
    decided: Decided


def _put_together(
    case: _Case, records: Ints, ties: Ties, *, word_first: bool
) -> tuple[Ints, Flags]:
    """Put some records together: the first record of each person, and the ties given up.

    Persons that stewards joined are joined at the end, so that a merge changes nothing else
    and nothing else stays behind when it is taken back.

    Args:
        case: What is known.
        records: Ascending.
        ties: Between them, the best first; each speaks for one person, and nothing against it
            but the guard.
        word_first: Join what stewards joined before anything else.
    """
    said = case.decided.at(records)
    one, other = (np.searchsorted(records, side) for side in (ties.one, ties.other))
    edges = Edges(
        one,
        other,
        weight=np.ones(len(ties), dtype=np.float32),
        rank=np.arange(len(ties)),
        must=(said.must, said.together) if word_first else no_pairs(),
        cannot=(said.cannot, said.apart),
    )
    guard = Guard(case.limits.among(records), case.evidence.face[records], case.judge)
    first = join(len(records), edges, Joining(missing=0.0, largest=case.largest), guard)
    refused: Flags = first[one] != first[other]
    everyone = np.arange(len(records))
    first = components(
        len(records), np.append(everyone, said.must), np.append(first, said.together)
    )
    return records[first], refused


def _torn(start: Ints, first: Ints, decided: Decided) -> Flags:
    """Records in a group in which two came together whom a steward keeps apart."""
    bad = np.zeros(len(start), dtype=np.bool_)
    bad[start[decided.cannot[first[decided.cannot] == first[decided.apart]]]] = True
    found: Flags = bad[start]
    return found


def parted(records: int, ties: Ties, decided: Decided) -> Flags:
    """Records in a group, tied or decided, that holds two who cannot be one person."""
    first = _joined(records, ties, decided)
    return _torn(first, first, decided)


def limits_of(evidence: Evidence, profile: Profile, rules: Rules) -> Limits:
    """Values that one person may have.

    Values of a shop, a kiosk or a form are not hers and do not count; a tax code always does.
    """
    hers = np.isin(profile.klass, (ValueClass.PERSONAL, ValueClass.HOUSEHOLD))
    counted = (hers | rules.blocks[evidence.values.kind])[evidence.value]
    value = evidence.value[counted]
    return Limits(
        most=rules.max_values,
        holder=evidence.holder[counted],
        kind=evidence.values.kind[value],
        value=value,
    )


def _joined(records: int, ties: Ties, decided: Decided) -> Ints:
    one, other = ((ties.one, decided.must), (ties.other, decided.together))
    return components(records, np.concatenate(one), np.concatenate(other))


def _spoken_of(first: Ints, decided: Decided) -> Flags:
    """Records in a group in which a steward has decided something."""
    joined = np.zeros(len(first), dtype=np.bool_)
    joined[first[decided.must]] = True
    found: Flags = joined[first] | _torn(first, first, decided)
    return found


def _contested(case: _Case, first: Ints) -> Flags:
    """Records in a group that breaks a limit or contradicts itself."""
    records, limits = case.evidence.records, case.limits
    bad = np.bincount(first, minlength=records) > case.largest
    group = first[limits.holder]
    for code, most in enumerate(limits.most.tolist()):
        of_kind = limits.kind == code
        bad |= counts_of(group[of_kind], limits.value[of_kind], records) > most
    bad |= _of_two_minds(case.evidence, first, case.judge)
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
