"""What stewards decided about records: pairs that must, and pairs that cannot, be one person."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.identity.evidence import Ints
from tuttuno.vault.decisions import Verdict, decided_pairs
from tuttuno.vault.vault import Connection


@dataclass(frozen=True, slots=True)
class Decided:
    """Pairs of records, as numbers of the vault or as positions among those looked at.

    Attributes:
        must, together: Two columns of records that are one person, whatever else they say.
        cannot, apart: Two columns of records that are two.
    """

    must: Ints
    together: Ints
    cannot: Ints
    apart: Ints

    def at(self, record_no: Ints) -> "Decided":
        """Turn numbers into positions among ascending numbers; pairs that lead out are left out."""
        return Decided(
            *_placed(self.must, self.together, record_no),
            *_placed(self.cannot, self.apart, record_no),
        )

    @property
    def forbidden(self) -> frozenset[tuple[int, int]]:
        """Every pair that cannot be one person, in both orders."""
        sides = list(zip(self.cannot.tolist(), self.apart.tolist(), strict=True))
        return frozenset([*sides, *((b, a) for a, b in sides)])


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


#: Nobody has decided anything.
NOTHING = Decided(_none(), _none(), _none(), _none())


def decided(con: Connection, record_nos: Ints | None = None) -> Decided:
    """Read the decisions that hold, by numbers of records.

    Args:
        con: Inside a transaction.
        record_nos: Only those that touch one of these records.
    """
    pairs = decided_pairs(con, None if record_nos is None else pa.array(record_nos))
    if not pairs.num_rows:
        return NOTHING
    one, other = (pairs[name].to_numpy().astype(np.int64) for name in ("one", "other"))
    must = np.array([word == Verdict.MUST for word in pairs["verdict"].to_pylist()])
    return Decided(one[must], other[must], one[~must], other[~must])


def _placed(one: Ints, other: Ints, record_no: Ints) -> tuple[Ints, Ints]:
    if not len(one) or not len(record_no):
        return _none(), _none()
    left, right = np.searchsorted(record_no, one), np.searchsorted(record_no, other)
    last = len(record_no) - 1
    here = (record_no[np.minimum(left, last)] == one) & (
        record_no[np.minimum(right, last)] == other
    )
    return left[here], right[here]
