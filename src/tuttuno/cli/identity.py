"""Verbs on identity as a whole: identity evaluate, values, households, settle, reconcile, ..."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.project import ACTOR, opened
from tuttuno.cli.terminal import (
    Json,
    Verbs,
    note,
    progress_bars,
    say,
    say_facts,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from tuttuno.identity.values import ValueSeen
    from tuttuno.tasks.evaluate_identity import Evaluated

_GROUP = typer.Typer(
    name="identity",
    cls=Verbs,
    help="How records are put together, and how well.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.add_typer(_GROUP)


@_GROUP.callback()
def identity() -> None:
    """How records are put together, and how well."""


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
    json: Json = False,
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


@_GROUP.command()
def values(
    ctx: typer.Context,
    *,
    classes: Annotated[
        str,
        typer.Option("--class", metavar="CLASS,...", help="personal, household, shared or junk."),
    ] = "household,shared,junk",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Values to list.")] = 50,
    json: Json = False,
) -> None:
    """List identifier values that are not one person's, masked, with the reason.

    Those on most records come first. Reads everything.
    """
    from tuttuno.tasks.class_values import list_values

    asked = [word.strip() for word in classes.split(",") if word.strip()]
    with opened(ctx) as workspace:
        total, found = list_values(
            workspace.vault, settings=workspace.build.identity, classes=asked, limit=limit
        )
    if json:
        say_json({"total": total, "values": [_value(one) for one in found]})
        return
    _list(found)
    note(f"{len(found)} of {total:,} values")


@_GROUP.command()
def value(
    ctx: typer.Context,
    text: Annotated[
        str, typer.Argument(metavar="VALUE", help="An e-mail, phone, card number or tax code.")
    ],
    *,
    json: Json = False,
) -> None:
    """Say whose an identifier value is, and why.

    The look is recorded, the value is not.
    """
    from tuttuno.tasks.class_values import class_value

    with opened(ctx) as workspace:
        found = class_value(
            text,
            stores=workspace.stores,
            settings=workspace.build.identity,
            country=workspace.settings.project.country,
            actor=ACTOR,
        )
    if json:
        say_json([_value(one) for one in found])
        return
    _list(found)


@_GROUP.command()
def households(
    ctx: typer.Context,
    *,
    json: Json = False,
) -> None:
    """Tell who lives together anew and count it; every build does so too.

    No person is joined by it, and no measure counts it.
    """
    from tuttuno.tasks.households import find_households

    with opened(ctx) as workspace:
        found = find_households(workspace.vault, settings=workspace.build.identity)
    if json:
        say_json(asdict(found))
        return
    say_facts({"households": found.households, "persons in them": found.persons})
    say_facts({f"of {size} persons": count for size, count in found.sizes.items()})


@_GROUP.command()
def settle(
    ctx: typer.Context,
    *,
    json: Json = False,
) -> None:
    """Bring the persons up to date with what arrived, without a build."""
    _run(ctx, full=False, json=json)


@_GROUP.command()
def reconcile(
    ctx: typer.Context,
    *,
    json: Json = False,
) -> None:
    """Tell everybody apart anew and report what had drifted; meant for every night."""
    _run(ctx, full=True, json=json)


def _run(ctx: typer.Context, *, full: bool, json: bool) -> None:
    from tuttuno.tasks.reconcile import reconcile as run_again

    with opened(ctx) as workspace, progress_bars() as progress:
        found = run_again(
            workspace.vault, settings=workspace.build.identity, full=full, progress=progress
        )
    if json:
        say_json(asdict(found))
        return
    say_facts(asdict(found))


def _value(seen: "ValueSeen") -> dict[str, object]:
    told = asdict(seen)
    told["class"] = told.pop("klass")
    return told


def _list(found: "tuple[ValueSeen, ...]") -> None:
    columns = ("kind", "shown", "klass", "records", "persons", "why")
    heads = ["kind", "value", "class", "records", "persons", "why"]
    rows = [[getattr(one, name) for name in columns] for one in found]
    say_table(heads, rows, right=["records", "persons"])


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
