"""Verbs on what was, and on what may come back: releases, rollback, backup, restore."""

from pathlib import Path
from typing import Annotated

import typer

from tuttuno.cli.project import ACTOR, opened
from tuttuno.cli.terminal import Json, note, progress_bars, say, say_json, say_table
from tuttuno.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command()(releases)
    app.command()(rollback)
    app.command()(backup)
    app.command()(restore)


def releases(ctx: typer.Context, *, json: Json = False) -> None:
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


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must be new.")],
) -> None:
    """Write vault, lake and settings into one file.

    All of them are of this moment. The keys stay out: copy `keys/` once, to a place of its own.
    """
    from tuttuno.tasks.back_up import back_up

    with opened(ctx) as workspace, progress_bars() as progress:
        made = back_up(workspace.stores, file, progress=progress)
    shown = "no release yet" if made.release is None else f"release {made.release}"
    say(f"{file}: {shown}, {made.files:,} files, {made.size:,} bytes")
    note(f"keys/ is not in it; without {ctx.obj / 'keys'} it cannot be restored")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `tuttuno backup` wrote.")],
) -> None:
    """Put a project back to the state of a backup.

    Into the same project, or into a new folder that holds its `keys/`. Who was erased since
    stays erased.
    """
    from tuttuno.tasks.restore import restore as put_back

    _prepare(ctx.obj, file)
    with opened(ctx) as workspace, progress_bars() as progress:
        back = put_back(workspace.stores, file, actor=ACTOR, progress=progress)
    shown = "there was no release yet" if back.release is None else f"release {back.release}"
    say(f"as it was at {back.at:%Y-%m-%d %H:%M:%S} UTC: {shown}, {back.files:,} files")
    if back.erased:
        note(f"{back.erased:,} records were erased since, and are erased again")
    note(f"next: tuttuno -C {ctx.obj} verify")


def _prepare(folder: Path, file: Path) -> None:
    """Make a project with the settings of the backup where there is none."""
    from tuttuno.config import FILE
    from tuttuno.tasks.archive import read_settings
    from tuttuno.workspace import make_workspace

    if (folder / FILE).exists():
        return
    if not (folder / "keys" / "project.key").exists():
        raise BadInput(
            f"{folder} holds no keys, and no backup does",
            hint=f"copy the keys of the project to {folder / 'keys'} first",
        )
    make_workspace(folder, settings=read_settings(file)).vault.close()
