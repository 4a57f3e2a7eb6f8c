"""Verbs that move data: ingest, build, drain, quarantine."""

import sys
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from tuttuno.cli.project import ACTOR, opened
from tuttuno.cli.terminal import Json, Verbs, counted, note, progress_bars, say, say_json, say_table
from tuttuno.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from tuttuno.intake.report import FileReport
    from tuttuno.tasks.build import Built
    from tuttuno.vault.vault import Vault
    from tuttuno.workspace import Workspace

T = TypeVar("T")

#: Seconds that a verb waits for another intake of the same project.
PATIENCE = 60.0


#: What can become of a row, in the order in which it is printed.
OUTCOMES = ("received", "accepted", "duplicate", "quarantined", "suppressed", "rejected")

_STDIN = Path("-")

quarantine = typer.Typer(
    cls=Verbs, help="Rows held back: list, export, retry, dismiss.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command()(ingest)
    app.command()(build)
    app.command()(drain)
    app.command()(totals)
    app.add_typer(quarantine, name="quarantine")


def ingest(
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files, or folders of files; `-` for standard input.", allow_dash=True),
    ],
    *,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="The system that tells us.")
    ] = None,
    how: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="FORMAT",
            help="A source of tuttuno.toml, or a format such as `exchange` or `shopify`. "
            "Default: the only source, else `exchange`.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Take in files or folders.

    Doing it twice changes nothing. Prints what was received and what became of it, and ends
    with 3 when a file was refused.
    """
    from tuttuno.tasks.ingest import ingest as take_in
    from tuttuno.tasks.ingest import mapping_for, spooled

    with opened(ctx) as workspace, progress_bars() as progress:
        mapping = mapping_for(how, source, sources=workspace.settings.sources)
        with ExitStack() as lent:
            found = [
                lent.enter_context(spooled(sys.stdin.buffer, mapping, workspace.scratch))
                if path == _STDIN
                else path
                for path in dict.fromkeys(paths)
            ]
            reports = take_in(
                found,
                mapping,
                root=workspace.root,
                intake=workspace.intake(),
                progress=progress,
            )
    if not reports:
        note(f"no file of a table is in {', '.join(map(str, paths))}")
    show_reports(reports, json=json)


def build(
    ctx: typer.Context,
    *,
    engine: Annotated[
        str | None, typer.Option(metavar="duckdb|spark", help="What computes; else the settings'.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Make every month again.")] = False,
    json: Json = False,
) -> None:
    """Build and publish a release.

    Takes in what waits in the inbox, resolves identity, makes the mart of what changed, and
    answers every measure once.
    """
    from tuttuno.tasks.build import build as make
    from tuttuno.tasks.build_on_all import build_on_all
    from tuttuno.tasks.drain import drain as take_in

    with opened(ctx) as workspace, inbox_of(workspace) as inbox, progress_bars() as progress:
        made = build_on_all(
            inbox,
            lambda: _waiting(take_in, workspace, inbox),
            lambda: make(
                workspace.stores,
                workspace.engine(engine),
                settings=workspace.build,
                full=full,
                progress=progress,
            ),
        )
    if json:
        say_json(
            {
                "release": made.release,
                "at": made.at,
                "records": made.records,
                "persons": made.persons,
                "months": made.months,
                "seconds": made.seconds,
            }
        )
        return
    months = "all months" if made.months is None else counted(len(made.months), "month")
    say(published(made))
    note(f"{months} made in {sum(made.seconds.values()):.1f} s")


def published(made: "Built") -> str:
    """Say which release came of it, and how many people were found behind how many records."""
    are = "is" if made.records == 1 else "are"
    records, persons = counted(made.records, "record"), counted(made.persons, "person")
    return f"release {made.release}: {records} {are} {persons}"


def drain(ctx: typer.Context, *, json: Json = False) -> None:
    """Take in what came live and still waits.

    `tuttuno serve` does it every few seconds, and `tuttuno build` before it builds.
    """
    from tuttuno.tasks.drain import claims
    from tuttuno.tasks.settle_arrived import drain_and_settle

    with opened(ctx) as workspace, inbox_of(workspace) as inbox:
        done = drain_and_settle(
            _waiting(claims, workspace, inbox),
            workspace.vault,
            settings=workspace.build.identity,
        )
    if not json:
        say(f"{counted(done.messages, 'message')} taken in")
    show_reports(done.reports, json=json)


def totals(
    ctx: typer.Context,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also days that meet.")] = False,
    json: Json = False,
) -> None:
    """Compare receipts with what registers told the tax office.

    Lists the days of stores on which they differ, amounts with tax.
    """
    from tuttuno.tasks.fiscal_totals import fiscal_totals

    with opened(ctx) as workspace:
        days = fiscal_totals(workspace.lake, workspace.embedded())
    shown = [one for one in days if every or one.problem]
    if json:
        say_json(
            [asdict(one) | {"difference": one.difference, "problem": one.problem} for one in shown]
        )
        return
    columns = ("store", "day", "told", "receipts", "difference", "problem")
    say_table(
        columns,
        [
            (one.store_id, str(one.day), _amount(one.told), _amount(one.receipts),
             _amount(one.difference), one.problem)
            for one in shown
        ],
    )  # fmt: skip
    differ = sum(bool(one.problem) for one in days)
    note(f"{counted(len(days), 'day')} of stores compared, {differ:,} of them different")


def _amount(value: "Decimal | None") -> str:
    return "" if value is None else f"{value:,.2f}"


@contextmanager
def inbox_of(workspace: "Workspace") -> "Iterator[Vault]":
    """Open the inbox of a project."""
    inbox = workspace.inbox()
    try:
        yield inbox
    finally:
        if inbox is not workspace.vault:
            inbox.close()


def _waiting(take: "Callable[..., T]", workspace: "Workspace", inbox: "Vault") -> "T":
    """Let what takes in the waiting messages of a project do so."""
    return take(
        inbox,
        workspace.intake(),
        root=workspace.root,
        sources=workspace.settings.sources,
        patience=PATIENCE,
    )


def show_reports(reports: "Sequence[FileReport]", *, json: bool) -> None:
    """Print what became of each file's rows.

    Raises:
        BadInput: A file was refused; said after the others are shown.
    """
    if json:
        say_json([asdict(report) for report in reports])
    else:
        say_table(
            ["file", "table", *OUTCOMES],
            [
                (report.file, report.table, *(getattr(report.counts, name) for name in OUTCOMES))
                for report in reports
            ],
            right=OUTCOMES,
        )
        for report in reports:
            for line in report.notes:
                note(f"note: {report.file}: {line}")
    refused = [report for report in reports if report.refused]
    if refused:
        first = refused[0]
        rest = "the other files were taken in; " if len(refused) < len(reports) else ""
        raise BadInput(
            f"{len(refused)} of {len(reports)} files refused: {first.file}: {first.refused}",
            hint=f"{rest}mend what was refused and ingest it again",
        )


@quarantine.command("list")
def list_(
    ctx: typer.Context,
    *,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this source.")] = None,
    table: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this table.")] = None,
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="Only this rule.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows at most.")] = 50,
    json: Json = False,
) -> None:
    """List rows held back: file, row, column, rule and the value seen."""
    from tuttuno.tasks.quarantine import browse

    with opened(ctx) as workspace:
        held = browse(workspace.vault, source=source, table=table, rule=rule, limit=limit)
    columns = ("quarantine_no", "source", "file", "row", "column", "rule", "value")
    if json:
        whole = (*columns, "message")
        say_json([{name: getattr(one, name) for name in whole} for one in held.rows])
        return
    rows = [tuple(getattr(one, name) for name in columns) for one in held.rows]
    say_table(["no", *columns[1:]], rows, right=["no", "row"])
    total = sum(one.rows for one in held.rules)
    note(f"{len(rows):,} of {total:,} rows held back")
    said = {(one.source, one.table, one.rule): one for one in reversed(held.rows)}
    for one in held.rules:
        first = said.get((one.source, one.table, one.rule))
        why = f", e.g. {first.column or 'the row'} {first.message}" if first else ""
        note(f"{one.rows:>9,}  {one.source} {one.table}: {one.rule}{why}")


@quarantine.command()
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    *,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this source.")] = None,
    table: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this table.")] = None,
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="Only this rule.")] = None,
) -> None:
    """Write the rows held back to a CSV file.

    It says what is wrong with each: to be read, and mended at the source.
    """
    from tuttuno.tasks.quarantine import export as write

    with opened(ctx) as workspace:
        rows = write(workspace.vault, file, source=source, table=table, rule=rule)
    say(f"{rows:,} rows written to {file}")


@quarantine.command()
def retry(
    ctx: typer.Context,
    *,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this source.")] = None,
    table: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this table.")] = None,
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="Only this rule.")] = None,
    json: Json = False,
) -> None:
    """Judge what is held back by today's rules again.

    Mappings are those of today too. What is right now is taken in, the rest stays.
    """
    from tuttuno.tasks.quarantine import retry as try_again
    from tuttuno.vault.quarantine import QuarantineFilter

    with opened(ctx) as workspace, progress_bars() as progress:
        reports = try_again(
            QuarantineFilter(source=source, table=table, rule=rule),
            root=workspace.root,
            intake=workspace.intake(),
            sources=workspace.settings.sources,
            progress=progress,
        )
    show_reports(reports, json=json)


@quarantine.command()
def dismiss(
    ctx: typer.Context,
    numbers: Annotated[list[int], typer.Argument(metavar="NO...", help="As `list` shows them.")],
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the audit log.")],
) -> None:
    """Take rows off the list that are of no use.

    They stay counted as quarantined: what arrived has arrived.
    """
    from tuttuno.tasks.quarantine import dismiss as take_off

    with opened(ctx) as workspace:
        gone = take_off(numbers, vault=workspace.vault, reason=reason, actor=ACTOR)
    say(f"{gone:,} dismissed")
