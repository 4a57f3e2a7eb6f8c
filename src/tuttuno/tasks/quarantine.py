"""Quarantine: look at the rows held back, hand them out, take them in again, or dismiss them."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, NotFound, Unknown
from tuttuno.intake.intake import Intake
from tuttuno.intake.report import FileReport
from tuttuno.intake.retry import retry_quarantine
from tuttuno.intake.sources.catalogue import CONNECTORS
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.progress import Progress, silent
from tuttuno.tasks.held_messages import EVENTS, take_in_held
from tuttuno.tasks.ingest import Sources, mapping_for
from tuttuno.tasks.turn import turn
from tuttuno.vault import audit
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


def retry(
    where: QuarantineFilter,
    *,
    root: Path,
    intake: Intake,
    sources: Sources,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> tuple[FileReport, ...]:
    """Judge open rows by the mappings and rules of today, and take in what passes.

    Raises:
        Busy: An intake of the project is running.
        Unknown: No source has this name.
    """
    mappings = {name: mapping_for(name, None, sources=sources) for name in sources}
    formats = [each.name for each in CONNECTORS if each.bare and each.name not in sources]
    mappings |= {name: mapping_for(name, None, sources=sources) for name in formats}
    mappings[EXCHANGE_FORMAT.name] = EXCHANGE_FORMAT
    if where.source is not None and where.source not in mappings:
        raise Unknown("source", where.source, mappings)
    chosen = [one for name, one in mappings.items() if where.source in {None, name}]
    with turn(root, "ingest"):
        reports = [
            report
            for mapping in chosen
            for report in retry_quarantine(
                mapping,
                intake,
                table=where.table,
                rule=where.rule,
                clock=clock,
                progress=progress,
            )
        ]
        named = [name for name in sources if where.source in {None, name}]
        for name in named if where.table in {None, EVENTS} else ():
            reports += take_in_held(name, intake, sources=sources, rule=where.rule, clock=clock)
    return tuple(reports)


def dismiss(
    numbers: Sequence[int], *, vault: Vault, reason: str, actor: str, clock: Clock = utc_now
) -> int:
    """Take open rows off the list for good, and note who did and why; return how many.

    The rows stay in the vault and in the ledger as quarantined: what arrived has arrived.

    Raises:
        NotFound: One of the numbers is no open row; none is dismissed.
    """
    wanted = sorted(set(numbers))
    with vault.begin() as con:
        unknown = sorted(set(wanted) - held_back.open_numbers(con, wanted))
        if unknown:
            raise NotFound(
                f"no row with number {unknown[0]} is held back",
                hint="`tuttuno quarantine list` shows the numbers",
            )
        held_back.settle(con, wanted, held_back.QuarantineState.DISMISSED)
        for number in wanted:
            audit.append(
                con,
                actor=actor,
                action="quarantine.dismiss",
                subject=str(number),
                detail={"reason": reason},
                at=clock(),
            )
    return len(wanted)


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
