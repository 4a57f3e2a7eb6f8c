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

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made
from tuttuno.intake.documents import documents
from tuttuno.intake.mapping import Style
from tuttuno.intake.paths import Kind, is_of, kinds_of, rows_of
from tuttuno.intake.section import BadMapping, Section

NAME = "json"


def _make(section: Section, style: Style, codes: Codes) -> Made:
    kinds = kinds_of(section, "documents", style, codes)
    if not kinds:
        raise BadMapping(section.at("documents"), "is missing: what do its documents hold?")
    return Made(
        files=tuple(kind.file for kind in kinds),
        documents=Documents(
            partial(_read, kinds=kinds, envelopes=section.texts("envelope")),
            endings=(".json", ".jsonl", ".ndjson"),
        ),
    )


def _read(
    path: Path, _folder: Path, *, kinds: tuple[Kind, ...], envelopes: tuple[str, ...]
) -> Iterator[Row | Broken]:
    for each in documents(path, envelopes=envelopes):
        if isinstance(each, Broken):
            yield each
            continue
        mine = [kind for kind in kinds if is_of(kind, each.value)]
        for kind in mine:
            yield from rows_of(kind, each.value, each.number)
        if not mine:
            yield Broken("is no document that the mapping speaks of", "", each.number)


JSON_SHOP = Connector(NAME, _make, keys=("documents", "envelope"), bare=False)
