"""Files laid out for the engine, and what other files of the folder add to their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import ibis
import pyarrow as pa

from tuttuno.engine.csv import CsvDialect, stage_csv
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.parquet import foreign_parquet
from tuttuno.engine.port import Engine, ParquetFiles
from tuttuno.errors import BadInput
from tuttuno.intake.columns import LacksColumn, text_of
from tuttuno.intake.files import Found
from tuttuno.intake.intake import Intake
from tuttuno.intake.layers import layers
from tuttuno.intake.mapping import Lookup, Style, Take
from tuttuno.intake.staged import (
    BATCH,
    ROW,
    Part,
    Staged,
    Unreadable,
    counted,
    in_order,
    looked_up,
)

#: The column in which the engine tells the place of a row in its file, from 0.
POSITION = " position"

_FILE = " file"


def stage(found: Found, work: Intake, folder: Path, *, batch: int, digest: str = "") -> Part:
    """Lay one file out.

    Args:
        found: The file.
        work: Whose engine reads it.
        folder: Where it is laid: a CSV as a copy in the engine's own format, a Parquet file as
            a link.
        batch: Its number in the ledger; the name under which it is laid.
        digest: Of the file.

    Raises:
        BadInput: The file as a whole cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{batch}.parquet"
    if found.columnar:
        file = foreign_parquet(found.path, link=place, row_column=POSITION)
        columns = {name.strip(): name for name in file.columns}
        return Part(found, batch, digest, file.files, columns, file.rows)
    style = found.file.style
    delimiter = "\t" if ".tsv" in found.path.suffixes else style.delimiter
    dialect = CsvDialect(delimiter=delimiter, quote=style.quote, encoding=style.encoding)
    staged = stage_csv(work.engine, found.path, dialect=dialect, to=place)
    files = ParquetFiles(staged.files.files, staged.files.schema, row_column=POSITION)
    bad = tuple(Unreadable(line.row, line.reason, line.text) for line in staged.bad_lines)
    return Part(
        found, batch, digest, files, {name: name for name in staged.columns}, staged.rows, bad
    )


def together(parts: Sequence[Part], engine: DuckDBEngine) -> Staged:
    """Make files of the same columns readable as one table."""
    placed = tuple(
        replace(part, first=first) for part, first in zip(parts, in_order(parts), strict=True)
    )
    first = placed[0]
    files = tuple(file for part in placed for file in part.files.files)
    bound = engine.bind(
        "intake_rows",
        ParquetFiles(files, first.files.schema, file_column=_FILE, row_column=POSITION),
    )
    known = engine.bind("intake_parts", _parts_table(placed))
    rows = bound.inner_join(known, bound[_FILE] == known.file)
    columns = {name: rows[theirs] for name, theirs in first.columns.items()}
    table = rows.select(**{ROW: rows[POSITION] + rows.before + 1, BATCH: rows.batch}, **columns)
    return Staged(layers(engine)("staged", table), placed)


def with_lookups(staged: Staged, takes: Mapping[str, Take], work: Intake, folder: Path) -> Staged:
    """Join what look-ups bring from other files of the folder.

    Raises:
        BadInput: A file or column is missing, or a key stands in it twice: rows would be
            counted twice.
    """
    table, found = staged.table, staged.parts[0].found
    for target, take in takes.items():
        if take.lookup:
            other = _looked_in(take.lookup, found, work, folder / "lookup", target)
            mine = {f" mine {i}": text_of(table[ours], found.file.style)
                    for i, ours in enumerate(take.lookup.on)}  # fmt: skip
            named = table.mutate(**mine)
            keys = [named[f" mine {i}"] == other[f" key {i}"] for i in range(len(mine))]
            joined = named.left_join(other, keys)
            brought = joined.select(*table.columns, **{looked_up(target): joined[" taken"]})
            table = layers(work.engine)(f"with_{target}", brought)
    return replace(staged, table=table)


def with_counts(
    staged: Staged, takes: Mapping[str, Take], engine: DuckDBEngine
) -> tuple[Staged, Mapping[str, Take]]:
    """Number rows that agree in some columns, where a target asks for it.

    Rows that come out of quarantine bring the number that they had in their file.

    Returns:
        The files with a column more for each such target, and where each target comes from now.
    """
    style, found = staged.parts[0].found.file.style, dict(takes)
    for target, take in takes.items():
        if take.count:
            column = counted(target)
            if column not in staged.columns:
                staged = _numbered(staged, column, take, style, engine)
            found[target] = Take(column=column)
    return staged, found


def _numbered(
    staged: Staged, column: str, take: Take, style: Style, engine: DuckDBEngine
) -> Staged:
    table = staged.table
    keys = {f" key {place}": text_of(table[name], style) for place, name in enumerate(take.count)}
    narrow = table.select(ROW, BATCH, **keys)
    window = ibis.window(group_by=[BATCH, *keys], order_by=ROW)
    number = (ibis.row_number().over(window) + 1).name(" number")
    kept = engine.keep("intake_counted", narrow.select(ROW, number))
    joined = table.inner_join(kept, ROW)
    wide = joined.select(*table.columns, **{column: joined[" number"]})
    parts = tuple(replace(part, columns={**part.columns, column: column}) for part in staged.parts)
    return replace(staged, table=layers(engine)("counted", wide), parts=parts)


def _parts_table(parts: Sequence[Part]) -> pa.Table:
    return pa.table(
        {
            "file": pa.array([Path(part.files.files[0]).name for part in parts], pa.string()),
            "batch": pa.array([part.batch for part in parts], pa.int64()),
            "before": pa.array([part.first for part in parts], pa.int64()),
        }
    )


def _looked_in(lookup: Lookup, found: Found, work: Intake, folder: Path, target: str) -> ibis.Table:
    path = found.path.parent / lookup.file
    if not path.is_file():
        hint = f"`{target}` is looked up in it: put it beside {found.path.name}"
        raise BadInput(f"there is no {path}", hint=hint)
    part = stage(Found(path, found.file), work, folder, batch=0)
    for column in (*lookup.on.values(), lookup.take):
        if column not in part.columns:
            why = f"in which `{target}` is looked up"
            raise LacksColumn(path.name, column, tuple(part.columns), why=why)
    rows, style = work.engine.bind("intake_lookup", part.files), found.file.style
    keys = {
        f" key {place}": text_of(rows[part.columns[theirs]], style)
        for place, theirs in enumerate(lookup.on.values())
    }
    taken = rows.select(**keys, **{" taken": rows[part.columns[lookup.take]]})
    kept = work.engine.keep(f"intake_looked_up_{target}", taken)
    _refuse_twice(work.engine, kept, list(keys), path)
    return kept


def _refuse_twice(engine: Engine, rows: ibis.Table, keys: list[str], path: Path) -> None:
    counted = rows.group_by(keys).agg(times=rows.count())
    twice = engine.run(counted.filter(counted.times > 1).order_by(keys).limit(1)).to_pylist()
    if twice:
        key = ", ".join(str(twice[0][name]) for name in keys)
        what = f"{path.name} has the key {key} {twice[0]['times']} times"
        raise BadInput(what, hint="a look-up needs each key once")
