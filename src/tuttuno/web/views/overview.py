"""The first page: the questions of the trade, each with its answer in one sentence."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.effect_words import LABELS, RUNGS, figure, title
from tuttuno.chart.picture import Picture
from tuttuno.chart.pictures import picture
from tuttuno.errors import BadInput, NotFound
from tuttuno.measures.ask import Ask
from tuttuno.web.finding import Finding, capital
from tuttuno.web.findings import finding
from tuttuno.web.menu import measure_label
from tuttuno.web.page import guide, house, page, speech
from tuttuno.web.permissions import requires

ROUTER = APIRouter(include_in_schema=False)

#: The questions asked first, in the order of a conversation.
FIRST = (
    "channel_class",
    "reachability",
    "product_overlap",
    "channel_migration",
    "click_and_collect",
    "coverage",
    "growth",
    "online_exclusives",
    "returns",
    "cohorts",
    "generations",
    "rfm",
    "lifetime_value",
    "channel_share",
)


#: Effects that the first page shows.
CAUSES = ("cannibalisation",)


@dataclass(frozen=True, slots=True)
class Tile:
    """One question on the overview.

    Attributes:
        refused: Why there is no answer.
        href: Where it leads; empty for the page of the measure.
        doubt: Interval and reach of an effect, which is never shown without.
    """

    name: str
    label: str
    finding: Finding | None
    picture: Picture | None
    refused: str
    href: str = ""
    doubt: str = ""


@ROUTER.get("/")
@requires("measures:read")
def overview(request: Request) -> Response:
    """Show the answers of the current release, or how to come to a first one."""
    desk = house(request).desk
    if desk.freshness() is None:
        return page(request, "empty.html", name="", label=speech(request).say("Overview"))
    known = {each.name for each in desk.measures()}
    tiles = [_tile(name, request) for name in FIRST if name in known]
    tiles[3:3] = [_effect(each.name, request) for each in desk.effects() if each.name in CAUSES]
    return page(request, "overview.html", tiles=tiles)


def _effect(name: str, request: Request) -> Tile:
    """Show an effect with its interval and its rung, or why it is refused."""
    voice = guide(request)
    _release, plain = house(request).desk.effect(name)
    value, of = figure(plain, voice)
    pictures = effect_pictures(plain, voice)
    reach = RUNGS[plain["rung"]]
    rung = f"{plain['rung']}: {voice.say(reach)}"
    return Tile(
        name,
        voice.say(LABELS[name]),
        Finding(title(plain, voice), value, of),
        pictures[-1] if pictures else None,
        "",
        href=f"/effects/{name}",
        doubt=f"{value} {of} · {rung}" if value else f"{rung} · {plain['refused']}",
    )


def _tile(name: str, request: Request) -> Tile:
    voice = guide(request)
    label = voice.say(measure_label(name))
    try:
        _release, answer = house(request).desk.answer(name, Ask())
    except (BadInput, NotFound) as error:
        return Tile(name, label, None, None, capital(str(error)))
    return Tile(name, label, finding(answer, voice), picture(answer, voice, brief=True), "")
