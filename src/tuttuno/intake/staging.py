"""Files made readable for the engine, and what other files of the folder add to their rows."""

from collections.abc import Mapping
from pathlib import Path

import ibis

from tuttuno.engine.csv import CsvDialect, stage_csv
from tuttuno.engine.parquet import foreign_parquet
from tuttuno.engine.port import Engine, ParquetFiles
from tuttuno.errors import BadInput
from tuttuno.intake.columns import LacksColumn, text_of
from tuttuno.intake.files import Found
from tuttuno.intake.intake import Intake
from tuttuno.intake.mapping import Lookup, Take
from tuttuno.intake.staged import ROW, Staged, Unreadable, looked_up

_POSITION = " position"


def stage(found: Found, work: Intake, folder: Path, *, name: str = "intake_rows") -> Staged:
    """Make a file readable.

    Args:
        found: The file.
        work: Whose engine reads it.
        folder: Where a copy of a CSV is laid, in the engine's own format.
        name: Under which the rows are bound.

    Raises:
        BadInput: The file as a whole cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if found.columnar:
        file = foreign_parquet(found.path, link=folder / f"{name}.parquet", row_column=_POSITION)
        names = tuple(each.strip() for each in file.columns)
        table = _numbered(
            work.engine, name, file.files, dict(zip(names, file.columns, strict=True))
        )
        return Staged(table, names, file.rows)
    style = found.file.style
    delimiter = "\t" if ".tsv" in found.path.suffixes else style.delimiter
    dialect = CsvDialect(delimiter=delimiter, quote=style.quote, encoding=style.encoding)
    staged = stage_csv(work.engine, found.path, dialect=dialect, to=folder / f"{name}.parquet")
    renamed = ParquetFiles(staged.files.files, staged.files.schema, row_column=_POSITION)
    table = _numbered(work.engine, name, renamed, {each: each for each in staged.columns})
    bad = tuple(Unreadable(line.row, line.reason, line.text) for line in staged.bad_lines)
    return Staged(table, staged.columns, staged.rows, bad)


def with_lookups(
    staged: Staged, found: Found, takes: Mapping[str, Take], work: Intake, folder: Path
) -> Staged:
    """Join what look-ups bring from other files of the folder.

    Raises:
        BadInput: A file or column is missing, or a key stands in it twice: rows would be
            counted twice.
    """
    table = staged.table
    for target, take in takes.items():
        if take.lookup:
            other = _looked_in(take.lookup, found, work, folder, target)
            keys = [
                text_of(table[ours], found.file.style) == other[f" key {place}"]
                for place, ours in enumerate(take.lookup.on)
            ]
            joined = table.left_join(other, keys)
            table = joined.select(*table.columns, **{looked_up(target): joined[" taken"]})
    return Staged(table, staged.columns, staged.count, staged.unreadable)


def _numbered(
    engine: Engine, name: str, files: ParquetFiles, columns: Mapping[str, str]
) -> ibis.Table:
    bound = engine.bind(name, files)
    return bound.select(
        **{ROW: bound[_POSITION] + 1}, **{ours: bound[theirs] for ours, theirs in columns.items()}
    )


def _looked_in(lookup: Lookup, found: Found, work: Intake, folder: Path, target: str) -> ibis.Table:
    path = found.path.parent / lookup.file
    if not path.is_file():
        hint = f"`{target}` is looked up in it: put it beside {found.path.name}"
        raise BadInput(f"there is no {path}", hint=hint)
    other = stage(Found(path, found.file), work, folder, name=f"intake_lookup_{target}")
    for column in (*lookup.on.values(), lookup.take):
        if column not in other.columns:
            raise LacksColumn(
                path.name, column, other.columns, why=f"in which `{target}` is looked up"
            )
    rows, style = other.table, found.file.style
    keys = {
        f" key {i}": text_of(rows[theirs], style) for i, theirs in enumerate(lookup.on.values())
    }
    taken = rows.select(**keys, **{" taken": rows[lookup.take]})
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
