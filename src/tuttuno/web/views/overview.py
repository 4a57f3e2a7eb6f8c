"""The first page: the questions of the trade, each with its answer in one sentence."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.picture import Picture
from tuttuno.chart.pictures import picture
from tuttuno.errors import BadInput, NotFound
from tuttuno.measures.ask import Ask
from tuttuno.web.finding import Finding
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


@dataclass(frozen=True, slots=True)
class Tile:
    """One question on the overview; `refused` says why there is no answer."""

    name: str
    label: str
    finding: Finding | None
    picture: Picture | None
    refused: str


@ROUTER.get("/")
@requires("measures:read")
def overview(request: Request) -> Response:
    """Show the answers of the current release, or how to come to a first one."""
    desk = house(request).desk
    if desk.freshness() is None:
        return page(request, "empty.html", name="", label=speech(request).say("Overview"))
    known = {each.name for each in desk.measures()}
    tiles = [_tile(name, request) for name in FIRST if name in known]
    return page(request, "overview.html", tiles=tiles)


def _tile(name: str, request: Request) -> Tile:
    voice = guide(request)
    label = voice.say(measure_label(name))
    try:
        _release, answer = house(request).desk.answer(name, Ask())
    except (BadInput, NotFound) as error:
        return Tile(name, label, None, None, str(error))
    return Tile(name, label, finding(answer, voice), picture(answer, voice, brief=True), "")
