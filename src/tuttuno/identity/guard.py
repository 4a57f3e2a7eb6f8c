"""What one person may hold: the limits, and the contradictions, that keep records apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.names import Verdict
from tuttuno.identity.ragged import count_up, counts_of, different_pairs


@dataclass(frozen=True, slots=True)
class Limits:
    """How many values of each kind one person has at most.

    Attributes:
        most: Values by kind. A record that alone carries more stays as it is, and nothing may
            add to it.
        holder, kind, value: The values that count, as pairs of record and value; a value is of
            one kind.
    """

    most: Ints
    holder: Ints
    kind: Ints
    value: Ints

    @classmethod
    def one_each(cls, columns: Iterable[Ints]) -> Self:
        """Allow one value of each column, which has a number for each record, below 0 for none."""
        listed = list(columns)
        holder, kind, value = [], [], []
        before = 0
        for number, column in enumerate(listed):
            told = np.flatnonzero(column >= 0)
            holder.append(told)
            kind.append(np.full(len(told), number))
            value.append(column[told] + before)
            before += int(column.max(initial=-1)) + 1
        parts = [np.concatenate([np.empty(0, np.int64), *side]) for side in (holder, kind, value)]
        return cls(np.ones(len(listed), dtype=np.int64), *(part.astype(np.int64) for part in parts))

    def among(self, records: Ints) -> "Limits":
        """Those of some records, ascending, by their positions among them."""
        place = np.searchsorted(records, self.holder)
        here = place < len(records)
        here[here] = records[place[here]] == self.holder[here]
        return Limits(self.most, place[here], self.kind[here], self.value[here])

    def carried(self, records: Iterable[int]) -> set[tuple[int, int]]:
        """Kind and number of every value that counts of some records."""
        rows = np.flatnonzero(np.isin(self.holder, list(records)))
        return set(zip(self.kind[rows].tolist(), self.value[rows].tolist(), strict=True))


class Guard:
    """Refuses to make two groups one that would contradict each other.

    They do when together they hold more values of a kind than one person has, or two faces of
    which the judge says that they are two people's.
    """

    def __init__(
        self, limits: Limits, face: Ints | None = None, judge: Judge | None = None
    ) -> None:
        """Take what one person may hold; without faces, none contradict."""
        self._limits = limits
        self._kinds = max(len(limits.most), 1)
        self._kind_of = np.zeros(int(limits.value.max(initial=-1)) + 1, dtype=np.int64)
        self._kind_of[limits.value] = limits.kind
        self._judge = judge
        self._speaks = np.empty(0, dtype=np.int64) if face is None else np.flatnonzero(face > 0)
        self._face = self._speaks if face is None else face[self._speaks]

    def refuses(self, label: Ints, low: Ints, high: Ints) -> Flags:
        """Say of pairs of groups which may not become one.

        Args:
            label: The group of each record, by the position of its first.
            low: One group of each pair.
            high: The other.
        """
        bad = np.zeros(len(low), dtype=np.bool_)
        if len(self._limits.holder):
            self._refuse_too_many(bad, label, low, high)
        if self._judge is not None and len(self._face):
            left = np.flatnonzero(~bad)
            bad[left] = self._of_two_minds(self._judge, label, low[left], high[left])
        return bad

    def _refuse_too_many(self, bad: Flags, label: Ints, low: Ints, high: Ints) -> None:
        held = _Held(label, self._limits.holder, self._limits.value)
        asked = np.flatnonzero((held.size[low] > 0) & (held.size[high] > 0))
        if not len(asked):
            return
        sides = []
        for group in (low[asked], high[asked]):
            pair, value = held.of(group)
            sides.append((pair * self._kinds + self._kind_of[value], value))
        (mine, value), (yours, other) = sides
        cells = len(asked) * self._kinds
        both = counts_of(np.append(mine, yours), np.append(value, other), cells)
        most = np.tile(self._limits.most, len(asked))
        for side in (mine, yours):
            most = np.maximum(most, np.bincount(side, minlength=cells))
        bad[asked] = (both > most).reshape(-1, self._kinds).any(1)

    def _of_two_minds(self, judge: Judge, label: Ints, low: Ints, high: Ints) -> Flags:
        shown = _Held(label, self._speaks, self._face)
        faces = shown.size[low] * shown.size[high]
        pair, at = np.repeat(np.arange(len(low)), faces), count_up(faces)
        left, right = np.divmod(at, np.repeat(shown.size[high], faces))
        one = shown.what[np.repeat(shown.start[low], faces) + left]
        other = shown.what[np.repeat(shown.start[high], faces) + right]
        bad = np.zeros(len(low), dtype=np.bool_)
        bad[pair[judge.verdicts(one, other) == Verdict.CONTRADICTS]] = True
        return bad


class _Held:
    """The different things that each group has, one group after the other."""

    def __init__(self, label: Ints, holder: Ints, what: Ints) -> None:
        group, self.what = different_pairs(label[holder], what)
        self.size = np.bincount(group, minlength=len(label)).astype(np.int64)
        self.start = np.cumsum(self.size) - self.size

    def of(self, groups: Ints) -> tuple[Ints, Ints]:
        """Everything some groups have, as pairs of a position in `groups` and a thing."""
        size = self.size[groups]
        rows = np.repeat(self.start[groups], size) + count_up(size)
        return np.repeat(np.arange(len(groups)), size), self.what[rows]
