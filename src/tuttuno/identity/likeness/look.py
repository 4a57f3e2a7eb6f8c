"""Who looks like whom: pairs that share a block key, weighed, and what follows from the weight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.identity.evidence import Evidence, Flags, Ints
from tuttuno.identity.judge import Judge
from tuttuno.identity.likeness.compare import Weighed, joined, weigh
from tuttuno.identity.likeness.kept import KeptModel
from tuttuno.identity.likeness.keys import CAP, keys_of
from tuttuno.identity.likeness.texts import COLUMNS
from tuttuno.identity.names import Verdict
from tuttuno.identity.profile import Profile, ValueClass
from tuttuno.identity.ragged import count_up, pairs_within, runs_of
from tuttuno.identity.registry import KINDS, LIKENESS, LikenessSettings
from tuttuno.identity.ties import Ties
from tuttuno.vault.block_keys import block_keys_of, records_with_block_keys
from tuttuno.vault.consents import refusing
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection

#: Records under one key above which it is passed over even where the model does not know it yet.
_FAR_TOO_MANY = 10 * CAP

Pairs = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Alike:
    """Pairs of records that share no tie and are alike, by positions.

    Attributes:
        weighed: They, with what they weigh.
        tied: Pairs that are tied; the others are for a steward.
    """

    weighed: Weighed
    tied: Flags

    def __len__(self) -> int:
        return len(self.tied)


def blocks_of(keys: pa.Table, record_no: Ints, kept: KeptModel | None = None) -> tuple[Pairs, Ints]:
    """Every two positions that share a block key, and the keys that too many records have.

    Args:
        keys: `record_no`, `key64`.
        record_no: Of all records, ascending.
        kept: Where there is one, it says which keys too many have, as it does to every look.
    """
    key, number = keys["key64"].to_numpy(), keys["record_no"].to_numpy()
    order = np.argsort(key, kind="stable")
    key, place = key[order], np.searchsorted(record_no, number[order])
    sizes = runs_of(key)
    few = sizes <= CAP
    if kept is not None:
        each = key[np.cumsum(sizes) - 1]
        few = (sizes <= _FAR_TOO_MANY) & ~np.isin(each, kept.crowded)
    place, crowded = place[np.repeat(few, sizes)], np.unique(key[np.repeat(~few, sizes)])
    one, other = pairs_within(sizes[few])
    return each_once(place[one], place[other], len(record_no)), crowded


def each_once(one: Ints, other: Ints, span: int) -> Pairs:
    """Every pair once, the lower first, ascending."""
    key = np.sort(np.minimum(one, other) * span + np.maximum(one, other))
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = key[1:] != key[:-1]
    return np.divmod(key[new], span)


class Around:
    """Finds whoever looks like some records, each of them once, as their circle grows."""

    def __init__(
        self, con: Connection, kept: KeptModel, asked: LikenessSettings, changed: pa.Array
    ) -> None:
        self._con = con
        self._kept = kept
        self._asked = asked
        self._changed = changed
        self._now = keys_of(read_records(con, COLUMNS, record_nos=changed))
        self._done = np.empty(0, dtype=np.int64)
        self._found: list[Weighed] = []

    def of(self, record_nos: Ints) -> Weighed:
        """Pairs of one of the records with any other, by numbers of records, each once."""
        new = np.setdiff1d(record_nos, self._done)
        self._done = np.union1d(self._done, new)
        one, other = self._pairs(new)
        if len(one):
            needed = np.unique(np.concatenate((one, other)))
            rows = read_records(self._con, COLUMNS, record_nos=pa.array(needed))
            rows = rows.sort_by("record_no")
            # a record may have gone since its key was read
            number = rows["record_no"].to_numpy()
            here = np.isin(one, number) & np.isin(other, number)
            one, other = one[here], other[here]
            ends = np.searchsorted(number, one), np.searchsorted(number, other)
            found = weigh(self._kept, rows, *ends).at(one, other)
            self._found.append(found.only(found.weight >= self._asked.review))
        self._found = [joined(self._found)] if self._found else []
        return self._found[0] if self._found else joined([])

    def _pairs(self, record_nos: Ints) -> Pairs:
        mine = self._as_they_are(
            block_keys_of(self._con, pa.array(record_nos)), "record_no", record_nos
        )
        wanted = np.setdiff1d(mine["key64"].to_numpy(), self._kept.crowded)
        mates = self._as_they_are(
            records_with_block_keys(self._con, pa.array(wanted)), "key64", wanted
        )
        order = np.argsort(mates["key64"].to_numpy(), kind="stable")
        key = mates["key64"].to_numpy()[order]
        number = mates["record_no"].to_numpy()[order]
        low = np.searchsorted(key, mine["key64"].to_numpy(), side="left")
        size = np.searchsorted(key, mine["key64"].to_numpy(), side="right") - low
        size = np.where(size > _FAR_TOO_MANY, 0, size)
        one = np.repeat(mine["record_no"].to_numpy(), size)
        other = number[np.repeat(low, size) + count_up(size)]
        apart = one != other
        return each_once(one[apart], other[apart], int(number.max(initial=0)) + 1)

    def _as_they_are(self, kept: pa.Table, column: str, chosen: Ints) -> pa.Table:
        """Keys as they were kept, except of the records that have changed since."""
        positive = pc.greater(kept["key64"], 0)
        same = pc.invert(pc.is_in(kept["record_no"], value_set=self._changed))
        now = self._now.filter(pc.is_in(self._now[column], value_set=pa.array(chosen)))
        kept = kept.filter(pc.and_(positive, same)).select(now.column_names)
        return pa.concat_tables([kept.cast(now.schema), now])


def judged(
    con: Connection, weighed: Weighed, found: Evidence, judge: Judge, asked: LikenessSettings
) -> Alike:
    """Say which pairs are tied, and which are for a steward; the others are left out.

    Tied are records whose names agree, that have one birth date, and that have something
    beside it in common. Names that contradict each other are never asked about.
    """
    weighed = weighed.only(weighed.weight >= asked.review)  # names take longest to compare
    one, other = found.face[weighed.one], found.face[weighed.other]
    names, births = judge.names(one, other), judge.births(one, other)
    alike = np.isin(names, (Verdict.AGREES, Verdict.LEANS, Verdict.RENAMED))
    alike &= ~_refused(con, weighed, found, asked)
    tied = (names == Verdict.AGREES) & np.isin(births, (1, 2)) & weighed.near
    tied &= weighed.weight >= asked.tie
    return Alike(weighed.only(alike), tied[alike])


def _refused(con: Connection, weighed: Weighed, found: Evidence, asked: LikenessSettings) -> Flags:
    if not asked.link_consent or not len(weighed.one):
        return np.zeros(len(weighed.one), dtype=np.bool_)
    ends = found.record_no[np.stack((weighed.one, weighed.other))]
    said = refusing(con, pa.array(np.unique(ends))).to_numpy(zero_copy_only=False)
    one, other = np.isin(ends, said)
    either: Flags = one | other
    return either


def tied_by(
    alike: Alike, found: Evidence, classed: Profile, ties: Ties, judge: Judge
) -> tuple[Evidence, Profile, Ties]:
    """Give every two records that are tied by likeness a value of their own, and the tie."""
    chosen = np.flatnonzero(alike.tied)
    if not len(chosen):
        return found, classed, ties
    one, other = alike.weighed.one[chosen], alike.weighed.other[chosen]
    values, count = found.values, len(chosen)
    value = len(values) + np.arange(count)
    two = np.full(count, 2, dtype=np.int64)
    more = replace(
        values,
        number=np.append(values.number, np.zeros(count, dtype=np.int64)),
        kind=np.append(values.kind, np.full(count, KINDS.index(LIKENESS))),
        start=np.append(values.start, len(found.holder) + 2 * np.arange(count)),
        size=np.append(values.size, two),
        carriers=np.append(values.carriers, two),
    )
    held = np.stack((one, other), axis=1).reshape(-1)
    found = replace(
        found,
        values=more,
        holder=np.append(found.holder, held),
        value=np.append(found.value, np.repeat(value, 2)),
    )
    classed = replace(
        classed,
        persons=np.append(classed.persons, np.ones(count, dtype=np.int64)),
        klass=np.append(classed.klass, np.full(count, int(ValueClass.PERSONAL))),
    )
    verdict = judge.verdicts(found.face[one], found.face[other])
    return found, classed, ties.and_those(Ties(one, other, value, verdict))


def across(pairs: Pairs, label: Ints) -> Pairs:
    """The pairs that stand in two groups."""
    apart = label[pairs[0]] != label[pairs[1]]
    return pairs[0][apart], pairs[1][apart]


def of_all(kept: KeptModel, rows: pa.Table, pairs: Pairs, at_once: int = 500_000) -> Weighed:
    """Weigh many pairs of positions, so many at once."""
    one, other = pairs
    found: Sequence[Weighed] = [
        weigh(kept, rows, one[start : start + at_once], other[start : start + at_once])
        for start in range(0, len(one), at_once)
    ]
    return joined(list(found))
