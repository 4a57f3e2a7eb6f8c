"""Verbs that say what caused what: one for each effect of the trade, and effect panel."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.project import opened
from tuttuno.cli.terminal import (
    Json,
    Verbs,
    note,
    say,
    say_facts,
    say_json,
    say_table,
    write_chart,
)
from tuttuno.effects.choices import Base, Control, Kind, Method

if TYPE_CHECKING:
    from tuttuno.effects.answer import Answer


#: The effects of the trade, and what each asks.
STUDIED = {
    "cannibalisation": "Say how much of what members newly buy online the stores lost.",
    "cannibalisation_by_category": "Say the same by category of the articles.",
    "cannibalisation_by_market": "Say what stores lose where provinces newly order online.",
    "loyalty_effect": "Say what enrolment in the programme does to online orders.",
    "familiarity_effect": "Say what a first purchase in a store does to the category online.",
    "tier_effect": "Say what holding a tier does to the online orders of who just reached it.",
    "click_and_collect_effect": "Say what the launch of click & collect did to stores.",
    "store_role": "Say what the opening or closing of a store did to online orders around it.",
}

Chart = Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw it into a file.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    group = typer.Typer(
        cls=Verbs,
        help="Say what caused what, how surely, or why it cannot be said.",
        no_args_is_help=True,
    )
    for name, what in STUDIED.items():
        group.command(name, help=f"{what}\n\nAs tuttuno.toml declares it, on the current release.")(
            _asking(name)
        )
    group.command()(panel)
    app.add_typer(group, name="effect")


def panel(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet: unit by time.")],
    *,
    unit: Annotated[str, typer.Option(metavar="U", help="Column: whose outcome it is.")],
    time: Annotated[str, typer.Option(metavar="T", help="Column: when; numbers or dates.")],
    cohort: Annotated[
        str, typer.Option(metavar="C", help="Column: first treated time; 0 or empty is never.")
    ],
    outcome: Annotated[str, typer.Option(metavar="Y", help="Column: what is measured.")],
    covariate: Annotated[
        list[str] | None, typer.Option(metavar="X", help="Adjust for it; may be repeated.")
    ] = None,
    weight: Annotated[
        str | None, typer.Option(metavar="W", help="Column: how much a unit counts.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="K", help="Column: units in one are not independent.")
    ] = None,
    method: Annotated[Method, typer.Option(help="How to estimate.")] = Method.CS,
    control: Annotated[
        Control, typer.Option(help="Compare with the never treated, or also the not yet.")
    ] = Control.NEVER,
    base: Annotated[
        Base, typer.Option(help="Before treatment, compare with the period before, or with one.")
    ] = Base.VARYING,
    aggregate: Annotated[
        str, typer.Option(help="Headline: simple, group, calendar, dynamic; `all` is simple.")
    ] = "simple",
    anticipation: Annotated[
        float, typer.Option(metavar="N", min=0, help="Time before treatment that it may reach.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    json: Json = False,
) -> None:
    """Say what a change did, from a panel of your own.

    The file has one row for each unit and time. Every unit has one first treated time.
    """
    from tuttuno.effects.columns import Columns
    from tuttuno.effects.comparison import Design
    from tuttuno.effects.panel_effect import Question
    from tuttuno.tasks.panel_effect import panel_effect

    found = panel_effect(
        file,
        Columns(unit, time, cohort, outcome, tuple(covariate or ()), weight, cluster),
        Question(
            outcome=outcome,
            method=method,
            design=Design(control, base, anticipation),
            kind=_kind(aggregate),
            seed=seed,
        ),
    )
    if json:
        say_json(found.as_dict())
    else:
        _show(found)


def _asking(name: str) -> Callable[..., None]:
    """Return the verb of one study."""

    def ask(ctx: typer.Context, *, json: Json = False, chart: Chart = None) -> None:
        from tuttuno.tasks.estimate_effect import estimate_effect
        from tuttuno.tasks.open_release import find_release

        with opened(ctx) as workspace:
            found = estimate_effect(
                name,
                release=find_release(workspace.vault),
                vault=workspace.vault,
                opener=workspace.reading().open,
                effects=workspace.settings.effects,
            )
        if chart is not None:
            _draw(found, chart)
        if json:
            say_json(found.as_dict())
        else:
            _tell(found)

    return ask


def _kind(word: str) -> Kind:
    known = {"all": Kind.SIMPLE, **{str(kind): kind for kind in Kind}}
    if word not in known:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(known)}")
    return known[word]


def _show(found: "Answer") -> None:
    plain = found.as_dict()
    diagnostics = plain["diagnostics"]
    if found.refused is not None:
        say(f"refused: {found.refused}")
    say_facts(
        {
            "rung": plain["rung"],
            "estimate": _number(plain["estimate"]),
            "from": _number(plain["low"]),
            "to": _number(plain["high"]),
            "unit": plain["unit"],
            "treated": plain["treated"],
            "control": plain["control"],
            "method": diagnostics.get("method"),
        }
    )
    lines = diagnostics.get("aggregates", {}).get("dynamic", {}).get("lines", [])
    if lines and found.refused is None:
        say("")
        keys = ("at", "estimate", "low", "high")
        rows = [[_number(line[key]) for key in keys] for line in lines]
        say_table(("since treatment", "estimate", "from", "to"), rows, right=("estimate",))
    for line in diagnostics.get("notes", []):
        note(f"note: {line}")


def _tell(found: "Answer") -> None:
    from tuttuno.chart.effect_words import paragraphs, title
    from tuttuno.chart.voice import PlainVoice

    plain = found.as_dict()
    say(title(plain, PlainVoice()))
    say("")
    for line in paragraphs(plain, PlainVoice()):
        say(line)
        say("")
    _show(found)


def _draw(found: "Answer", path: Path) -> None:
    from tuttuno.chart.draw import draw_effect

    write_chart(path, lambda: draw_effect(found.as_dict()))


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.5g}"
