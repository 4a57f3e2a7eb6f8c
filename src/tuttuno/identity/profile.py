"""What each identifier value turns out to be: one person's, a household's, shared, or junk."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tuttuno.identity.evidence import KINDS, Evidence, Flags, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.ragged import count_up, counts_of, pairs_within
from tuttuno.identity.registry import IdentifierRule, IdentitySettings

#: Spellings of one person's name on one value; with more, nobody counts who they are.
_SPELLINGS = 4


class ValueClass(IntEnum):
    """Whose a value is, judged by who carries it."""

    PERSONAL = 0  # nothing contradicts that all its records are one person
    HOUSEHOLD = 1  # a few people share it: a family's e-mail, a couple's card
    SHARED = 2  # more people than the limit of its kind: a desk, a kiosk, a store
    JUNK = 3  # more records than the limit of its kind: the store's own phone, a test value


@dataclass(frozen=True, slots=True)
class Faces:
    """The different faces that a value shows, for values with any; no blank ones.

    Attributes:
        group: Position of the value in the profile.
        face: What the records say; ascending within a value.
        first: Position of the first record that says so.
    """

    group: Ints
    face: Ints
    first: Ints


@dataclass(frozen=True, slots=True)
class FacePairs:
    """Pairs of faces on one value, as positions in `Faces`, and what is to be done with them.

    Attributes:
        allowed: The two may be tied.
        barred: The two cannot be tied by this value.
    """

    one: Ints
    other: Ints
    verdict: Ints
    allowed: Flags
    barred: Flags


@dataclass(frozen=True, slots=True)
class Profile:
    """One entry per value, in the order of the evidence.

    Attributes:
        start: Where its pairs begin in the evidence.
        size: How many records carry it.
        kind: Position in `KINDS`.
        persons: How many people it seems to have at least.
        klass: A `ValueClass`.
    """

    start: Ints
    size: Ints
    kind: Ints
    persons: Ints
    klass: Ints
    faces: Faces
    face_pairs: FacePairs

    @property
    def values(self) -> int:
        """How many values."""
        return len(self.start)


def profile(evidence: Evidence, settings: IdentitySettings, judge: Judge) -> Profile:
    """Class every value.

    Faces that a value shows are compared two by two. Where nothing is barred the value is one
    person's. Otherwise its faces fall into people; a face that fits two of them, such as a
    newsletter's `Maria` beside two Marias, is tied to neither.
    """
    rules = rule_arrays(settings)
    start, size, kind = _groups(evidence)
    group = np.repeat(np.arange(len(start)), size)
    junk = evidence.carriers[start] > rules["max_records"][kind]
    faces = _faces(evidence, group, junk)
    shown = np.bincount(faces.group, minlength=len(start)).astype(np.int64)
    crowded = shown > _SPELLINGS * (2 + rules["max_persons"][kind])
    compared = ~crowded[faces.group]
    faces = Faces(faces.group[compared], faces.face[compared], faces.first[compared])
    pairs = _without_doubtful(faces, _compare(faces, kind, rules, judge))
    disputed = np.zeros(len(start), dtype=np.bool_)
    disputed[faces.group[pairs.one[pairs.barred]]] = True
    persons = np.where(disputed, _people(faces, pairs, len(start)), 1)
    persons = np.maximum(persons, _crowd(evidence, size, kind, junk, settings))
    persons = np.where(crowded, shown, persons)
    klass = np.where(persons > 1, ValueClass.HOUSEHOLD, ValueClass.PERSONAL)
    klass = np.where(persons > rules["max_persons"][kind], ValueClass.SHARED, klass)
    klass = np.where(junk, ValueClass.JUNK, klass).astype(np.int64)
    return Profile(start, size, kind, persons, klass, faces, pairs)


def rule_arrays(settings: IdentitySettings) -> dict[str, Ints]:
    """Each limit of the rules as an array by kind."""
    rules: list[IdentifierRule] = [settings.rules[kind] for kind in KINDS]
    names = ("max_records", "max_persons", "max_values", "priority", "merges_alone")
    numbers = {name: np.array([int(getattr(rule, name)) for rule in rules]) for name in names}
    blocks = np.array([rule.conflict_blocks for rule in rules])
    numbers["max_values"] = np.where(blocks, 1, numbers["max_values"])
    renames = [rule.merges_alone and not rule.recycled for rule in rules]
    return {**numbers, "renames": np.array(renames, dtype=np.int64)}


def _groups(evidence: Evidence) -> tuple[Ints, Ints, Ints]:
    value = evidence.value
    new = np.ones(len(value), dtype=np.bool_)
    new[1:] = value[1:] != value[:-1]
    start = np.flatnonzero(new)
    size = np.diff(np.append(start, len(value)))
    return start, size, evidence.kind[start]


def _faces(evidence: Evidence, group: Ints, junk: Flags) -> Faces:
    face = evidence.face[evidence.holder]
    speaks = (face > 0) & ~junk[group]
    group, face, holder = group[speaks], face[speaks], evidence.holder[speaks]
    # pairs stand by holder within a value, so the first occurrence is the first record
    span = len(evidence.face_name)
    _, first = np.unique(group * span + face, return_index=True)
    return Faces(group[first], face[first], holder[first])


def _compare(faces: Faces, kind: Ints, rules: dict[str, Ints], judge: Judge) -> FacePairs:
    _, sizes = np.unique(faces.group, return_counts=True)
    one, other = pairs_within(sizes)
    verdict = judge.verdicts(faces.face[one], faces.face[other])
    kind = kind[faces.group[one]]
    agrees = verdict == Verdict.AGREES
    alone = rules["merges_alone"][kind] == 1
    renamed = verdict == Verdict.RENAMED
    marriage = renamed & (rules["renames"][kind] == 1)
    allowed = agrees | (alone & (verdict == Verdict.LEANS)) | marriage
    barred = (verdict == Verdict.CONTRADICTS) | (renamed & ~marriage)
    return FacePairs(one, other, verdict, allowed, barred)


def _without_doubtful(faces: Faces, pairs: FacePairs) -> FacePairs:
    """Take the ties from every face that fits two faces which cannot be one person."""
    label = _labels(len(faces.group), pairs)
    inside = pairs.barred & (label[pairs.one] == label[pairs.other])
    if not inside.any():
        return pairs
    suspects = np.isin(label[pairs.one], label[pairs.one[inside]])
    fits: dict[int, set[int]] = {}
    for at in np.flatnonzero(suspects & pairs.allowed).tolist():
        one, other = int(pairs.one[at]), int(pairs.other[at])
        fits.setdefault(one, set()).add(other)
        fits.setdefault(other, set()).add(one)
    doubtful = set()
    for at in np.flatnonzero(inside).tolist():
        one, other = int(pairs.one[at]), int(pairs.other[at])
        doubtful |= fits.get(one, set()) & fits.get(other, set())
    leaves = np.isin(pairs.one, list(doubtful)) | np.isin(pairs.other, list(doubtful))
    return FacePairs(pairs.one, pairs.other, pairs.verdict, pairs.allowed & ~leaves, pairs.barred)


def _labels(nodes: int, pairs: FacePairs) -> Ints:
    one, other = pairs.one[pairs.allowed], pairs.other[pairs.allowed]
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(nodes, nodes))
    label: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return label


def _people(faces: Faces, pairs: FacePairs, groups: int) -> Ints:
    return counts_of(faces.group, _labels(len(faces.group), pairs), groups)


def _crowd(
    evidence: Evidence, size: Ints, kind: Ints, junk: Flags, settings: IdentitySettings
) -> Ints:
    """People a value must have, counted by the other identifiers of its records.

    A phone on records with thirty e-mails is a store's, even where no record has a name. Only
    values with more records than people allowed can be over the limit this way.
    """
    rules = rule_arrays(settings)
    persons = np.ones(len(size), dtype=np.int64)
    asked = ~junk & (size > rules["max_persons"][kind])
    rows = np.flatnonzero(np.repeat(asked, size))
    group = np.repeat(np.arange(len(size)), size)
    for code in range(len(KINDS)):
        where, value = _values_beside(evidence, rows, code)
        different = counts_of(group[where], value, len(size))
        persons = np.maximum(persons, -(-different // rules["max_values"][code]))
    return persons


def _values_beside(evidence: Evidence, rows: Ints, code: int) -> tuple[Ints, Ints]:
    """Every value of one kind that the records in the rows carry, with its row."""
    asked = np.zeros(evidence.records, dtype=np.bool_)
    asked[evidence.holder[rows]] = True
    of_kind = np.flatnonzero((evidence.kind == code) & asked[evidence.holder])
    order = np.argsort(evidence.holder[of_kind], kind="stable")
    holder, value = evidence.holder[of_kind][order], evidence.value[of_kind][order]
    low = np.searchsorted(holder, evidence.holder[rows], side="left")
    many = np.searchsorted(holder, evidence.holder[rows], side="right") - low
    return np.repeat(rows, many), value[np.repeat(low, many) + count_up(many)]
