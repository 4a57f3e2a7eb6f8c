"""Verbs on identity as a whole: identity evaluate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.terminal import note, say, say_facts, say_json

if TYPE_CHECKING:
    from tuttuno.tasks.evaluate_identity import Evaluated

_GROUP = typer.Typer(
    name="identity",
    help="How well records are put together.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.add_typer(_GROUP)


@_GROUP.callback()
def identity() -> None:
    """How well records are put together."""


@_GROUP.command()
def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or Parquet file.")],
    *,
    truth: Annotated[str, typer.Option("--truth", metavar="COLUMN", help="Names the true person.")],
    fields: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN,...",
            help="What the columns are; otherwise their headings say it.",
        ),
    ] = "",
    id: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="Names the record.")
    ] = None,
    extra: Annotated[
        str, typer.Option("--extra", metavar="COLUMN,...", help="Further columns to compare.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Resolve a labelled file with the default configuration and score the outcome.

    The labels are used for the score alone.
    """
    from tuttuno.tasks.evaluate_identity import Labelled, evaluate_identity, fields_from

    further = [name.strip() for name in extra.split(",") if name.strip()]
    found = evaluate_identity(
        Labelled(path=file, truth=truth, fields=fields_from(fields), id=id, extra=further)
    )
    if json:
        say_json(found.facts())
        return
    _show(found)


def _show(found: "Evaluated") -> None:
    facts = found.facts()
    say_facts(
        {
            "records": facts["records"],
            "persons": facts["persons"],
            **{
                name.replace("_", " "): f"{facts[name]:.4f}"
                for name in (
                    "precision", "recall", "f1", "b3_precision", "b3_recall", "b3_f1", "cluster_f1",
                )
            },
            "largest": facts["largest"],
            "seconds": f"{facts['seconds']:.1f}",
            "peak memory": f"{facts['peak_mb']:,.0f} MiB",
            "configuration": facts["config_hash"],
        }
    )  # fmt: skip
    say("")
    say("compared: " + ", ".join(f"{column} as {name}" for name, column in found.compared.items()))
    if found.unlabelled:
        note(f"{found.unlabelled:,} records have no truth and are not scored")
