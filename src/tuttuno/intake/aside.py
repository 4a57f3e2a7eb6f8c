"""Bad rows on their way into quarantine: as they came, with what is wrong with each."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import ibis
from ibis.expr.types import StringValue

from tuttuno.engine.port import Engine
from tuttuno.intake.columns import raw_value
from tuttuno.intake.faults import Fault
from tuttuno.intake.mapping import FileMapping, Take
from tuttuno.intake.staged import ROW, Part, Staged, Unreadable, looked_up
from tuttuno.intake.tally import Tally
from tuttuno.intake.vault_side import tables
from tuttuno.schema.keyed import record_key
from tuttuno.vault.quarantine import Quarantined, held_before, put
from tuttuno.vault.vault import Connection

#: Signs of a value that are shown; the whole of it stays in the row.
SHOWN = 500

#: The rule of a line that is no row; it cannot be tried again, only sent again.
UNREADABLE = "unreadable"
_PROBLEM, _SEEN, _SOURCE, _RECORD = " problem", " seen", " source", " record"


@dataclass(frozen=True, slots=True)
class BadRows:
    """What became of bad rows, by batch.

    Attributes:
        placed: They are in quarantine now.
        there: The same source sent the very same before, and they were held back then.
        left: They came from there, and stay: nothing was received.
    """

    placed: Tally = field(default_factory=dict)
    there: Tally = field(default_factory=dict)
    left: Tally = field(default_factory=dict)


#: Decides on bad rows (`row`, `problem`; None: no row is bad) in the transaction that closes
#: their batches.
Fate = Callable[[Connection, ibis.Table | None], BadRows]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is needed to tell about bad rows of some files.

    Attributes:
        staged: The files.
        file: What they hold.
        takes: Where each target comes from.
        faults: What the positions in `bad` mean.
        key: The project key: who is erased is found by surrogate.
        source: Who sent them.
        at: The time of the batches.
    """

    staged: Staged
    file: FileMapping
    takes: Mapping[str, Take]
    faults: tuple[Fault, ...]
    source: str
    at: datetime
    key: bytes = field(repr=False)


def set_aside(con: Connection, engine: Engine, bad: ibis.Table | None, bench: Bench) -> BadRows:
    """Put bad rows into quarantine.

    Args:
        con: In the transaction that closes the batch.
        engine: Where the rows are.
        bad: `row` and `problem`, a position in the bench's faults; None: no row is bad.
        bench: Where they come from.

    Returns:
        How many were put there, and how many were there already.
    """
    placed: Counter[int] = Counter()
    there: Counter[int] = Counter()
    for told in _told(engine, bad, bench):
        for batch, rows in groupby(told, key=lambda row: row.batch):
            came = list(rows)
            before = held_before(con, came)
            new = [row for row in came if row.content not in before]
            placed[batch] += put(con, new)
            there[batch] += len(came) - len(new)
    return BadRows(placed=placed, there=there)


def _told(engine: Engine, bad: ibis.Table | None, bench: Bench) -> Iterator[list[Quarantined]]:
    for part in bench.staged.parts:
        if part.unreadable:
            yield [_unreadable(each, part, bench) for each in part.unreadable]
    if bad is not None:
        for rows in tables(engine, _as_it_came(bad, bench)):
            yield [_quarantined(row, bench) for row in rows.to_pylist()]


def _as_it_came(bad: ibis.Table, bench: Bench) -> ibis.Table:
    """Bad rows with every column as text, and what the column at fault said."""
    rows = bench.staged.table.inner_join(bad, bench.staged.table[ROW] == bad.row)
    marks = {_PROBLEM: rows.problem, _SEEN: _seen(rows, bench)}
    marks |= {_SOURCE: _raw(rows, "source", bench), _RECORD: _raw(rows, "record_id", bench)}
    columns = {name: rows[name].cast(str) for name in bench.staged.columns}
    return rows.select(**{ROW: rows[ROW]}, **marks, **columns).order_by(ROW)


def _seen(rows: ibis.Table, bench: Bench) -> StringValue:
    cases = [
        (rows.problem == place, _raw(rows, fault.column, bench).left(SHOWN))
        for place, fault in enumerate(bench.faults)
        if fault.column in bench.takes
    ]
    return ibis.cases(*cases) if cases else ibis.null(str)


def _raw(rows: ibis.Table, target: str | None, bench: Bench) -> StringValue:
    take = bench.takes.get(target or "")
    if take is None or target is None:
        return ibis.null(str)
    value = raw_value(rows, take, bench.file.style, looked_up=looked_up(target))
    return value if value.type().is_string() else value.cast(str)


def _quarantined(row: dict[str, Any], bench: Bench) -> Quarantined:
    number = row.pop(ROW)
    part = bench.staged.part_of(number)
    fault = bench.faults[row.pop(_PROBLEM)]
    seen, source, record = (row.pop(name) for name in (_SEEN, _SOURCE, _RECORD))
    named = source is not None and record is not None
    return Quarantined(
        batch=part.batch,
        source=bench.source,
        table=bench.file.table.name,
        file=str(part.found.path),
        row=part.number_of(number),
        column=fault.column,
        rule=fault.rule,
        value=seen,
        message=fault.message,
        payload={name: value for name, value in row.items() if value is not None},
        record_key=record_key(bench.key, source, record) if named else None,
        at=bench.at,
    )


def _unreadable(line: Unreadable, part: Part, bench: Bench) -> Quarantined:
    return Quarantined(
        batch=part.batch,
        source=bench.source,
        table=bench.file.table.name,
        file=str(part.found.path),
        row=line.row,
        column=None,
        rule=UNREADABLE,
        value=line.text[:SHOWN],
        message=f"cannot be read as a row: {line.reason}",
        payload={"line": line.text},
        at=bench.at,
    )
