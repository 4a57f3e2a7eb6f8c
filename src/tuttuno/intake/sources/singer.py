"""Singer: what a tap writes, message by message, from a file or from standard input.

A stream that is called like a table of the exchange format and has its columns needs no mapping;
any other is declared, as in `json_shop`:

    [[sources.tap.streams]]
    stream = "orders"
    table = "sales"
    each = "line_items"
    columns = { sale_id = "id", ... }

Records are what counts. Schemas are believed to nobody, because the rules of the tables judge the
rows; the state is the tap's own, and rows that come again are duplicates. Source: the Singer
specification, 0.3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made
from tuttuno.intake.documents import documents
from tuttuno.intake.mapping import FileMapping, Style, Take
from tuttuno.intake.nested import at, text
from tuttuno.intake.paths import Kind, as_sheet, kinds_of, paths_of, rows_of
from tuttuno.intake.section import Section
from tuttuno.schema.exchange import EXCHANGE, SALES
from tuttuno.schema.table import Table

NAME = "singer"

#: Messages that bring no record.
_BESIDE = frozenset({"SCHEMA", "STATE", "ACTIVATE_VERSION"})

#: The message that says that records lie in files elsewhere.
_ELSEWHERE = "BATCH"


def _make(section: Section, style: Style, codes: Codes) -> Made:
    kinds = kinds_of(section, "streams", style, codes, beside=("stream",))
    named = [each.text("stream") for each in section.sections("streams")]
    declared = {name or kind.file.table.name: kind for name, kind in zip(named, kinds, strict=True)}
    taken = {kind.file.table.name for kind in kinds}
    plain = {
        table.name: _plain(table, style, codes) for table in EXCHANGE if table.name not in taken
    }
    streams = {**plain, **declared}
    files = sorted(
        (kind.file for kind in streams.values()), key=lambda file: file.table is not SALES
    )
    return Made(
        files=tuple(files),
        documents=Documents(
            partial(_read, streams=streams), endings=(".jsonl", ".json", ".ndjson", ".singer")
        ),
    )


def _plain(table: Table, style: Style, codes: Codes) -> Kind:
    """A stream with the names of a table; its source is the section's."""
    words = {"channel": codes.channels, "store_id": codes.stores}
    columns = {
        name: Take(column=name, map=words.get(name, {}))
        for name in table.columns
        if name != "source"
    }
    file = as_sheet(FileMapping("*", table, columns, replace(style)))
    return Kind(file, each=(), has=(), when={}, paths=paths_of(file))


def _read(path: Path, _folder: Path, *, streams: Mapping[str, Kind]) -> Iterator[Row | Broken]:
    for each in documents(path):
        if isinstance(each, Broken):
            yield each
            continue
        kind, stream = text(each.value, "type"), text(each.value, "stream") or ""
        record = at(each.value, "record")
        if kind in _BESIDE:
            continue
        if kind == _ELSEWHERE:
            said = "has its records in files beside, which are not read: switch `batch_config` off"
            yield Broken(said, "", each.number)
        elif kind != "RECORD" or not isinstance(record, dict):
            yield Broken("is no message of Singer", "", each.number)
        elif stream not in streams:
            yield Broken(f"is of the stream {stream!r}, which nothing speaks of", "", each.number)
        else:
            yield from rows_of(streams[stream], record, each.number)


SINGER = Connector(NAME, _make, keys=("streams",))
