"""Rows by declared paths: which key of a document, however deep, is which column.

A path is keys with dots between them. With `each`, every element of that list is a row: paths that
begin with the list's own go on in the element, and `#` is its place in the list, from 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuttuno.intake.arrived import DOCUMENT, NO_RECORD, Row
from tuttuno.intake.connector import Codes
from tuttuno.intake.declared import file_of
from tuttuno.intake.mapping import FileMapping, Style, Take
from tuttuno.intake.nested import at, text, things
from tuttuno.intake.section import BadMapping, Section

#: Why something is no record of ours.
EMPTY = "a document whose list is empty"
OTHER = "a document in a state that is none of ours"
_PLACE = "#"


@dataclass(frozen=True, slots=True)
class Kind:
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


def kinds_of(
    section: Section, key: str, style: Style, codes: Codes, *, beside: tuple[str, ...] = ()
) -> tuple[Kind, ...]:
    """Read what a project declares of the documents of a source.

    Args:
        section: Of the source.
        key: Under which the kinds stand.
        style: How the source writes.
        codes: What its codes mean.
        beside: Keys that a kind may have in addition.

    Raises:
        BadMapping: Something in it cannot be understood, or two kinds are of one table.
    """
    kinds = tuple(_kind(each, style, codes, beside) for each in section.sections(key))
    tables = [kind.file.table.name for kind in kinds]
    twice = next((name for name in tables if tables.count(name) > 1), "")
    if twice:
        raise BadMapping(section.at(key), f"has two kinds for `{twice}`")
    return kinds


def as_sheet(file: FileMapping) -> FileMapping:
    """Return the mapping of rows that a reader makes of documents."""
    return replace(
        file,
        skip={**file.skip, NO_RECORD: (EMPTY, OTHER)},
        ignore=(*file.ignore, DOCUMENT, NO_RECORD),
    )


def paths_of(file: FileMapping) -> dict[str, tuple[str, ...]]:
    """Return the keys that lead to each column."""
    return {name: _keys(name) for name in file.used - {DOCUMENT, NO_RECORD}}


def is_of(kind: Kind, value: dict[str, Any]) -> bool:
    """Tell whether a document is of a kind: it has all that the kind speaks of by name."""
    needed = (*kind.has, *kind.when, *([".".join(kind.each)] if kind.each else []))
    return all(at(value, *_keys(path)) is not None for path in needed)


def rows_of(kind: Kind, value: dict[str, Any], number: int) -> Iterator[Row]:
    """Make rows of a document; one that comes to nothing is one row that is no record."""
    table = kind.file.table.name
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
    kind: Kind, keys: tuple[str, ...], value: object, element: object, place: int
) -> str | None:
    inside = bool(kind.each) and keys[: len(kind.each)] == kind.each
    if not inside:
        return text(value, *keys)
    rest = keys[len(kind.each) :]
    return str(place) if rest == (_PLACE,) else text(element, *rest)


def _kind(section: Section, style: Style, codes: Codes, beside: tuple[str, ...]) -> Kind:
    file = file_of(section, style, beside=("each", "when", "has", *beside), pattern="*")
    columns = {name: _coded(name, take, codes) for name, take in (file.columns or {}).items()}
    file = as_sheet(replace(file, columns=columns))
    each = _keys(section.text("each"))
    return Kind(file, each, section.texts("has"), section.lists("when"), paths_of(file))


def _coded(name: str, take: Take, codes: Codes) -> Take:
    """The codes of the source hold for every column of channels and stores."""
    known = {"channel": codes.channels, "store_id": codes.stores}.get(name, {})
    return replace(take, map={**known, **take.map}) if known else take


def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()
