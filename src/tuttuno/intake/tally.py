"""How many rows of each file are in a table of row numbers."""

from collections.abc import Mapping

import ibis
import numpy as np

from tuttuno.engine.port import Engine
from tuttuno.intake.staged import Staged

#: Batch -> rows.
Tally = Mapping[int, int]


def by_row(engine: Engine, rows: ibis.Table | None, staged: Staged) -> Tally:
    """Count `row` of a table by the file it is in; None counts nothing."""
    starts = np.array([part.first for part in staged.parts])
    counted = np.zeros(len(starts), np.int64)
    if rows is not None:
        for batch in engine.stream(rows.select("row")):
            places = np.searchsorted(starts, batch["row"].to_numpy() - 1, side="right") - 1
            counted += np.bincount(places, minlength=len(starts))
    return {part.batch: int(n) for part, n in zip(staged.parts, counted, strict=True)}


def by_batch(engine: Engine, rows: ibis.Table) -> Tally:
    """Count the rows of a table by its column `batch`."""
    counted = engine.run(rows.group_by("batch").agg(rows=rows.count()))
    return dict(zip(counted["batch"].to_pylist(), counted["rows"].to_pylist(), strict=True))
