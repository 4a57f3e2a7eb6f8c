"""Verbs on what was published: releases, rollback."""

from typing import Annotated

import typer

from tuttuno.cli.project import opened
from tuttuno.cli.terminal import say, say_json, say_table

#: Who acts, in the audit log, when a verb comes from a terminal.
ACTOR = "command line"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command()(releases)
    app.command()(rollback)


def releases(
    ctx: typer.Context, *, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the releases, newest first.

    Readers see the one marked as current. With `--json`, each names the version of every
    table of the lake that it reads.
    """
    from tuttuno.vault import releases as published

    with opened(ctx) as workspace, workspace.vault.read() as con:
        current = published.current(con)
        known = published.releases(con)
    serving = None if current is None else current.number
    columns = ("release", "at", "status", "engine", "current")
    rows = [
        (
            one.number,
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.status.value,
            one.engine,
            one.number == serving,
        )
        for one in known
    ]
    if json:
        shown = [dict(zip(columns, row, strict=True)) for row in rows]
        say_json([each | {"tables": one.tables} for each, one in zip(shown, known, strict=True)])
        return
    say_table(columns, [(*row[:-1], "current" if row[-1] else "") for row in rows])


def rollback(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="A number that `tuttuno releases` lists.")],
) -> None:
    """Let readers see an earlier release again.

    Nothing is computed, and nothing is lost.
    """
    from tuttuno.tasks.roll_back import roll_back

    with opened(ctx) as workspace:
        chosen = roll_back(number, vault=workspace.vault, actor=ACTOR)
    say(f"readers now see release {chosen.number} of {chosen.at:%Y-%m-%d %H:%M}")
