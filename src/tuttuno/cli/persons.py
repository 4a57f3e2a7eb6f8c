"""Verbs on one person: person."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tuttuno.cli.project import ACTOR, opened
from tuttuno.cli.terminal import Json, note, say, say_facts, say_json, say_table

if TYPE_CHECKING:
    from tuttuno.tasks.explain_person import Why
    from tuttuno.tasks.golden_record import GoldenRecord
    from tuttuno.tasks.show_person import PersonCard


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    app.command()(person)


def person(
    ctx: typer.Context,
    key: Annotated[
        str,
        typer.Argument(
            help="An id such as P-000123-0, e-mail, phone or card; SOURCE:KEY of a record."
        ),
    ],
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Why her records are one.")] = False,
    golden: Annotated[
        bool, typer.Option("--golden", help="Her best known details, and where they come from.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the card of a person.

    Contact details stay masked, and the look is recorded.
    """
    from tuttuno.tasks.explain_person import explain_person
    from tuttuno.tasks.find_people import find_people
    from tuttuno.tasks.golden_record import golden_record
    from tuttuno.tasks.households import show_household
    from tuttuno.tasks.show_person import Glance, show_person

    with opened(ctx) as workspace:
        project = workspace.settings.project
        release = workspace.reading().current()
        at = Glance(workspace.vault, release, workspace.settings.params, project.currency)
        found = find_people(
            key, stores=workspace.stores, facts=at.facts, country=project.country, actor=ACTOR
        )
        if len(found) > 1:
            _list([asdict(one) for one in found], json=json)
            return
        card = show_person(found[0].person_id, at, actor=ACTOR)
        home = show_household(card.person_id, vault=workspace.vault, actor=ACTOR)
        why = (
            explain_person(card.person_id, vault=workspace.vault, settings=workspace.build.identity)
            if explain
            else None
        )
        best = (
            golden_record(
                card.person_id, vault=workspace.vault, settings=workspace.golden, actor=ACTOR
            )
            if golden
            else None
        )
    if json:
        more = {"household": home, "why": why, "golden": best}
        say_json(asdict(card) | {name: asdict(one) for name, one in more.items() if one})
        return
    _show(card)
    if home.members:
        said = ", ".join(f"{one.shown_id} {one.name or 'name unknown'}" for one in home.members)
        say(f"lives with {said}")
    if best is not None:
        _show_golden(best)
    if why is not None:
        _show_why(why)


def _list(found: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        say_json(found)
        return
    columns = ("shown_id", "name", "place", "records", "last_on")
    say_table(columns, [[one[name] for name in columns] for one in found], right=["records"])
    note("several persons share this; ask again with one of the ids")


def _show(card: "PersonCard") -> None:
    say(f"{card.shown_id}  {card.name or 'name unknown'}")
    money = card.currency
    _say_known(
        {
            "bought": f"{card.net:,.2f} {money} in {card.orders} orders",
            "in store": f"{card.net_store:,.2f} {money} in {card.orders_store} orders",
            "online": f"{card.net_online:,.2f} {money} in {card.orders_online} orders",
            "first, last": f"{card.first_on or 'unknown'}, {card.last_on or 'unknown'}",
            "band": card.channel_band,
            "to collect": card.waiting_parcels or None,
            "home store": card.home_store,
            "place, age": f"{card.place or 'unknown'}, {card.age_band or 'unknown'}",
            "loyalty tier": card.tier,
            "once known as": ", ".join(card.aliases) or None,
            "identifiers": ", ".join(f"{one.type} {one.shown}" for one in card.identifiers),
        }
    )
    say("")
    say_table(
        ["day", "channel", "what", "handover", "place", "net"],
        [
            (
                one.day,
                one.channel,
                one.what or (f"{one.items} items" if one.items else "return"),
                one.handover,
                one.place,
                one.net,
            )
            for one in card.timeline[:15]
        ],
        right=["net"],
    )
    if card.events > len(card.timeline[:15]):
        note(f"the latest 15 of {card.events} receipts and orders")


def _say_known(facts: dict[str, str | int | None]) -> None:
    say_facts({name: value for name, value in facts.items() if value is not None})


def _show_golden(found: "GoldenRecord") -> None:
    from tuttuno.identity.golden import said

    say("")
    say_table(
        ["best known", "value", "from", "told on", "record", "because"],
        [
            (
                best.field.replace("_", " "),
                best.shown,
                best.source,
                best.on,
                best.record_key,
                said(best.rule, best.same, best.telling, verified=best.verified),
            )
            for best in found.details
        ],
    )
    note("to take another record's: tuttuno steward pin RECORD FIELD --reason ...")


def _show_why(why: "Why") -> None:
    from tuttuno.identity.explanation import STEWARD

    say("")
    say(f"Why these {len(why.records)} records of {len(why.sources)} sources are one person:")
    for record in why.records:
        say(f"  {record.source} {record.shown}")
        for link in record.links:
            if link.kind == STEWARD:
                say(f"      decided by a person, with {link.with_source}")
                continue
            if link.parts:
                added = ", ".join(f"{name} {bits:+.1f}" for name, _, bits in link.parts)
                added = added.replace("_", " ")
                say(f"      alike, {link.weight:+.1f} bits, as {link.with_source}: {added}")
                continue
            kind = "name and address" if link.shown is None else link.kind.replace("_", " ")
            say(f"      same {kind} {link.shown or ''}".rstrip() + f" as {link.with_source}")
    if why.apart:
        say("Shared with others, and joining nobody:")
    for value in why.apart:
        say(f"  {value.text}")
    for event in why.history:
        say(f"  {event.at:%Y-%m-%d}  {event.text}")
