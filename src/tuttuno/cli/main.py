"""The command `tuttuno`: its verbs, and how an error becomes one sentence and an exit code."""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from tuttuno.cli import (
    answers,
    data,
    effects,
    history,
    identity,
    persons,
    plans,
    projects,
    pulls,
    stewards,
)
from tuttuno.cli.terminal import Verbs, say_error
from tuttuno.errors import BadInput, NotFound, TuttunoError, Unavailable

#: What a shell script may rely on; 2 (wrong usage) is Typer's own.
EXIT_CODE: dict[type[TuttunoError], int] = {BadInput: 3, NotFound: 4, Unavailable: 5}

#: What the shell expects of a program that the user interrupted.
INTERRUPTED = 130

#: How many more things there may be before Python looks for lost ones among all there are. At its
#: usual 700, looking takes half to two thirds of the time that rows take out of the vault.
MORE_THINGS = 50_000


app = typer.Typer(
    name="tuttuno",
    cls=Verbs,
    help="One customer across every channel of a retailer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from tuttuno import __version__

        typer.echo(f"tuttuno {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Option("-C", "--directory", metavar="DIR", help="Project folder.")
    ] = Path(),
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """One customer across every channel of a retailer."""
    ctx.obj = folder


for verbs in (projects, data, pulls, plans, answers, effects, persons, identity, stewards, history):
    verbs.add_to(app)


def run() -> None:
    """Run the command line; errors of ours become one sentence, bugs keep their traceback."""
    gc.set_threshold(MORE_THINGS)
    try:
        app(prog_name="tuttuno")
    except TuttunoError as exc:
        say_error(exc)
        sys.exit(next(code for family, code in EXIT_CODE.items() if isinstance(exc, family)))
    except KeyboardInterrupt:
        say_error(Unavailable("interrupted", hint="what was accepted is safe; run it again"))
        sys.exit(INTERRUPTED)
