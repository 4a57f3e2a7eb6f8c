"""How right identity is on the simulated retailer, whose true customers are known."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
from numpy.typing import NDArray

from tuttuno.vault.persons import membership_numbers
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Vault

_SAID = ("source", "record_id")


def told_apart(vault: Vault, truth: Path) -> dict[str, Any]:
    """Compare persons with true customers, by pairs of records.

    Args:
        vault: After a build.
        truth: Folder of the simulated truth.

    Returns:
        `records` whose customer is known, `wrong` and `missed` pairs, `precision`, `recall`.
    """
    with vault.read() as con:
        rows = read_records(con, ("record_no", *_SAID))
        held = membership_numbers(con).select(["record_no", "person_id"])
    known = ds.dataset(sorted(map(str, truth.glob("truth_people*.parquet")))).to_table()
    known = known.select([*_SAID, "true_person_id"])
    whose = _plain(rows).join(_plain(held), "record_no", join_type="inner")
    both = whose.join(_plain(known), list(_SAID), join_type="inner")
    person, true = (_codes(both[name]) for name in ("person_id", "true_person_id"))
    right = _pairs(person * (int(true.max(initial=0)) + 1) + true)
    found, there = _pairs(person), _pairs(true)
    return {
        "records": both.num_rows,
        "wrong": found - right,
        "missed": there - right,
        "precision": round(right / found, 5) if found else None,
        "recall": round(right / there, 5) if there else None,
    }


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, which cannot be joined by."""
    kinds = {
        "record_no": pa.int64(), "source": pa.string(), "record_id": pa.string(),
        "person_id": pa.int64(), "true_person_id": pa.string(),
    }  # fmt: skip
    return table.cast(pa.schema([(name, kinds[name]) for name in table.column_names]))


def _codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    coded = column.combine_chunks().dictionary_encode().indices
    return np.asarray(coded).astype(np.int64)


def _pairs(label: NDArray[np.int64]) -> int:
    sizes = np.unique(label, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())
