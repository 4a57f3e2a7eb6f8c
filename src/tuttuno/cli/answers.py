"""Verbs that answer: measures, measure."""

import csv
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.project import opened
from tuttuno.cli.terminal import Json, day, note, say_json, say_table, write_chart
from tuttuno.errors import BadInput

if TYPE_CHECKING:
    from tuttuno.measures.answer import Answer

#: Kinds of columns whose values are aligned as numbers.
NUMBERS = {"count", "money", "share", "number"}


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command()(measures)
    app.command()(measure)


def measures(*, json: Json = False) -> None:
    """List the measures and what each of them says."""
    from tuttuno.measures.catalog import MEASURES

    if json:
        say_json(
            [
                {"measure": name, "label": one.label, "unit": one.unit, "source": one.source}
                for name, one in MEASURES.items()
            ]
        )
        return
    say_table(
        ["measure", "label", "of"],
        [(name, one.label, one.denominator) for name, one in MEASURES.items()],
    )


def measure(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A name that `tuttuno measures` lists.")],
    *,
    since: Annotated[
        date | None, typer.Option(parser=day, metavar="DAY", help="First day.")
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(parser=day, metavar="DAY", help="First day that does not count."),
    ] = None,
    all_time: Annotated[bool, typer.Option("--all-time", help="Everything there is.")] = False,
    by: Annotated[
        list[str] | None, typer.Option(metavar="DIM", help="Split by; may be repeated.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="DIM=V", help="Only these; may be repeated.")
    ] = None,
    view: Annotated[
        str, typer.Option(help="Click & collect counts by `demand` or `fulfilment`.")
    ] = "demand",
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TABLE,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw it into a file.")
    ] = None,
) -> None:
    """Answer one measure on the current release.

    The window is the rolling twelve months to the last sale unless it is set otherwise.
    """
    from tuttuno.measures.ask import Ask
    from tuttuno.tasks.measure import measure as answer
    from tuttuno.tasks.open_release import find_release

    ask = Ask(
        since=since,
        until=until,
        all_time=all_time,
        by=tuple(by or ()),
        where=tuple(_pair(text) for text in where or ()),
        view=view,  # type: ignore[arg-type]  # Ask checks it
    )
    with opened(ctx) as workspace:
        release = find_release(workspace.vault)
        found = answer(
            name,
            ask,
            release=release,
            vault=workspace.vault,
            opener=workspace.reading().open,
            params=workspace.settings.params,
        )
        if chart is not None:
            _draw(found, chart)
        _show(found, release.number, Format.JSON if json else format)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"--where {text!r} is not DIM=VALUE", hint="e.g. --where province=MI")
    return name, value


def _show(found: "Answer", release: int, how: Format) -> None:
    match how:
        case Format.JSON:
            say_json(found.as_dict(release))
        case Format.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(column.name for column in found.columns)
            writer.writerows([row[column.name] for column in found.columns] for row in found.rows)
        case Format.PARQUET:
            _write_parquet(found)
        case Format.TABLE:
            _show_table(found, release)


def _show_table(found: "Answer", release: int) -> None:
    names = [column.name for column in found.columns]
    say_table(
        names,
        [[_shown(row[column.name], column.kind) for column in found.columns] for row in found.rows],
        right=[column.name for column in found.columns if column.kind in NUMBERS],
    )
    note("")
    note(f"{found.label} · {found.window.since} to {found.window.until} (exclusive)")
    note(
        f"release {release} · {_share(found.coverage.identified_sales)} of sales and "
        f"{_share(found.coverage.identified_revenue)} of revenue have a known buyer"
    )
    for line in found.notes:
        note(f"note: {line}")


def _shown(value: object, kind: str) -> str:
    if value is None:
        return "unknown"
    if kind == "share" and isinstance(value, int | float):
        # A share that would round to 0.0 without being nothing gets a second decimal.
        return f"{value:.2%}" if 0.00005 <= abs(value) <= 0.0005 else f"{value:.1%}"
    if kind == "money" and isinstance(value, int | float):
        return f"{value:,.2f}"
    if kind == "count" and isinstance(value, int | float):
        return f"{value:,.0f}"
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def _share(value: float | None) -> str:
    return "an unknown share" if value is None else f"{value:.1%}"


def _write_parquet(found: "Answer") -> None:
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise BadInput("Parquet is not for a terminal", hint="redirect it: ... > answer.parquet")
    pq.write_table(found.to_arrow(), sys.stdout.buffer)


def _draw(found: "Answer", path: Path) -> None:
    from tuttuno.chart.draw import draw

    write_chart(path, lambda: draw(found))
