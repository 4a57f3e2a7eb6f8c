"""Verify: nothing that arrived is unaccounted for, and nothing that was kept has changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tuttuno.engine.port import Engine
from tuttuno.progress import Progress, silent
from tuttuno.schema.lake import LAKE, SUPPLIED
from tuttuno.schema.mart import MART
from tuttuno.schema.table import Table
from tuttuno.tasks.fiscal_totals import fiscal_totals
from tuttuno.tasks.stores import Stores
from tuttuno.vault import batches, integrity, releases
from tuttuno.vault.batches import BatchStatus, Counts
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what it found.

    Attributes:
        check: What was looked at.
        broken: What is wrong, a line each; empty when all is well.
        seen: How many things were looked at.
    """

    check: str
    seen: int
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of all checks.

    Attributes:
        counts: What ever arrived, and what became of it.
    """

    counts: Counts
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """True when no check found anything."""
        return not any(finding.broken for finding in self.findings)


def verify(
    stores: Stores, engine: Engine, *, inbox: Vault | None = None, progress: Progress = silent
) -> Verified:
    """Check the conservation law, the lake against the ledger, and every row of the vault.

    Reads everything and changes nothing. An open batch is one at work, or one whose run was
    killed; the next intake finishes it, so it is named but breaks nothing.

    Args:
        stores: The project.
        engine: Reads its lake.
        inbox: Where live messages wait; None: it is not looked at.
        progress: Told of every check.
    """
    with stores.vault.read() as con:
        counts = batches.total(batches.ledger_by_hour(con))
    checks: dict[str, Callable[[Stores, Engine], Finding]] = {
        "conservation law": _conservation,
        "rows by batch": _rows_by_batch,
        "grain of the lake": _grains,
        "totals of registers": _registers,
        "files of releases": _files,
        "rows of the vault": _vault_rows,
    }
    findings = [] if inbox is None else [_doors(inbox), _inbox_rows(stores, inbox)]
    for done, check in enumerate(checks.values()):
        findings.append(check(stores, engine))
        progress("verify", done + 1, len(checks))
    return Verified(counts, tuple(findings))


def _conservation(stores: Stores, _engine: Engine) -> Finding:
    with stores.vault.read() as con:
        ledger = batches.ledger_by_hour(con)
    broken = tuple(
        f"{line.source} {line.hour:%Y-%m-%d %H}h: {line.counts.difference} rows unaccounted for"
        for line in ledger
        if line.counts.difference
    )
    return Finding("conservation law", len(ledger), broken)


def _doors(inbox: Vault) -> Finding:
    """Every message that came through a live door has become one of five things."""
    with inbox.read() as con:
        hours = doors_by_hour(con)
    broken = tuple(
        f"{line.source} {line.hour:%Y-%m-%d %H}h: {line.counts.difference} messages unaccounted for"
        for line in hours
        if line.counts.difference
    )
    return Finding("messages at live doors", len(hours), broken)


def _inbox_rows(stores: Stores, inbox: Vault) -> Finding:
    """Every message is as it was written; in a server the check of the vault tells."""
    if inbox is stores.vault:
        return Finding("rows of the inbox", 0)
    with inbox.read() as con:
        broken = tuple(str(row) for row in integrity.broken_rows(con))
        return Finding("rows of the inbox", integrity.count_rows(con), broken)


def _rows_by_batch(stores: Stores, engine: Engine) -> Finding:
    """No table may hold more rows of a batch than the ledger says were accepted."""
    with stores.vault.read() as con:
        accepted = {
            batch.batch: batch.counts.accepted
            for batch in batches.batches(con, limit=10_000_000)
            if batch.status in {BatchStatus.DONE, BatchStatus.ABANDONED}
        }
        at_work = {batch.batch for batch in batches.open_batches(con)}
    held: dict[int, int] = {}
    for table in LAKE:
        rows = stores.lake.bind(engine, table)
        counted = engine.run(rows.group_by("batch").agg(held=rows.count()))
        for row in counted.to_pylist():
            held[row["batch"]] = held.get(row["batch"], 0) + row["held"]
    broken = tuple(
        f"batch {batch}: {rows} rows in the lake, {accepted.get(batch, 0)} accepted"
        for batch, rows in sorted(held.items())
        if batch not in at_work and rows > accepted.get(batch, 0)
    )
    return Finding("rows by batch", len(held), broken)


def _grains(stores: Stores, engine: Engine) -> Finding:
    broken = tuple(
        f"{table.name}: {twice} keys are there more than once"
        for table in LAKE
        if (twice := _doubles(table, stores, engine))
    )
    return Finding("grain of the lake", len(LAKE), broken)


def _doubles(table: Table, stores: Stores, engine: Engine) -> int:
    rows = stores.lake.bind(engine, table)
    counted = rows.group_by(*table.grain).agg(times=rows.count())
    twice = counted.filter(counted.times > 1)
    return int(engine.run(twice.agg(twice=twice.count()))["twice"][0].as_py())


def _registers(stores: Stores, engine: Engine) -> Finding:
    """The receipts of each store and day come to what its registers told the tax office."""
    days = fiscal_totals(stores.lake, engine)
    broken = tuple(f"{one.store_id} {one.day}: {one.problem}" for one in days if one.problem)
    return Finding("totals of registers", len(days), broken)


def _files(stores: Stores, _engine: Engine) -> Finding:
    with stores.vault.read() as con:
        published = [
            one
            for one in releases.releases(con, limit=1_000_000)
            if one.status is releases.ReleaseStatus.PUBLISHED
        ]
    broken = tuple(
        f"release {one.number}: {missing} of {table.name} is missing"
        for one in published
        for table in (*LAKE, *SUPPLIED, *MART)
        if table.name in one.tables
        for missing in _missing(stores, table, one.tables[table.name])
    )
    return Finding("files of releases", len(published), broken)


def _missing(stores: Stores, table: Table, version: int) -> Iterator[str]:
    for name in stores.lake.files(table, version).files:
        if not Path(name).is_file():
            yield Path(name).name


def _vault_rows(stores: Stores, _engine: Engine) -> Finding:
    with stores.vault.read() as con:
        broken = tuple(str(row) for row in integrity.broken_rows(con))
        return Finding("rows of the vault", integrity.count_rows(con), broken)
