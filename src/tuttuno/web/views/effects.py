"""The page of an effect: finding, number with its doubt, path, balance, and what it may not say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.diversion_words import category
from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.effect_words import LABELS, RUNGS, amount, figure, naive, paragraphs, title
from tuttuno.chart.voice import Voice, _
from tuttuno.errors import Unknown
from tuttuno.studies.catalog import study
from tuttuno.web.notes import noted
from tuttuno.web.page import guide, house, page, speech
from tuttuno.web.permissions import requires

ROUTER = APIRouter(include_in_schema=False)

#: What is compared, and why people or stores are left out, in words.
_WORDS = {
    "orders_store": _("Orders in stores"),
    "orders_online": _("Online orders"),
    "net_store": _("Spent in stores"),
    "net_online": _("Spent online"),
    "orders": _("Orders"),
    "orders_both": _("Orders in both channels"),
    "net_both": _("Spent in both channels"),
    "net": _("Euros"),
    "lines": _("Articles"),
    "member": _("Members already, before the comparison begins"),
    "too_early": _("First online order too early to have a time before"),
    "known": _("Account older than the first online order that is seen"),
    "opened": _("Opened or closed within the months"),
    "launched": _("Launched too early to have a time before"),
    "unclear": _("Opening or closing too early, or both, to have a clear before"),
    "launched_meanwhile": _("Click & collect was launched there meanwhile"),
    "near": _("Near a store that opened or closed"),
    "opening": _("Opening of a store"),
    "closing": _("Closing of a store"),
    "first_online_purchase": _("First online purchase"),
    "enrolment": _("Enrolment"),
    "first_store_purchase": _("First purchase in a store"),
    "no_others": _("Every other category bought in a store too"),
    "bought_before": _("Categories bought in a store before the comparison begins"),
    "launch": _("Launch"),
    "score_far": _("Spent far more or far less than the threshold"),
    "tier": _("Tier"),
    "threshold": _("Net spent at which it is reached"),
    "treatment": _("Treatment"),
    "outcome": _("Outcome"),
    "since": _("First month"),
    "until": _("First month that no longer counts"),
    "baseline": _("Months that only say who takes part"),
    "anticipation": _("Months before in which it may already act"),
    "population": _("Population"),
    "exclude": _("Left out by declaration"),
}


#: Declared of few studies, and not shown of the others.
_SELDOM = {"tier", "threshold"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A small table under the answer; `figures` says how many last columns are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@ROUTER.get("/effects/{name}")
@requires("measures:read")
def effect(request: Request, name: str) -> Response:
    """Show one effect; a refused one says why in the place of the number."""
    desk, voice = house(request).desk, guide(request)
    known = {each.name: each for each in desk.effects()}
    if name not in known:
        raise Unknown("effect", name, known)
    label = voice.say(LABELS[name])
    if desk.freshness() is None:
        return page(request, "empty.html", name=name, label=label)
    _release, plain = desk.effect(name)
    told = plain["diagnostics"]
    reach = RUNGS[plain["rung"]]
    value, of = figure(plain, voice)
    return page(
        request,
        "effect.html",
        name=name,
        label=label,
        plain=plain,
        title=title(plain, voice),
        rung=voice.say(reach),
        value=value,
        of=of,
        paragraphs=paragraphs(plain, voice),
        naive=naive(plain, voice),
        pictures=effect_pictures(plain, voice),
        sheets=[sheet for sheet in _sheets(told, voice) if sheet.rows],
        notes=[noted(note, speech(request)) for note in told.get("notes", [])],
        declared=[
            (word(key, voice), _value(value, voice)) for key, value in _declared(plain).items()
            if key in _WORDS and (value or key not in _SELDOM)
        ],
    )  # fmt: skip


def _declared(plain: Mapping[str, Any]) -> dict[str, Any]:
    """What was declared; where articles are counted, orders stand for them."""
    facts: dict[str, Any] = plain["diagnostics"]["declared"]
    counted = study(plain["effect"]).counted
    return {**facts, "outcome": counted} if facts.get("outcome") == "orders" else facts


def word(name: str, voice: Voice) -> str:
    """Say a stored word of a study."""
    return voice.say(_WORDS[name]) if name in _WORDS else name


def _value(value: Any, voice: Voice) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {', '.join(each)}" for key, each in value.items()) or "—"
    if isinstance(value, int | float):
        return voice.number(value)
    return word(value, voice) if value else "—"


def _sheets(told: dict[str, Any], voice: Voice) -> list[Sheet]:
    """Write outcomes, second route, placebo, bounds, balance and who is left out as tables."""
    low, high = voice.say("from"), voice.say("to")
    return [
        Sheet(
            voice.say("Every outcome"),
            (voice.say("Outcome"), voice.say("Estimate"), low, high),
            tuple(_outcome(row, voice) for row in told.get("outcomes", [])),
        ),
        Sheet(
            voice.say("By category"),
            (voice.say("Category"), voice.say("Change in stores"), voice.say("Change online"),
             voice.say("Share lost by the stores"), low, high),
            tuple(_category(row, voice) for row in told.get("by_category", []) if "store" in row),
        ),
        Sheet(
            voice.say("By category"),
            (voice.say("Category"), voice.say("Estimate"), low, high),
            tuple(
                (category(row["category"], voice),
                 *(voice.number(row[key], 3) for key in ("estimate", "low", "high")))
                for row in told.get("by_category", []) if "store" not in row
            ),
        ),
        Sheet(
            voice.say("Checks"),
            (voice.say("Check"), voice.say("Estimate"), low, high),
            tuple(_checks(told, voice)),
        ),
        Sheet(
            voice.say("What if trends were not parallel"),
            (voice.say("Violation, as a multiple of the largest seen before"), low, high),
            tuple(
                (voice.number(row["size"], 1), voice.number(row["low"], 3),
                 voice.number(row["high"], 3))
                for row in (told.get("honest") or {}).get("bounds", [])
            ),
        ),
        Sheet(
            voice.say("Levels before anybody was treated"),
            (voice.say("Monthly mean"), voice.say("Treated"), voice.say("Compared with"),
             voice.say("Distance in standard deviations")),
            tuple(
                (word(row["trait"], voice), voice.number(row["treated"], 2),
                 voice.number(row["control"], 2), voice.number(row["smd"], 2))
                for row in told.get("balance", [])
            ),
        ),
        Sheet(
            voice.say("Who is left out"),
            (voice.say("Reason"), voice.say("How many")),
            tuple(
                (word(reason, voice), voice.number(count))
                for reason, count in told.get("left_out", {}).items()
            ),
        ),
    ]  # fmt: skip


def _category(row: dict[str, Any], voice: Voice) -> tuple[str, ...]:
    changes = (voice.number(row[key], 3) for key in ("store", "online"))
    shares = (voice.percent(row[key]) for key in ("estimate", "low", "high"))
    return (category(row["category"], voice), *changes, *shares)


def _outcome(row: dict[str, Any], voice: Voice) -> tuple[str, ...]:
    unit = "1" if "diversion" in row else row["unit"]
    name = word(row["name"], voice)
    if "diversion" in row:
        name = voice.say("%(what)s: share lost by the stores", what=name)
    values = (row.get("diversion", row.get("estimate")), row["low"], row["high"])
    return (name, *(amount(value, unit, voice) for value in values))


def _checks(told: dict[str, Any], voice: Voice) -> list[tuple[str, ...]]:
    found = []
    for key, label in (
        ("placebo", _("Placebo: the mean difference before the treatment, which should be zero")),
        ("without_others", _("Without what the same persons buy of other categories")),
        ("triple", _("Less what the same persons stopped buying where nothing is sold online")),
        ("holds", _("Share that holds the tier: how much it jumps at the threshold")),
        ("crowding", _("Share of the members nearest to the threshold who reached it: a half")),
        ("second_route", _("Against the last month before alone, never treated as controls")),
    ):
        row = told.get(key)
        if row:
            three = (row["estimate"], row["low"], row["high"])
            found.append((voice.say(label), *(voice.number(end, 3) for end in three)))
    without = told.get("leave_one_out")
    if without:
        ends = (min(without.values()), max(without.values()))
        shares = (voice.percent(end) for end in ends)
        found.append(
            (
                voice.say("With one store or province left out, from the least to the most"),
                "",
                *shares,
            )
        )
    return found
