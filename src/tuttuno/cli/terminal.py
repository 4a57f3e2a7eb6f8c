"""How the command line speaks: results on stdout, progress and errors on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import (
    Progress as Bars,
)
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from tuttuno.errors import BadInput, TuttunoError
from tuttuno.progress import Progress

#: The option of every verb that can print its result for a program.
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_OUT = Console(highlight=False)
_ERR = Console(stderr=True, highlight=False)


#: Longer than the first sentence of any verb.
_LONGEST = 200


class Verbs(TyperGroup):
    """Verbs under one name; what each does is listed in a whole sentence on any terminal."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the verbs; a sentence that is longer than the line goes on below it."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, verb.get_short_help_str(_LONGEST)) for name, verb in found if verb]
            )


def say(text: str) -> None:
    """Print one line of result."""
    _OUT.print(text, markup=False, soft_wrap=True)


def note(text: str) -> None:
    """Print one line that is not part of the result."""
    _ERR.print(text, markup=False, soft_wrap=True)


def say_error(exc: TuttunoError) -> None:
    """Print what is wrong, then what to do about it."""
    _ERR.print(f"error: {exc.what}", style="bold", markup=False, soft_wrap=True)
    if exc.hint:
        _ERR.print(f"  {exc.hint}", markup=False, soft_wrap=True)


def counted(number: int, one: str) -> str:
    """Say how many of a thing there are; its plural ends with an s.

    >>> counted(1, "month"), counted(1200, "month")
    ('1 month', '1,200 months')
    """
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def say_json(value: Any) -> None:
    """Print a result for a program to read; dates and decimals as text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def day(text: str) -> date:
    """Read a day that was typed after an option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-01-31") from None


def write_chart(path: Path, picture: Callable[[], str]) -> None:
    """Draw into a file.

    Raises:
        BadInput: Its name says that it is no SVG, or it cannot be written.
    """
    if path.suffix.lower() != ".svg":
        raise BadInput(f"a chart is an SVG, and {path} is not called so", hint="e.g. chart.svg")
    try:
        path.write_text(picture(), "utf-8")
    except OSError as exc:
        raise BadInput(f"cannot write {path}: {exc.strerror}") from exc


def say_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()
) -> None:
    """Print rows under their headings; columns named in `right` are aligned as numbers."""
    numbers = set(right)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left")
    for row in rows:
        table.add_row(*map(_text, row))
    _print_whole(table)


def say_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values in two columns."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in facts.items():
        table.add_row(name, _text(value))
    _print_whole(table)


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show long work on stderr, one line per step; silent where stderr is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=_ERR, disable=not _ERR.is_terminal) as bars:
        seen: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in seen:
                seen[what] = bars.add_task(what, total=total)
            bars.update(seen[what], completed=done, total=total)

        yield show


def _print_whole(table: Table) -> None:
    """Print without shortening a value, however narrow the terminal: it may be copied."""
    needed = Measurement.get(_OUT, _OUT.options.update(max_width=10_000), table).maximum
    Console(highlight=False, width=max(_OUT.width, needed)).print(table)


def _text(value: Any) -> Text:
    """Write a value as it is: brackets in it are its own, and no markup of the terminal's."""
    return Text("" if value is None else _written(value))


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
