"""Estimating what likeness weighs, without labels, on the records of a vault."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from tuttuno.identity.evidence import Ints
from tuttuno.identity.likeness.compare import fields_of, see, street
from tuttuno.identity.likeness.kept import EXPECTED, Frequency, KeptModel
from tuttuno.identity.likeness.texts import counted, days_of, postal_code
from tuttuno.identity.matching.matcher import random_pairs
from tuttuno.identity.matching.model import Sample, estimate, start_of
from tuttuno.identity.matching.names import levels_by_chance
from tuttuno.identity.matching.words import fold, name_words

#: Pairs that share something, and pairs drawn at random, that weights are estimated from.
_NEAR, _RANDOM = 100_000, 100_000
_SEED = 20_240_229

Pairs = tuple[Ints, Ints]


def estimate_model(rows: pa.Table, near: Pairs, crowded: Ints) -> KeptModel:
    """Estimate the weights; whatever order the records came in, they are the same.

    Args:
        rows: All records, with `texts.COLUMNS`.
        near: Pairs of positions that share a block key or an identifier, each once.
        crowded: Block keys that too many records have.
    """
    records = rows.num_rows
    frequency = {
        "name": _names(rows),
        "birth_date": _said(days_of(rows["birth_date"]), str),
        "address": _said(rows["address"], street),
        "postal_code": _said(rows["postal_code"], postal_code),
        "city": _said(rows["city"], fold),
    }
    # by their keys, which no arrival changes, and not by their numbers
    order = pa.compute.sort_indices(rows["record_key"]).to_numpy().astype(np.int64)
    rank = np.empty(records, dtype=np.int64)
    rank[order] = np.arange(records)
    model = start_of(EXPECTED, records)
    if records > 1:
        sample = _sample(rows, order, _ranked(near, rank), records)
        model = estimate(model, sample)
    return KeptModel(model, frequency, np.sort(crowded), records)


def _sample(rows: pa.Table, order: Ints, near: Pairs, records: int) -> Sample:
    rng = np.random.default_rng(_SEED)
    one, other = near
    chosen = np.sort(rng.permutation(len(one))[:_NEAR])
    left, right = random_pairs(records, _RANDOM, rng)
    needed, place = np.unique(
        np.concatenate((one[chosen], other[chosen], left, right)), return_inverse=True
    )
    fields = fields_of(rows.take(pa.array(order[needed])))
    ends = np.split(place, np.cumsum([len(chosen), len(chosen), len(left)]))
    drawn = replace(fields.bags, code=fields.bags.code[np.unique(ends[2])])
    return Sample(
        near=see(fields, ends[0], ends[1]),
        weight=np.full(len(chosen), len(one) / max(len(chosen), 1), dtype=np.float32),
        random=see(fields, ends[2], ends[3]),
        names=levels_by_chance(drawn, _RANDOM, rng),
        pairs=records * (records - 1) / 2,
    )


def _ranked(pairs: Pairs, rank: Ints) -> Pairs:
    one, other = rank[pairs[0]], rank[pairs[1]]
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low))
    return low[order], high[order]


def _said(column: Any, form: Callable[[str], Any]) -> Frequency:
    return Frequency.of(counted(column, form))


def _names(rows: pa.Table) -> Frequency:
    found = counted(rows["given_name"], name_words)
    for word, count in counted(rows["family_name"], name_words).items():
        found[word] = found.get(word, 0) + count
    return Frequency.of(found)
