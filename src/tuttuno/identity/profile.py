"""What each identifier value turns out to be: one person's, a household's, shared, or junk."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from tuttuno.identity.connected import components
from tuttuno.identity.evidence import Evidence, Flags, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.ragged import count_up, counts_of, different_pairs, pairs_within, runs_of
from tuttuno.identity.registry import KINDS, OF_LIKENESS, IdentitySettings, LikenessSettings

#: Spellings of one person's name on one value; with more, nobody counts who they are.
_SPELLINGS = 4


class ValueClass(IntEnum):
    """Whose a value is, judged by who carries it."""

    PERSONAL = 0  # nothing contradicts that all its records are one person
    HOUSEHOLD = 1  # a few people share it: a family's e-mail, a couple's card
    SHARED = 2  # more people than the limit of its kind: a desk, a kiosk, a store
    JUNK = 3  # more records than the limit of its kind: the store's own phone, a test value


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of identifiers, each as an array by kind, and of likeness.

    Attributes:
        largest: Records of one person.
    """

    max_records: Ints
    max_persons: Ints
    max_values: Ints
    priority: Ints
    merges_alone: Flags
    blocks: Flags
    marries: Flags
    asks: Flags
    likeness: LikenessSettings
    largest: int

    @classmethod
    def of(cls, settings: IdentitySettings) -> "Rules":
        """Read them off the settings."""
        rules = [settings.rules.get(kind, OF_LIKENESS) for kind in KINDS]
        return cls(
            max_records=np.array([rule.max_records for rule in rules]),
            max_persons=np.array([rule.max_persons for rule in rules]),
            max_values=np.array([1 if r.conflict_blocks else r.max_values for r in rules]),
            priority=np.array([rule.priority for rule in rules]),
            merges_alone=np.array([rule.merges_alone for rule in rules]),
            blocks=np.array([rule.conflict_blocks for rule in rules]),
            marries=np.array([rule.merges_alone and not rule.recycled for rule in rules]),
            asks=np.array([rule.link_consent for rule in rules]),
            likeness=settings.likeness,
            largest=settings.largest_person,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """The different faces that each value shows, blank ones aside.

    Only of values that several records carry, and not too many to compare.

    Attributes:
        value: Position of the value.
        face: What its records say; ascending within a value.
        first: Position of the first record that says so.
    """

    value: Ints
    face: Ints
    first: Ints


@dataclass(frozen=True, slots=True)
class ShownPairs:
    """Pairs of faces on one value, as positions in `Shown`, and what is to be done with them.

    Attributes:
        allowed: The two may be tied.
        barred: The two cannot be tied by this value.
    """

    one: Ints
    other: Ints
    allowed: Flags
    barred: Flags


@dataclass(frozen=True, slots=True)
class Profile:
    """What became of every value, in the order of the evidence.

    Attributes:
        persons: How many people it seems to have at least.
        klass: A `ValueClass`.
        shown, pairs: The faces it shows and how they compare.
    """

    persons: Ints
    klass: Ints
    shown: Shown
    pairs: ShownPairs


def profile(evidence: Evidence, rules: Rules, judge: Judge) -> Profile:
    """Class every value.

    Faces that a value shows are compared two by two. Where nothing is barred the value is one
    person's. Otherwise its faces fall into people; a face that fits two of them, such as a
    newsletter's `Maria` beside two Marias, is tied to neither.
    """
    values = evidence.values
    kind = values.kind
    junk = values.carriers > rules.max_records[kind]
    shown = _shown(evidence, ~junk & (values.size > 1))
    faces = np.bincount(shown.value, minlength=len(values))
    crowded = faces > _SPELLINGS * (2 + rules.max_persons[kind])
    few = ~crowded[shown.value]
    shown = Shown(shown.value[few], shown.face[few], shown.first[few])
    pairs = _without_doubtful(shown, _compare(shown, kind, rules, judge))
    disputed = np.zeros(len(values), dtype=np.bool_)
    disputed[shown.value[pairs.one[pairs.barred]]] = True
    people = counts_of(shown.value, _labels(shown, pairs), len(values))
    persons = np.maximum(np.where(disputed, people, 1), _crowd(evidence, ~junk, rules))
    persons = np.where(crowded, faces, persons)
    klass = np.where(disputed | (persons > 1), ValueClass.HOUSEHOLD, ValueClass.PERSONAL)
    klass = np.where(persons > rules.max_persons[kind], ValueClass.SHARED, klass)
    klass = np.where(junk, ValueClass.JUNK, klass).astype(np.int64)
    return Profile(persons, klass, shown, pairs)


def _shown(evidence: Evidence, asked: Flags) -> Shown:
    face = evidence.face[evidence.holder]
    rows = np.flatnonzero((face > 0) & asked[evidence.value])
    # pairs stand by holder within a value, so the first occurrence is the first record
    key = evidence.value[rows] * len(evidence.faces) + face[rows]
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = key[1:] != key[:-1]
    value, face = np.divmod(key[new], len(evidence.faces))
    return Shown(value, face, evidence.holder[rows[order[new]]])


def _compare(shown: Shown, kind: Ints, rules: Rules, judge: Judge) -> ShownPairs:
    one, other = pairs_within(runs_of(shown.value))
    verdict = judge.verdicts(shown.face[one], shown.face[other])
    kind = kind[shown.value[one]]
    renamed = verdict == Verdict.RENAMED
    marriage = renamed & rules.marries[kind]
    leans = rules.merges_alone[kind] & (verdict == Verdict.LEANS)
    allowed = (verdict == Verdict.AGREES) | leans | marriage
    barred = (verdict == Verdict.CONTRADICTS) | (renamed & ~marriage)
    return ShownPairs(one, other, allowed, barred)


def _without_doubtful(shown: Shown, pairs: ShownPairs) -> ShownPairs:
    """Take the ties from every face that fits two faces which cannot be one person."""
    label = _labels(shown, pairs)
    inside = pairs.barred & (label[pairs.one] == label[pairs.other])
    if not inside.any():
        return pairs
    suspects = np.isin(label[pairs.one], label[pairs.one[inside]]) & pairs.allowed
    fits: dict[int, set[int]] = {}
    for one, other in zip(
        pairs.one[suspects].tolist(), pairs.other[suspects].tolist(), strict=True
    ):
        fits.setdefault(one, set()).add(other)
        fits.setdefault(other, set()).add(one)
    doubtful: set[int] = set()
    far = zip(pairs.one[inside].tolist(), pairs.other[inside].tolist(), strict=True)
    for one, other in far:
        doubtful |= fits.get(one, set()) & fits.get(other, set())
    leaves = np.isin(pairs.one, list(doubtful)) | np.isin(pairs.other, list(doubtful))
    return ShownPairs(pairs.one, pairs.other, pairs.allowed & ~leaves, pairs.barred)


def _labels(shown: Shown, pairs: ShownPairs) -> Ints:
    one, other = pairs.one[pairs.allowed], pairs.other[pairs.allowed]
    return components(len(shown.value), one, other)


def _crowd(evidence: Evidence, live: Flags, rules: Rules) -> Ints:
    """People a value must have, counted by the other identifiers of its records.

    A phone on records with a hundred e-mails is a store's, even where no record has a name.
    Only values with more records than people allowed can be over the limit this way.
    """
    values = evidence.values
    persons = np.ones(len(values), dtype=np.int64)
    asked = live & (values.size > rules.max_persons[values.kind])
    rows = np.flatnonzero(asked[evidence.value])
    holders = np.zeros(evidence.records, dtype=np.bool_)
    holders[evidence.holder[rows]] = True
    beside = np.flatnonzero(holders[evidence.holder])
    kind = values.kind[evidence.value[beside]]
    for code, most in enumerate(rules.max_values.tolist()):
        of_kind = beside[kind == code]
        where, value = _joined(evidence, rows, of_kind)
        different = counts_of(evidence.value[where], value, len(values))
        persons = np.maximum(persons, -(-different // most))
    return persons


def _joined(evidence: Evidence, rows: Ints, beside: Ints) -> tuple[Ints, Ints]:
    """For each row, each of the values beside that the same record carries."""
    holder, value = different_pairs(evidence.holder[beside], evidence.value[beside])
    low = np.searchsorted(holder, evidence.holder[rows], side="left")
    many = np.searchsorted(holder, evidence.holder[rows], side="right") - low
    return np.repeat(rows, many), value[np.repeat(low, many) + count_up(many)]
