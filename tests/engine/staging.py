"""Stages bytes as a CSV file and brings back what was staged."""

from tuttuno.engine.csv import CsvDialect, stage_csv


def staged(engine, folder, data, *, name="file.csv", dialect=None, limits=None):
    """The staged file, and its rows as lists in their order."""
    path = folder / name
    path.write_bytes(data)
    to = folder / "out" / "staged.parquet"
    found = stage_csv(engine, path, dialect=dialect or CsvDialect(), to=to, limits=limits)
    assert [each.name for each in to.parent.iterdir()] == [to.name]
    return found, rows_of(engine, found)


def rows_of(engine, found):
    bound = engine.bind("staged", found.files)
    rows = engine.run(bound.order_by("_row")).to_pylist()
    assert [row["_row"] for row in rows] == list(range(found.rows))
    return [[row[name] for name in found.columns] for row in rows]
