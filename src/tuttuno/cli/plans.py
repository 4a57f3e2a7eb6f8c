"""Verbs of the tracking plan: list it, check events before they are sent, see what was broken."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.data import inbox_of
from tuttuno.cli.project import opened
from tuttuno.cli.terminal import Json, Verbs, day, note, say, say_json, say_table
from tuttuno.errors import BadInput

if TYPE_CHECKING:
    from tuttuno.intake.tracking.plan import Property
    from tuttuno.tasks.tracking_plan import InFile


tracking_plan = typer.Typer(
    cls=Verbs,
    help="Which events were agreed on, and what breaks the plan.",
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.add_typer(tracking_plan, name="tracking-plan")


@tracking_plan.command("list")
def list_(
    ctx: typer.Context,
    event: Annotated[
        str | None, typer.Argument(metavar="[EVENT]", help="With every property of this event.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """List the events of the plan, or the properties of one."""
    from tuttuno.errors import Unknown
    from tuttuno.tasks.tracking_plan import told

    with opened(ctx) as workspace:
        plan = workspace.plan
    if event is not None and event not in plan.events:
        raise Unknown("event", event, plan.events)
    shown = [one for one in plan.events.values() if event in {None, one.name}]
    if json:
        say_json([told(one) for one in shown])
    elif event is None:
        say_table(
            ["event", "owner", "sources", "properties", "meaning"],
            [
                (one.name, one.owner, ", ".join(one.sources) or "all", len(one.properties),
                 one.meaning)
                for one in shown
            ],
            right=["properties"],
        )  # fmt: skip
    else:
        say(shown[0].meaning)
        say_table(
            ["property", "type", "required", "rules", "meaning"],
            [
                (path, " or ".join(one.types) or "any", "yes" if one.required else "", _rules(one),
                 one.meaning)
                for path, one in shown[0].properties.items()
            ],
        )  # fmt: skip


@tracking_plan.command()
def check(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Events in JSON.")
    ] = None,
    *,
    source: Annotated[str, typer.Option(metavar="NAME", help="Who would send them.")] = "",
    json: Json = False,
) -> None:
    """Check the plan itself, and events in files before they are ever sent.

    Ends with 3 when the plan cannot be read or an event breaks it.
    """
    from tuttuno.tasks.tracking_plan import check_file

    with opened(ctx) as workspace:
        plan = workspace.plan
    found = {str(path): check_file(path, plan, source=source) for path in files or ()}
    if json:
        say_json({"events": len(plan.events), "files": _told(found)})
    else:
        properties = sum(len(one.properties) for one in plan.events.values())
        say(f"the plan has {len(plan.events)} events and {properties} properties")
        _show(found)
    violating = sum(one.violating for one in found.values())
    if violating:
        events = sum(one.events for one in found.values())
        raise BadInput(
            f"{violating} of {events} events break the plan",
            hint="mend what sends them, or say in the plan what is meant",
        )


@tracking_plan.command()
def violations(
    ctx: typer.Context,
    *,
    source: Annotated[str, typer.Option(metavar="NAME", help="Only of this source.")] = "",
    event: Annotated[str, typer.Option(metavar="NAME", help="Only of this event.")] = "",
    rule: Annotated[str, typer.Option(metavar="NAME", help="Only this rule.")] = "",
    since: Annotated[
        date | None, typer.Option(parser=day, metavar="DAY", help="From this day.")
    ] = None,
    json: Json = False,
) -> None:
    """List what live events have broken: where, how often, of how many, and one example."""
    from tuttuno.tasks.tracking_plan import Only, findings, told_findings

    only = Only(source, event, rule, since)
    with opened(ctx) as workspace, inbox_of(workspace) as inbox:
        found = findings(inbox, workspace.plan, only)
    if json:
        say_json(told_findings(found))
        return
    say_table(
        ["source", "event", "property", "rule", "events", "share", "first", "last", "example"],
        [
            (one.total.source, one.total.event, one.total.property, one.total.rule,
             one.total.times, _percent(one.share), f"{one.total.first_at:%Y-%m-%d %H:%M}",
             f"{one.total.last_at:%Y-%m-%d %H:%M}", one.total.example)
            for one in found.violations
        ],
        right=["events", "share"],
    )  # fmt: skip
    share = "" if found.share is None else f" ({_percent(found.share)})"
    note(f"{found.violating:,} of {found.checked:,} events break the plan{share}")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _rules(one: "Property") -> str:
    told = {
        "one of": ", ".join(map(str, one.enum)),
        "pattern": one.pattern,
        "format": one.format or "",
        "from": "" if one.minimum is None else f"{one.minimum:g}",
        "to": "" if one.maximum is None else f"{one.maximum:g}",
        "in": one.unit,
    }
    return "; ".join(f"{name} {value}" for name, value in told.items() if value)


def _told(found: "dict[str, InFile]") -> "list[dict[str, object]]":
    return [
        {
            "file": file,
            "events": one.events,
            "violating": one.violating,
            "violations": [
                {"number": number, "event": name, "property": each.property, "rule": each.rule}
                for number, name, each in one.found
            ],
        }
        for file, one in found.items()
    ]


def _show(found: "dict[str, InFile]") -> None:
    rows = [
        (file, number, name, each.property, each.rule)
        for file, one in found.items()
        for number, name, each in one.found
    ]
    if rows:
        say_table(["file", "number", "event", "property", "rule"], rows, right=["number"])
    for file, one in found.items():
        note(f"{file}: {one.events - one.violating} of {one.events} events keep to the plan")
