"""The verb that asks a shop or an ERP for what changed, and says what its webhooks had missed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.data import PATIENCE, inbox_of, show_reports
from tuttuno.cli.project import opened
from tuttuno.cli.terminal import Json, note, progress_bars, say, say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuttuno.tasks.missed import Missed

#: Keys that are printed of each list.
_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command."""
    app.command()(pull)


def pull(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source with `pull`.")],
    *,
    json: Json = False,
) -> None:
    """Ask a shop or a Tryton for what has changed.

    What changed since the last time is taken in. Of a shop it says what neither webhooks nor
    files had told before. What waits in the inbox is taken in first. Doing it twice, or again
    after it was interrupted, changes nothing.
    """
    from tuttuno.tasks.drain import drain
    from tuttuno.tasks.pull import pull as take_in

    with opened(ctx) as workspace, progress_bars() as progress:
        intake, sources = workspace.intake(), workspace.settings.sources
        with inbox_of(workspace) as inbox:
            drain(inbox, intake, root=workspace.root, sources=sources, patience=PATIENCE)
        done = take_in(name, root=workspace.root, intake=intake, sources=sources, progress=progress)
    if json:
        say_json(asdict(done))
    elif not done.files:
        say(f"nothing has changed in {name}")
    else:
        show_reports(done.files, json=False)
        _show_missed(done.missed)


def _show_missed(missed: "Sequence[Missed]") -> None:
    for one in missed:
        note(f"{one.list}: {one.new:,} of {one.read:,} were new, {one.newer:,} newer than ours")
        for word, ids in (("new", one.new_ids), ("newer", one.newer_ids)):
            if ids:
                more = "" if len(ids) <= _SHOWN else ", ..."
                note(f"  {word}: {', '.join(ids[:_SHOWN])}{more}")
