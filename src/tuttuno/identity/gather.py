"""What an identity run reads: everything, or all that a few changed records can touch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.identity import evidence, residence
from tuttuno.identity.cluster import parted
from tuttuno.identity.connected import components
from tuttuno.identity.decided import Decided, decided
from tuttuno.identity.evidence import Evidence, Flags, Ints, evidence_of, kinds_of
from tuttuno.identity.judge import Judge
from tuttuno.identity.likeness import texts
from tuttuno.identity.likeness.compare import Weighed, joined
from tuttuno.identity.likeness.estimate import estimate_model
from tuttuno.identity.likeness.kept import KeptModel, kept_model
from tuttuno.identity.likeness.keys import keys_of
from tuttuno.identity.likeness.look import (
    Alike,
    Around,
    Pairs,
    across,
    blocks_of,
    judged,
    of_all,
    tied_by,
)
from tuttuno.identity.profile import Profile, Rules, profile
from tuttuno.identity.registry import RESIDENCE
from tuttuno.identity.ties import Ties, tied_again, ties_of
from tuttuno.vault import identifiers
from tuttuno.vault.block_keys import block_keys_of, records_with_block_keys
from tuttuno.vault.consents import refusing
from tuttuno.vault.counters import last
from tuttuno.vault.likeness_models import model_read
from tuttuno.vault.persons import member_numbers, membership_numbers
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection

_COLUMNS = tuple(dict.fromkeys((*evidence.COLUMNS, *residence.COLUMNS)))
_PAIRS = pa.schema([("record_no", pa.int64()), ("type", pa.string()), ("value_no", pa.int64())])


#: Records beyond twice as many as the weights were estimated on that are waited for.
_FEW_MORE = 500

#: Weighs pairs of records by a model.
Weigher = Callable[[KeptModel, pa.Table, Pairs], Weighed]


@dataclass(frozen=True, slots=True)
class Picture:
    """Records with all that ties them.

    Attributes:
        core: The records that are to be told apart: everything that can be tied to one of them
            is one of them. The others are only here to judge the values that they share.
        ties: Between records of the core; while it grows, also those that lead out of it, and
            between others by values that have not been read to the end.
        keys: `record_no`, `key64` of the records that changed, to be kept for later runs:
            residences, and what likeness is looked up by.
        decided: What stewards said of records that are here, by positions.
        alike: Pairs that share no tie and look alike.
        model: What they were weighed by; None where nothing is.
    """

    evidence: Evidence
    profile: Profile
    ties: Ties
    core: Flags
    judge: Judge
    keys: pa.Table
    decided: Decided
    alike: Alike
    model: KeptModel | None


def everything(
    con: Connection,
    rules: Rules,
    *,
    since: int,
    weigher: Weigher = of_all,
) -> Picture:
    """Read all records.

    Args:
        con: One state of the vault.
        rules: What values may do.
        since: Change number after which a record's block keys have to be kept anew.
        weigher: Who weighs by likeness: by the kept weights, or by new ones where none fit.
    """
    columns = dict.fromkeys((*_COLUMNS, *(texts.COLUMNS if rules.likeness.on else ()), "seq"))
    records = _by_number(read_records(con, tuple(columns)))
    keys = residence.residences(records)
    lived = _residence_pairs(records["record_no"], keys)
    said = pa.concat_tables([_plain(identifiers.identifier_pairs(con)), lived])
    pairs = _agreed(con, said, rules)
    changed = pc.greater(records["seq"], since)
    kept = pa.table({"record_no": records["record_no"], "key64": keys}).filter(changed)
    found = evidence_of(records.select(evidence.COLUMNS), pairs)
    case = _Case(con, rules, np.ones(found.records, dtype=np.bool_), decided(con))
    if not rules.likeness.on:
        return _picture(found, case, kept, lambda _: joined([]), None)
    blocks = keys_of(records)
    fresh = pc.is_in(blocks["record_no"], value_set=kept["record_no"])
    kept = pa.concat_tables([kept, blocks.filter(fresh)])
    fitting = weights_that_fit(con)
    near, crowded = blocks_of(blocks, found.record_no, fitting)
    model = fitting or estimate_model(records, near, crowded)

    def weighed(label: Ints) -> Weighed:
        return weigher(model, records, across(near, label))

    return _picture(found, case, kept, weighed, model)


def weights_that_fit(con: Connection) -> KeptModel | None:
    """Return the kept weights; None where far fewer records told them than there are by now."""
    kept = model_read(con, kept_model)
    return kept if kept and last(con, "record") <= 2 * kept.records + _FEW_MORE else None


def _by_number(records: pa.Table) -> pa.Table:
    """In order of record number; they nearly always come so, and a million are slow to copy."""
    number = _numbers(records["record_no"])
    return records if (number[1:] > number[:-1]).all() else records.sort_by("record_no")


def around(con: Connection, rules: Rules, record_nos: Ints) -> Picture:
    """Read some records and everything that ties can reach from them, now or before they changed.

    Starts with the records and all who share a value with them, since their ties may have
    gone; then follows ties until no more are found.
    """
    hood = _Neighbourhood(con, rules, record_nos)
    core = hood.touched(record_nos)
    while True:
        picture = hood.picture(core)
        reached = picture.evidence.record_no[_reached(picture)]
        if len(reached) == 0:
            inside = picture.core[picture.ties.one]
            return replace(picture, ties=picture.ties.only(inside))
        core = np.union1d(core, reached)


def _reached(picture: Picture) -> Flags:
    """Records outside the core that a tie leads to."""
    ties, core = picture.ties, picture.core
    out = np.zeros(picture.evidence.records, dtype=np.bool_)
    out[picture.decided.must] = out[picture.decided.together] = True
    out[ties.one[core[ties.other]]] = True
    out[ties.other[core[ties.one]]] = True
    return out & ~core


class _Neighbourhood:
    """Reads records, values and their carriers once each, as the core grows."""

    def __init__(self, con: Connection, rules: Rules, changed: Ints) -> None:
        self._con = con
        self._rules = rules
        self._changed = pa.array(changed)
        self._records = read_records(con, _COLUMNS, record_nos=self._changed)
        keys = residence.residences(self._records)
        numbers = self._records["record_no"]
        self._lived = _residence_pairs(numbers, keys)
        self._former = _lived_at(block_keys_of(con, self._changed))
        self._kept = pa.table({"record_no": numbers, "key64": keys})
        self._model = model_read(con, kept_model) if rules.likeness.on else None
        self._near: Around | None = None
        if rules.likeness.on:
            asked = read_records(con, texts.COLUMNS, record_nos=self._changed)
            self._kept = pa.concat_tables([self._kept, keys_of(asked)])
        if self._model is not None:
            self._near = Around(con, self._model, rules.likeness, self._changed)
        self._carried = self._beside = _PAIRS.empty_table()
        self._values = self._core = self._fringe = np.empty(0, dtype=np.int64)

    def touched(self, changed: Ints) -> Ints:
        """The records and all who share a value with them, or did before.

        Those of a value beyond its limit are not touched, unless the changed records alone
        have brought it there.
        """
        values = _numbers(self._values_of(changed)["value_no"])
        self._values = np.union1d(values, _numbers(self._former["key64"]))
        said = self._carriers(self._values)
        carried = self._carried = _agreed(self._con, said, self._rules)
        most = self._rules.max_records[kinds_of(carried["type"])]
        value, number = _numbers(carried["value_no"]), _numbers(carried["record_no"])
        different, place = np.unique(value, return_inverse=True)
        others = np.bincount(place[~np.isin(number, changed)], minlength=len(different))
        crowded = different[np.unique(place[others[place] > most])]
        # also those who may no longer be tied by it: they were, perhaps, before
        near = ~np.isin(_numbers(said["value_no"]), crowded)
        touched = np.union1d(changed, _numbers(said["record_no"])[near])
        return np.union1d(touched, self._beside_now(changed)) if self._near else touched

    def _beside_now(self, changed: Ints) -> Ints:
        """All who are one person with some records so far: likeness may have tied them."""
        held = membership_numbers(self._con, record_nos=pa.array(changed))["person_id"]
        found: Ints = member_numbers(self._con, held.combine_chunks().unique()).to_numpy()
        return found.astype(np.int64)

    def picture(self, core: Ints) -> Picture:
        """Everything needed to judge the values of the core."""
        own = self._agreed_values_of(np.setdiff1d(core, self._core))
        new = np.setdiff1d(_numbers(own["value_no"]), self._values)
        more = _agreed(self._con, self._carriers(new), self._rules)
        self._carried = pa.concat_tables([self._carried, more])
        fringe = np.setdiff1d(self._usable(), core)
        more = self._agreed_values_of(np.setdiff1d(fringe, self._fringe))
        self._beside = pa.concat_tables([self._beside, more])
        self._values = np.union1d(self._values, new)
        self._core, self._fringe = core, np.union1d(fringe, self._fringe)
        said = decided(self._con, core)
        here = np.union1d(np.union1d(core, fringe), np.concatenate((said.must, said.together)))
        alike = self._near.of(core) if self._near else joined([])
        here = np.union1d(here, np.concatenate((alike.one, alike.other)))
        self._read(here)
        records = self._records.filter(pc.is_in(self._records["record_no"], pa.array(here)))
        found = evidence_of(records, pa.concat_tables([self._carried, self._beside]))
        case = _Case(self._con, self._rules, np.isin(found.record_no, core), said)
        weighed = partial(_of_groups, alike, found.record_no)
        return _picture(found, case, self._kept, weighed, self._model)

    def _usable(self) -> Ints:
        """Carriers of values within their limit."""
        carried = self._carried
        value, number = _numbers(carried["value_no"]), _numbers(carried["record_no"])
        _, place, carriers = np.unique(value, return_inverse=True, return_counts=True)
        return number[carriers[place] <= self._rules.max_records[kinds_of(carried["type"])]]

    def _read(self, record_nos: Ints) -> None:
        """Read the records that have not been read yet."""
        missing = np.setdiff1d(record_nos, _numbers(self._records["record_no"]))
        if len(missing):
            more = read_records(self._con, _COLUMNS, record_nos=pa.array(missing))
            self._records = pa.concat_tables([self._records, more])

    def _agreed_values_of(self, records: Ints) -> pa.Table:
        return _agreed(self._con, self._values_of(records), self._rules)

    def _values_of(self, records: Ints) -> pa.Table:
        """Every pair of some records, residences as they are now."""
        record_nos = pa.array(records)
        pairs = _plain(identifiers.values_of_records(self._con, record_nos))
        kept = block_keys_of(self._con, record_nos)
        now = self._lived.filter(pc.is_in(self._lived["record_no"], record_nos))
        return pa.concat_tables([pairs, self._as_pairs(kept), now])

    def _carriers(self, values: Ints) -> pa.Table:
        """Every pair of some values, residences as they are now."""
        given, made = pa.array(values[values > 0]), pa.array(values[values < 0])
        pairs = _plain(identifiers.records_with_values(self._con, given))
        kept = records_with_block_keys(self._con, made)
        now = self._lived.filter(pc.is_in(self._lived["value_no"], made))
        return pa.concat_tables([pairs, self._as_pairs(kept), now])

    def _as_pairs(self, kept: pa.Table) -> pa.Table:
        """Residences as they were kept, except of the records that have changed since."""
        same = pc.invert(pc.is_in(kept["record_no"], self._changed))
        kept = _lived_at(kept.filter(same))
        return _residence_pairs(kept["record_no"], kept["key64"])


@dataclass(frozen=True, slots=True)
class _Case:
    con: Connection
    rules: Rules
    core: Flags
    said: Decided


def _picture(
    found: Evidence,
    case: _Case,
    keys: pa.Table,
    weighed: Callable[[Ints], Weighed],
    model: KeptModel | None,
) -> Picture:
    """Put together what was read; `weighed` gives pairs of different groups of tied records."""
    rules, judge = case.rules, Judge(found.faces)
    classed = profile(found, rules, judge)
    ties = ties_of(found, classed, rules, judge)
    label = components(found.records, ties.one, ties.other)
    alike = judged(case.con, weighed(label), found, judge, rules.likeness)
    found, classed, ties = tied_by(alike, found, classed, ties, judge)
    said = case.said.at(found.record_no)
    if len(said.cannot):
        inside = parted(found.records, ties, said)[ties.one]
        ties = tied_again(ties, inside, found, classed, rules, judge)
    return Picture(found, classed, ties, case.core, judge, keys, said, alike, model)


def _of_groups(alike: Weighed, record_no: Ints, label: Ints) -> Weighed:
    """The pairs of different groups, by positions."""
    one, other = (np.searchsorted(record_no, end) for end in (alike.one, alike.other))
    return alike.at(one, other).only(label[one] != label[other])


def _agreed(con: Connection, pairs: pa.Table, rules: Rules) -> pa.Table:
    """Leave out what may not tie a record because its person refuses to be linked by it."""
    if not rules.asks.any() or not pairs.num_rows:
        return pairs
    asks = pa.array(rules.asks[kinds_of(pairs["type"])])
    records = pairs.filter(asks)["record_no"].combine_chunks().unique()
    if not len(records):
        return pairs
    refused = pc.is_in(pairs["record_no"], value_set=refusing(con, records))
    return pairs.filter(pc.invert(pc.and_(asks, refused)))


def _lived_at(keys: pa.Table) -> pa.Table:
    """The block keys that are residences."""
    return keys.filter(pc.less(keys["key64"], 0))


def _residence_pairs(record_no: pa.ChunkedArray, keys: pa.Array) -> pa.Table:
    kind = pa.array([RESIDENCE] * len(keys), pa.string())
    pairs = pa.Table.from_arrays([record_no, kind, keys], schema=_PAIRS)
    return pairs.filter(pc.is_valid(pairs["value_no"]))


def _plain(pairs: pa.Table) -> pa.Table:
    return pairs.select(_PAIRS.names).cast(_PAIRS)


def _numbers(column: pa.ChunkedArray) -> Ints:
    found: Ints = column.to_numpy().astype(np.int64)
    return found
