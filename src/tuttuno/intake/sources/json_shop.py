"""Documents of any shop that speaks JSON (Vendure, Medusa, one's own), as a project declares them.

    [sources.vendure]
    format = "json"
    money = "minor"

    [[sources.vendure.documents]]
    table = "sales"
    each = "lines"
    when = { state = ["PaymentSettled", "Shipped", "Delivered"] }

    [sources.vendure.documents.columns]
    sale_id = "code"
    line_no = "lines.#"
    net = "lines.proratedLinePrice"

A column is a path of keys with dots between them. With `each`, every element of that list is a
row: paths that begin with the list's own go on in the element, and `#` is its place in the list,
from 1. Everything else a column may be (`value`, `join`, `map`, `times`, `negative`, ...) is as in
any declared mapping.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from tuttuno.intake.arrived import DOCUMENT, NO_RECORD, Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made
from tuttuno.intake.declared import file_of
from tuttuno.intake.documents import Document, documents
from tuttuno.intake.mapping import FileMapping, Style, Take
from tuttuno.intake.nested import at, text, things
from tuttuno.intake.section import BadMapping, Section

NAME = "json"

#: Why something is no record of ours.
EMPTY = "a document whose list is empty"
OTHER = "a document in a state that is none of ours"
_PLACE = "#"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of document.

    Attributes:
        file: What its rows mean.
        each: The list whose elements are the rows; empty: the document is one.
        has: Paths without which a document is not of this kind.
        when: Path -> values of those that are taken in; others are none of ours.
        paths: Column -> the keys that lead to it.
    """

    file: FileMapping
    each: tuple[str, ...]
    has: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, tuple[str, ...]]


def _make(section: Section, style: Style, codes: Codes) -> Made:
    kinds = tuple(_kind(each, style, codes) for each in section.sections("documents"))
    if not kinds:
        raise BadMapping(section.at("documents"), "is missing: what do its documents hold?")
    tables = [kind.file.table.name for kind in kinds]
    twice = next((name for name in tables if tables.count(name) > 1), "")
    if twice:
        raise BadMapping(section.at("documents"), f"has two kinds for `{twice}`")
    return Made(
        files=tuple(kind.file for kind in kinds),
        documents=Documents(
            partial(_read, kinds=kinds, envelopes=section.texts("envelope")),
            endings=(".json", ".jsonl", ".ndjson"),
        ),
    )


def _kind(section: Section, style: Style, codes: Codes) -> _Kind:
    file = file_of(section, style, beside=("each", "when", "has"), pattern="*")
    columns = {name: _coded(name, take, codes) for name, take in (file.columns or {}).items()}
    file = replace(
        file,
        columns=columns,
        skip={**file.skip, NO_RECORD: (EMPTY, OTHER)},
        ignore=(*file.ignore, DOCUMENT, NO_RECORD),
    )
    each = _keys(section.text("each"))
    paths = {name: _keys(name) for name in file.used - {DOCUMENT, NO_RECORD}}
    return _Kind(file, each, section.texts("has"), section.lists("when"), paths)


def _coded(name: str, take: Take, codes: Codes) -> Take:
    """The codes of the source hold for every column of channels and stores."""
    known = {"channel": codes.channels, "store_id": codes.stores}.get(name, {})
    return replace(take, map={**known, **take.map}) if known else take


def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def _read(
    path: Path, _folder: Path, *, kinds: tuple[_Kind, ...], envelopes: tuple[str, ...]
) -> Iterator[Row | Broken]:
    for each in documents(path, envelopes=envelopes):
        if isinstance(each, Broken):
            yield each
            continue
        mine = [kind for kind in kinds if _is(kind, each.value)]
        for kind in mine:
            yield from _rows(kind, each)
        if not mine:
            yield Broken("is no document that the mapping speaks of", "", each.number)


def _is(kind: _Kind, value: dict[str, Any]) -> bool:
    needed = (*kind.has, *kind.when, *([".".join(kind.each)] if kind.each else []))
    return all(at(value, *_keys(path)) is not None for path in needed)


def _rows(kind: _Kind, document: Document) -> Iterator[Row]:
    value, number, table = document.value, document.number, kind.file.table.name
    if any(text(value, *_keys(path)) not in words for path, words in kind.when.items()):
        yield Row(table, {}, number, OTHER)
        return
    found = things(value, *kind.each) if kind.each else [value]
    for place, element in enumerate(found, 1):
        values = {
            name: _value(kind, keys, value, element, place) for name, keys in kind.paths.items()
        }
        yield Row(table, values, number)
    if not found:
        yield Row(table, {}, number, EMPTY)


def _value(
    kind: _Kind, keys: tuple[str, ...], value: object, element: object, place: int
) -> str | None:
    inside = bool(kind.each) and keys[: len(kind.each)] == kind.each
    if not inside:
        return text(value, *keys)
    rest = keys[len(kind.each) :]
    return str(place) if rest == (_PLACE,) else text(element, *rest)


JSON_SHOP = Connector(NAME, _make, keys=("documents", "envelope"))
