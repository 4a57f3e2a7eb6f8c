"""The rows of one file, typed, judged and brought to UTC.

All of it is lazy: a question about duplicates reads the key columns of the file and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis.expr.types import StringValue

from tuttuno.intake.clocks import Clocks, to_utc, with_day
from tuttuno.intake.columns import extra_columns, picked
from tuttuno.intake.layers import Layer
from tuttuno.intake.mapping import FileMapping, Take
from tuttuno.intake.reading import moments, read
from tuttuno.intake.rules import Rule, first_broken
from tuttuno.intake.shapes import Shape
from tuttuno.intake.staged import ROW, Staged


@dataclass(frozen=True, slots=True)
class Places:
    """What a row's store, or else the project, says about clock and country.

    Attributes:
        stores: `store_id, timezone, country`, one row for each store.
        timezone: IANA zone of the project.
        country: Country of the project.
        clocks: Offsets of every zone that is spoken of.
    """

    stores: ibis.Table
    timezone: str
    country: str
    clocks: Clocks


def records_of(staged: Staged, file: FileMapping) -> ibis.Table:
    """Leave out the rows that the mapping declares to be no records."""
    rows = staged.table
    return rows.filter(~picked(rows, file.skip, file.style)) if file.skip else rows


def skipped_rows(staged: Staged, file: FileMapping) -> ibis.Table | None:
    """Return `row` of what `records_of` leaves out; None where the mapping leaves nothing out."""
    if not file.skip:
        return None
    left_out = staged.table.filter(picked(staged.table, file.skip, file.style))
    return left_out.select(row=left_out[ROW])


def typed(staged: Staged, file: FileMapping, takes: Mapping[str, Take], layer: Layer) -> ibis.Table:
    """Return the records of a file as `reading.read` makes them."""
    rows = records_of(staged, file)
    extra = _document(rows, extra_columns(file.table, file, staged.columns))
    return read(rows.mutate(extra=extra), file, takes, layer)


def problems(rows: ibis.Table, rules: tuple[Rule, ...]) -> ibis.Table:
    """Return `row` and `problem`, the position of the first rule it breaks, of every row.

    To be filtered where it arrives: an engine asked for the bad rows alone would work out each
    rule once to choose the rows and once more to show them.
    """
    return rows.select("row", problem=first_broken(rows, rules))


def placed(rows: ibis.Table, shape: Shape, places: Places) -> ibis.Table:
    """Add `zone` and `country_here`: those of the row's store, or else of the project."""
    zone, country = ibis.literal(places.timezone), ibis.literal(places.country)
    if not shape.local:
        own = rows.country.fill_null(country) if "country" in rows.columns else country
        return rows.mutate(zone=zone, country_here=own)
    stores = places.stores.select(
        its_store=places.stores.store_id,
        its_zone=places.stores.timezone,
        its_country=places.stores.country,
    )
    joined = rows.left_join(stores, rows.store_id == stores.its_store)
    return joined.select(
        *rows.columns,
        zone=joined.its_zone.fill_null(zone),
        country_here=joined.its_country.fill_null(country),
    )


def in_utc(
    rows: ibis.Table, shape: Shape, style_zone: str, places: Places, given: Mapping[str, bool]
) -> ibis.Table:
    """Turn the moments of placed rows into UTC, and add `local_day` where the table has a day.

    Args:
        rows: As `placed` returns them.
        shape: Of their table.
        style_zone: The zone in which the source writes all of its times; empty: the store's.
        places: What stores and project say.
        given: Moment -> whether it may carry an offset of its own; absent ones are null.
    """
    if shape.day and not style_zone and not given.get(shape.day, True):
        rows = rows.mutate(local_day=rows[shape.day].date())
    if style_zone:
        rows = rows.mutate(here=rows.zone, zone=ibis.literal(style_zone))
    for name in moments(shape.table):
        if name in given:
            rows = to_utc(rows, name, places.clocks)
    if shape.day and "local_day" not in rows.columns:
        rows = rows.mutate(zone=rows.here) if style_zone else rows
        rows = with_day(rows, shape.day, places.clocks)
    return rows


def offsets_given(staged: Staged, shape: Shape, takes: Mapping[str, Take]) -> dict[str, bool]:
    """Tell which moments a file brings, and whether their values may say their own offset."""
    given = {}
    for name in moments(shape.table):
        take = takes.get(name)
        if take is not None:
            kind = staged.table[take.column].type() if take.column else ibis.dtype("string")
            plain = kind.is_date() or (kind.is_timestamp() and not kind.timezone)
            given[name] = not plain
    return given


def _document(rows: ibis.Table, columns: tuple[str, ...]) -> StringValue:
    """Undeclared columns as one JSON text; null where all of them are."""
    if not columns:
        return ibis.null(str)
    document = ibis.struct({name: rows[name] for name in columns}).cast("json").cast(str)
    something = ibis.or_(*(rows[name].notnull() for name in columns))
    return ibis.ifelse(something, document, ibis.null(str))
