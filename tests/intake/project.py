"""A project for tests: files in, and what became of them, in the words of the tables."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pyarrow as pa

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.intake.ingest import ingest
from tuttuno.intake.intake import Intake
from tuttuno.intake.mapping import Mapping
from tuttuno.intake.report import FileReport
from tuttuno.intake.retry import retry_quarantine
from tuttuno.intake.settings import IntakeSettings
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.lake.store import Lake
from tuttuno.schema.table import Table
from tuttuno.vault.batches import batches
from tuttuno.vault.identifiers import identifiers_of
from tuttuno.vault.quarantine import QuarantineFilter, browse
from tuttuno.vault.records import find_record
from tuttuno.vault.vault import open_vault

KEY = b"a key for tests, thirty-two bytes"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment as the tables have it: without a zone, and meaning UTC."""
    return datetime.fromisoformat(text)


@dataclass
class Project:
    """A vault, a lake and a folder of files."""

    root: Path
    work: Intake
    files: Path
    given: int = field(default=0)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the delivery."""
        path = self.files / name
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
        return path

    def take(
        self, *paths: Path, mapping: Mapping = EXCHANGE_FORMAT, now: datetime = NOW
    ) -> tuple[FileReport, ...]:
        """Take in some files, or the whole folder."""
        return ingest(paths or (self.files,), mapping, self.work, clock=lambda: now)

    def take_text(self, table: str, text: str, **options: object) -> FileReport:
        """Take in one new file of a table."""
        self.given += 1
        return self.take(self.write(f"{table}_{self.given}.csv", text), **options)[0]

    def retry(self, mapping: Mapping = EXCHANGE_FORMAT, **only: str) -> tuple[FileReport, ...]:
        """Try what is in quarantine again."""
        return retry_quarantine(mapping, self.work, clock=lambda: NOW, **only)

    def rows(self, table: Table, *columns: str) -> list:
        """Rows of a lake table in order; values alone when one column is asked for."""
        found = self.table(table).select(list(columns)).to_pylist()
        rows = [tuple(row.values()) for row in found]
        rows.sort(key=repr)
        return [row[0] for row in rows] if len(columns) == 1 else rows

    def table(self, table: Table) -> pa.Table:
        """A whole lake table."""
        engine = self.work.engine
        return engine.run(self.work.lake.bind(engine, table, name="asked"))

    def content(self, table: Table) -> list:
        """All rows of a lake table, without the batch that brought them."""
        return sorted(self.table(table).drop_columns("batch").to_pylist(), key=repr)

    def quarantine(self, state: str | None = None) -> list:
        """Rows in quarantine."""
        with self.work.vault.read() as con:
            return browse(con, QuarantineFilter(state=state), limit=1_000_000)

    def faults(self) -> list[tuple]:
        """Row, column, rule and value of what is in quarantine."""
        return [(each.row, each.column, each.rule, each.value) for each in self.quarantine()]

    def ledger(self) -> list:
        """The batches, oldest first."""
        with self.work.vault.read() as con:
            return batches(con, limit=1_000_000)[::-1]

    def record(self, source: str, record_id: str):
        """A record of the vault."""
        with self.work.vault.read() as con:
            return find_record(con, source, record_id)

    def identifiers(self, source: str, record_id: str) -> list[tuple[str, str]]:
        """What ties a record to others: types and values."""
        with self.work.vault.read() as con:
            key = pa.array([self.record(source, record_id).record_key])
            rows = identifiers_of(con, key).select(["type", "value"]).to_pylist()
        return sorted((row["type"], row["value"]) for row in rows)

    def law(self) -> None:
        """Every batch is accounted for."""
        assert [each for each in self.ledger() if each.counts.difference] == []


def make_project(root: Path, template: Path, **settings: str) -> Project:
    """Lay out a project; `template` is a vault that was made before."""
    (root / "vault").mkdir(parents=True, mode=0o700)
    shutil.copy(template, root / "vault" / "vault.sqlite")
    files = root / "files"
    files.mkdir()
    work = Intake(
        vault=open_vault(f"sqlite:///{root}/vault/vault.sqlite"),
        lake=Lake(root / "lake"),
        engine=DuckDBEngine(threads=1, memory="1GB", scratch=root / "tmp"),
        key=KEY,
        scratch=root / "tmp",
        settings=IntakeSettings(**settings),
    )
    return Project(root, work, files)


def close(project: Project) -> None:
    """Let go of the stores."""
    project.work.engine.close()
    project.work.vault.close()


def csv_text(rows: Iterable[dict[str, str]]) -> str:
    """Rows as a CSV file."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names)]
    lines += [",".join(row.get(name, "") for name in names) for row in rows]
    return "\n".join(lines) + "\n"
