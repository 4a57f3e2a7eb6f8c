"""The page of a measure: finding, number, picture, table, and what it does not mean."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.picture import Picture
from tuttuno.chart.pictures import picture
from tuttuno.errors import BadInput, Unknown
from tuttuno.measures.answer import Answer
from tuttuno.web.export import FORMATS
from tuttuno.web.filters import Filters, read_filters
from tuttuno.web.findings import Finding, finding
from tuttuno.web.menu import measure_label
from tuttuno.web.page import house, page, speech
from tuttuno.web.permissions import requires
from tuttuno.web.table import Shown, in_order, table

ROUTER = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a page shows of one answer."""

    answer: Answer
    finding: Finding
    picture: Picture | None
    table: Shown
    earlier: str
    later: str


@ROUTER.get("/measures/{name}/export.{ending}")
@requires("measures:read")
def export(request: Request, name: str, ending: str) -> Response:
    """Send the table of the page as a file, rows and order as shown."""
    if ending not in FORMATS:
        raise Unknown("format", ending, FORMATS)
    filters = read_filters(request.query_params)
    _release, answer = house(request).desk.answer(name, filters.asked)
    write, kind = FORMATS[ending]
    content = write([column.name for column in answer.columns], in_order(answer, filters))
    headers = {"content-disposition": f'attachment; filename="{answer.measure}.{ending}"'}
    return Response(content, media_type=kind, headers=headers)


@ROUTER.get("/measures/{name}")
@requires("measures:read")
def measure(request: Request, name: str) -> Response:
    """Show one measure; a question it refuses is answered in the place of the number."""
    desk, voice = house(request).desk, speech(request)
    known = {each.name: each for each in desk.measures()}
    if name not in known:
        raise Unknown("measure", name, known)
    shown: dict[str, Any] = {"name": name, "label": voice.say(measure_label(name))}
    if desk.freshness() is None:
        return page(request, "empty.html", **shown)
    dimensions = desk.dimensions(name)
    refused, filters, told = None, Filters.none(), None
    try:
        filters = read_filters(request.query_params)
        _release, answer = desk.answer(name, filters.asked)
        told = tell(answer, filters, request)
    except BadInput as error:
        refused = error
    status = 200 if refused is None else 400
    return page(
        request,
        "measure.html",
        status=status,
        **shown,
        filters=filters,
        told=told,
        refused=refused,
        dimensions=dimensions,
        formats=tuple(FORMATS),
    )


def tell(answer: Answer, filters: Filters, request: Request) -> Told:
    """Put an answer into words, picture and table for this reader."""
    voice = speech(request)
    since, until = answer.window.since, answer.window.until
    earlier = filters.moved(since, until, -1) if since and until else ""
    later = filters.moved(since, until, 1) if since and until else ""
    return Told(
        answer=answer,
        finding=finding(answer, voice),
        picture=picture(answer, voice),
        table=table(answer, filters, voice),
        earlier=earlier,
        later=later,
    )
