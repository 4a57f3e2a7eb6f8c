"""Which outcomes are least certain: joined on little, or kept apart in spite of much."""

import numpy as np
import pyarrow as pa

from tuttuno.identity.evidence import Ints
from tuttuno.identity.names import Verdict
from tuttuno.identity.reading import Reading
from tuttuno.identity.weights import MARGIN, Bits, Scales
from tuttuno.vault.edges import clear_edges, drop_edges, put_edges
from tuttuno.vault.vault import Connection

#: What an edge of the vault is that a steward should look at.
DOUBT = "doubt"


def keep_doubts(con: Connection, reading: Reading, scales: Scales, run: int) -> int:
    """Replace the doubtful pairs of the records looked at; return how many there are.

    Args:
        con: Inside a transaction.
        reading: What was found out.
        scales: They weigh its records.
        run: The identity run.
    """
    if reading.full:
        clear_edges(con)
    else:
        drop_edges(con, pa.array(reading.record_no))
    one, other, weight = doubts(reading, scales)
    count = len(one)
    if count:
        number = reading.picture.evidence.record_no
        put_edges(
            con,
            pa.table(
                {
                    "a": pa.array(number[one]),
                    "b": pa.array(number[other]),
                    "kind": pa.array([DOUBT] * count, pa.string()),
                    "weight": pa.array(weight),
                    "evidence": pa.nulls(count, pa.string()),
                    "run": pa.array(np.full(count, run)),
                }
            ),
        )
    return count


def doubts(reading: Reading, scales: Scales) -> tuple[Ints, Ints, Bits]:
    """Return the doubtful pairs, as positions in the picture, and their weights."""
    alike = reading.picture.alike.weighed
    one, other = _without(_candidates(reading), (alike.one, alike.other))
    weight = np.append(scales.weights(one, other), alike.weight)
    one, other = np.append(one, alike.one), np.append(other, alike.other)
    first = reading.clusters.first
    joined = first[one] == first[other]
    chosen = np.where(joined, weight < MARGIN, weight > -MARGIN)
    return one[chosen], other[chosen], weight[chosen]


def _without(some: tuple[Ints, Ints], others: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    span = max((int(side.max(initial=0)) for side in (*some, *others)), default=0) + 1
    apart = ~np.isin(some[0] * span + some[1], others[0] * span + others[1])
    return some[0][apart], some[1][apart]


def _candidates(reading: Reading) -> tuple[Ints, Ints]:
    """Pairs of records on which something was decided that could have been decided otherwise.

    A record without a name is left out: whoever looked at it would see nothing more.
    """
    picture = reading.picture
    shown, pairs, ties = picture.profile.shown, picture.profile.pairs, picture.ties
    faces = ~pairs.allowed
    weak = np.isin(ties.verdict, (Verdict.LEANS, Verdict.RENAMED)) | reading.clusters.refused
    left = np.concatenate((shown.first[pairs.one[faces]], ties.one[weak]))
    right = np.concatenate((shown.first[pairs.other[faces]], ties.other[weak]))
    low, high = np.minimum(left, right), np.maximum(left, right)
    inside = (picture.core[low] | picture.core[high]) & (low != high)
    span = picture.evidence.records + 1
    return np.divmod(np.unique(low[inside] * span + high[inside]), span)
