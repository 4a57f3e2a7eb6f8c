"""Verbs of a steward: steward review, compare, records, merge, split, never, pin, undo, ..."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tuttuno.cli.project import ACTOR, opened
from tuttuno.cli.terminal import Json, Verbs, note, say, say_facts, say_json, say_table

if TYPE_CHECKING:
    from tuttuno.identity.steward import Act
    from tuttuno.tasks.compare_records import Comparison
    from tuttuno.tasks.decide import Steward
    from tuttuno.vault.decisions import Decision
    from tuttuno.workspace import Workspace

_GROUP = typer.Typer(
    name="steward",
    cls=Verbs,
    help="Decide which records are one person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Key = Annotated[
    str, typer.Argument(help="A person id, e-mail, phone or card number, or a record_key.")
]
_Why = Annotated[str, typer.Option("--reason", help="Why; kept with your name, no personal data.")]
_Who = Annotated[str, typer.Option("--author", help="Who decides.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.add_typer(_GROUP)


@_GROUP.callback()
def steward() -> None:
    """Decide which records are one person; decisions hold through every build."""


@_GROUP.command()
def review(
    ctx: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows to list.")] = 20,
    json: Json = False,
) -> None:
    """List the people on whom identity may be wrong, by the two records most in doubt.

    Ordered by the chance that it is, times what the people have bought.
    """
    from tuttuno.tasks.open_release import NothingBuilt
    from tuttuno.tasks.review import review as queue

    with opened(ctx) as workspace:
        try:
            release = workspace.reading().current()
        except NothingBuilt:
            release = None
        total, found = queue(workspace.vault, release, limit=limit)
    if json:
        say_json({"total": total, "pairs": [asdict(one) for one in found]})
        return
    columns = [
        "record",
        "of",
        "other record",
        "of",
        "now",
        "chance of one",
        "value",
        "share",
        "more",
    ]
    say_table(
        columns,
        [
            (
                one.one.record_key,
                one.one.shown_id,
                one.other.record_key,
                one.other.shown_id,
                "one" if one.joined else "two",
                f"{one.chance:.0%}",
                f"{one.value:,.0f}",
                ", ".join(one.shared),
                one.more or None,
            )
            for one in found
        ],
        right=["chance of one", "value", "more"],
    )
    note(f"{len(found)} of {total:,} in doubt; look at one with `tuttuno steward compare`")


@_GROUP.command()
def compare(ctx: typer.Context, one: _Key, other: _Key, *, json: Json = False) -> None:
    """Set two records side by side, with all that speaks for or against one person.

    Contact details stay masked, and the look is recorded.
    """
    from tuttuno.tasks.compare_records import compare_records

    with opened(ctx) as workspace:
        found = compare_records(one, other, by=_by(workspace, ACTOR))
    if json:
        say_json(_comparison(found))
        return
    names = ("shown_id", "source", "shown", "name", "birth_date", "email", "phone", "place")
    say_table(
        ["", "one", "other"],
        [
            (name.replace("_", " "), getattr(found.one, name), getattr(found.other, name))
            for name in names
        ],
    )
    say("")
    say_table(
        ["", "adds", "sum"],
        [(step.text, f"{step.bits:+.1f}", f"{step.total:+.1f}") for step in found.waterfall.steps],
        right=["adds", "sum"],
    )
    now = "one person" if found.joined else "two people"
    say(f"chance of one person {found.waterfall.chance:.1%}; now they are {now}")
    for decision in found.decisions:
        say(f"decision {decision.decision_no} by {decision.author}: {decision.reason}")


@_GROUP.command()
def records(ctx: typer.Context, key: _Key, *, json: Json = False) -> None:
    """List the records of a person with their keys, to split some of them off."""
    from tuttuno.tasks.compare_records import records_of_person
    from tuttuno.tasks.decide import person_named

    with opened(ctx) as workspace:
        by = _by(workspace, ACTOR)
        found = records_of_person(person_named(key, by=by), by=by)
    if json:
        say_json([asdict(one) for one in found])
        return
    columns = ("record_key", "source", "shown", "name", "birth_date", "email", "phone", "place")
    say_table(columns, [[getattr(one, name) for name in columns] for one in found])


@_GROUP.command()
def merge(
    ctx: typer.Context,
    one: _Key,
    other: _Key,
    *,
    reason: _Why,
    author: _Who = ACTOR,
    json: Json = False,
) -> None:
    """Make two people one, whatever speaks against it."""
    from tuttuno.tasks import decide

    with opened(ctx) as workspace:
        act = decide.merge(one, other, reason=reason, by=_by(workspace, author))
    _show(act, json=json)


@_GROUP.command()
def split(
    ctx: typer.Context,
    key: _Key,
    records: Annotated[list[str], typer.Option("--record", help="A record_key; repeatable.")],
    *,
    reason: _Why,
    author: _Who = ACTOR,
    json: Json = False,
) -> None:
    """Say that some records of a person are somebody else's.

    `tuttuno steward records` lists their keys.
    """
    from tuttuno.tasks import decide

    with opened(ctx) as workspace:
        act = decide.split(key, records, reason=reason, by=_by(workspace, author))
    _show(act, json=json)


@_GROUP.command()
def never(
    ctx: typer.Context,
    one: _Key,
    other: _Key,
    *,
    reason: _Why,
    author: _Who = ACTOR,
    json: Json = False,
) -> None:
    """Keep two people apart for ever, or two records of one person."""
    from tuttuno.tasks import decide

    with opened(ctx) as workspace:
        act = decide.never(one, other, reason=reason, by=_by(workspace, author))
    _show(act, json=json)


@_GROUP.command()
def pin(
    ctx: typer.Context,
    record: Annotated[str, typer.Argument(help="The record_key of the record to take it from.")],
    field: Annotated[str, typer.Argument(help="The detail, such as name, address or phone.")],
    *,
    reason: _Why,
    author: _Who = ACTOR,
    json: Json = False,
) -> None:
    """Take a detail of a person from one of her records, whatever the rule says.

    `tuttuno person KEY --golden` lists the details and the records.
    """
    from tuttuno.tasks.golden_record import pin as pin_detail

    with opened(ctx) as workspace:
        act = pin_detail(record, field, reason=reason, by=_by(workspace, author))
    _show(act, json=json)


@_GROUP.command()
def undo(
    ctx: typer.Context,
    decision: Annotated[int, typer.Argument(help="A number of `tuttuno steward decisions`.")],
    *,
    reason: _Why,
    author: _Who = ACTOR,
    json: Json = False,
) -> None:
    """Take a decision back, with all that was decided together with it.

    Everybody gets back the id and the records she had.
    """
    from tuttuno.tasks import decide

    with opened(ctx) as workspace:
        act = decide.undo(decision, reason=reason, by=_by(workspace, author))
    _show(act, json=json)


@_GROUP.command()
def decisions(ctx: typer.Context, *, json: Json = False) -> None:
    """List the decisions that hold, the latest first."""
    from tuttuno.tasks.decide import decided

    with opened(ctx) as workspace:
        found = decided(_by(workspace, ACTOR))
    if json:
        say_json([asdict(one) for one in found])
        return
    columns = ["decision", "says", "record", "other record", "by", "at", "reason"]
    say_table(
        columns,
        [
            (
                one.decision_no,
                _says(one),
                one.a_key,
                one.b_key,
                one.author,
                f"{one.at:%Y-%m-%d %H:%M}",
                one.reason,
            )
            for one in found
        ],
    )


def _says(one: "Decision") -> str:
    if one.field is not None:
        return f"{one.field.replace('_', ' ')} of this record"
    return "one person" if one.verdict == "must" else "two people"


def _by(workspace: "Workspace", author: str) -> "Steward":
    from tuttuno.tasks.decide import Steward

    return Steward(
        vault=workspace.vault,
        key=workspace.stores.key,
        identity=workspace.build.identity,
        country=workspace.settings.project.country,
        actor=author,
    )


def _comparison(found: "Comparison") -> dict[str, Any]:
    steps = [asdict(step) | {"text": step.text} for step in found.waterfall.steps]
    told = asdict(found)
    return told | {"joined": found.joined, "waterfall": told["waterfall"] | {"steps": steps}}


def _show(act: "Act", *, json: bool) -> None:
    from tuttuno.identity.checkdigit import shown

    ids = [shown(one) for one in act.persons]
    if json:
        say_json(asdict(act) | {"shown_ids": ids})
        return
    now = f"they are now {ids[0]}" if len(ids) == 1 else f"they are now {' and '.join(ids)}"
    say_facts({"decision": act.decision, "records moved": act.settled.moved})
    say(now)
    note(f"to take it back: tuttuno steward undo {act.decision} --reason ...")
