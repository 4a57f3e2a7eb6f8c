"""Quarantine: look at the rows held back, hand them out, take them in again."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tuttuno.errors import BadInput
from tuttuno.vault import quarantine as held_back
from tuttuno.vault.quarantine import Quarantined, QuarantineFilter, RuleCount
from tuttuno.vault.vault import Vault

#: Rows read at a time when all are handed out.
PAGE = 5_000

_COLUMNS = ("quarantine_no", "source", "table", "file", "row", "column", "rule", "value", "message")


@dataclass(frozen=True, slots=True)
class Held:
    """A page of rows held back, and how many there are by rule."""

    rules: tuple[RuleCount, ...]
    rows: tuple[Quarantined, ...]


def browse(
    vault: Vault,
    *,
    source: str | None = None,
    table: str | None = None,
    rule: str | None = None,
    limit: int = 50,
    after: int = 0,
) -> Held:
    """Return a page of open rows, oldest first; `after` is the last number of the page before."""
    where = QuarantineFilter(source=source, table=table, rule=rule)
    with vault.read() as con:
        rows = held_back.browse(con, where, limit=limit, after=after)
        return Held(tuple(held_back.count_by_rule(con)), tuple(rows))


def export(
    vault: Vault,
    file: Path,
    *,
    source: str | None = None,
    table: str | None = None,
    rule: str | None = None,
) -> int:
    """Write all open rows to a CSV file, each with its whole payload; return how many.

    Texts that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV
    injection), so the file is for reading: what is mended is mended at the source.

    Raises:
        BadInput: The file is there already, or cannot be written.
    """
    where = QuarantineFilter(source=source, table=table, rule=rule)
    try:
        with file.open("x", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([*_COLUMNS, "payload"])
            rows = 0
            for one in _all(vault, where):
                values = [getattr(one, name) for name in _COLUMNS]
                writer.writerow([_harmless(value) for value in (*values, _json(one.payload))])
                rows += 1
    except OSError as exc:
        raise BadInput(f"cannot write {file}: {exc.strerror}") from exc
    return rows


def _all(vault: Vault, where: QuarantineFilter) -> Iterator[Quarantined]:
    after = 0
    while True:
        with vault.read() as con:
            page = held_back.browse(con, where, limit=PAGE, after=after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].quarantine_no


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text


def _json(payload: Mapping[str, Any] | None) -> str:
    return "" if payload is None else msgspec.json.encode(payload).decode()
