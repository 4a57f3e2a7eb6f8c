"""Putting contested records together tie by tie, and refusing what would contradict itself."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tuttuno.identity.decided import NOTHING, Decided
from tuttuno.identity.evidence import Evidence, Ints
from tuttuno.identity.judge import Judge


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person may hold.

    Attributes:
        records: Records.
        most: Values by kind, a position in `KINDS`. A record that alone carries more stays
            as it is, and nothing may add to it.
        holder, kind, value: The values that count, as pairs of record and value.
    """

    records: int
    most: Ints
    holder: Ints
    kind: Ints
    value: Ints

    def carried(self, records: Iterable[int]) -> set[tuple[int, int]]:
        """Kind and number of every value that counts of some records."""
        rows = np.flatnonzero(np.isin(self.holder, list(records)))
        return set(zip(self.kind[rows].tolist(), self.value[rows].tolist(), strict=True))


class _Person:
    """What a growing group of records holds so far."""

    __slots__ = ("enemies", "faces", "first", "marked", "size", "values")

    def __init__(self, record: int, face: int) -> None:
        self.first = record
        self.size = 1
        self.faces = {face} if face else set()
        self.marked: set[int] = set()  # her own records that cannot be with others
        self.enemies: set[int] = set()  # records that cannot be of this person
        self.values: dict[int, set[int]] = {}

    def take(self, other: "_Person") -> None:
        self.first = min(self.first, other.first)
        self.size += other.size
        self.faces |= other.faces
        self.marked |= other.marked
        self.enemies |= other.enemies
        for kind, values in other.values.items():
            self.values.setdefault(kind, set()).update(values)


class Guard:
    """Joins records one tie after the other, as long as no person contradicts herself.

    Whatever would bring records together that a steward keeps apart is refused.
    """

    def __init__(
        self,
        evidence: Evidence,
        limits: Limits,
        judge: Judge,
        records: Ints,
        *,
        decided: Decided = NOTHING,
    ) -> None:
        self._limits = limits
        self._judge = judge
        self._must, self._together = decided.must, decided.together
        self._at_odds: dict[tuple[int, int], bool] = {}
        chosen = records.tolist()
        self._leader = {record: record for record in chosen}
        self._person = {
            record: _Person(record, face)
            for record, face in zip(chosen, evidence.face[records].tolist(), strict=True)
        }
        inside = np.zeros(evidence.records, dtype=np.bool_)
        inside[records] = True
        rows = inside[limits.holder]
        columns = (limits.holder[rows], limits.kind[rows], limits.value[rows])
        for holder, kind, value in zip(*(column.tolist() for column in columns), strict=True):
            self._person[holder].values.setdefault(kind, set()).add(value)
        for one, other in decided.forbidden:
            if one in self._person:
                self._person[one].marked.add(one)
                self._person[one].enemies.add(other)

    def keep_word(self) -> None:
        """Make those one person of whom a steward said so, whatever speaks against it."""
        for one, other in zip(self._must.tolist(), self._together.tolist(), strict=True):
            if one in self._leader:
                self._unite(self._root(one), self._root(other))

    def first_of(self, record: int) -> int:
        """Position of the first record of the same person."""
        return self._person[self._root(record)].first

    def join(self, one: int, other: int) -> bool:
        """Make two records one person; False when that is refused."""
        left, right = self._root(one), self._root(other)
        if left == right:
            return True
        if not self._may_be_one(self._person[left], self._person[right]):
            return False
        self._unite(left, right)
        return True

    def _unite(self, left: int, right: int) -> None:
        if left == right:
            return
        if self._person[left].size < self._person[right].size:
            left, right = right, left
        self._leader[right] = left
        self._person[left].take(self._person.pop(right))

    def _root(self, record: int) -> int:
        leader = self._leader
        while leader[record] != record:
            leader[record] = leader[leader[record]]  # halve the path as we walk it
            record = leader[record]
        return record

    def _may_be_one(self, left: _Person, right: _Person) -> bool:
        if left.enemies & right.marked or left.size + right.size > self._limits.records:
            return False
        most = self._limits.most
        for kind in left.values.keys() & right.values.keys():
            mine, yours = left.values[kind], right.values[kind]
            if len(mine | yours) > max(int(most[kind]), len(mine), len(yours)):
                return False
        return not any(self._contradict(one, other) for one in left.faces for other in right.faces)

    def _contradict(self, one: int, other: int) -> bool:
        key = (one, other) if one < other else (other, one)
        known = self._at_odds.get(key)
        if known is None:
            known = self._at_odds[key] = self._judge.contradict(one, other)
        return known
