"""The page of a measure: finding, number, picture, table, and what it does not mean."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.naming import said
from tuttuno.chart.picture import Picture
from tuttuno.chart.pictures import BESIDE, SPLITS, further_pictures, picture
from tuttuno.chart.svg import svg_file
from tuttuno.errors import BadInput, Unknown
from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.web.export import FORMATS
from tuttuno.web.filters import UNKNOWN, Filters, read_filters
from tuttuno.web.finding import Finding
from tuttuno.web.findings import finding
from tuttuno.web.menu import measure_label
from tuttuno.web.notes import noted
from tuttuno.web.page import guide, house, page, speech
from tuttuno.web.permissions import requires
from tuttuno.web.table import Shown, in_order, table
from tuttuno.web.ways import Ways

ROUTER = APIRouter(include_in_schema=False)

#: Dimensions that the period stands for; nobody filters by them here.
PERIODS = frozenset({"month", "quarter", "year"})


#: Values offered for a filter; there may be thousands of products.
MOST_VALUES = 300


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force, and the address without it."""

    label: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a page shows of one answer; `notes` may still be in English."""

    answer: Answer
    finding: Finding
    picture: Picture | None
    further: tuple[Picture, ...]
    table: Shown
    notes: tuple[str, ...]
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


@ROUTER.get("/measures/{name}/picture-{nth}.svg")
@requires("measures:read")
def picture_file(request: Request, name: str, nth: int) -> Response:
    """Send a picture of the page as a file, fonts and colours inside; 1 is the first one."""
    filters = read_filters(request.query_params)
    _release, answer = house(request).desk.answer(name, filters.asked)
    voice = guide(request)
    further = further_pictures(
        answer,
        voice,
        splits=_splits(answer, filters.asked, request),
        beside=_beside(answer, filters.asked, request),
    )
    pictures = [each for each in (picture(answer, voice), *further) if each is not None]
    if not 1 <= nth <= len(pictures):
        raise Unknown("picture", str(nth), [str(one) for one in range(1, len(pictures) + 1)])
    headers = {"content-disposition": f'attachment; filename="{answer.measure}-{nth}.svg"'}
    drawn = svg_file(pictures[nth - 1])
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@ROUTER.get("/measures/{name}")
@requires("measures:read")
def measure(request: Request, name: str) -> Response:
    """Show one measure; a question it refuses is answered in the place of the number."""
    desk, voice = house(request).desk, speech(request)
    known = {each.name: each for each in desk.measures()}
    if name not in known:
        raise Unknown("measure", name, known)
    shown: dict[str, Any] = {
        "name": name,
        "label": voice.say(measure_label(name)),
        "denominator": known[name].denominator,
    }
    if desk.freshness() is None:
        return page(request, "empty.html", **shown)
    dimensions = desk.dimensions(name)
    refused, filters, told = None, Filters.none(), None
    try:
        filters = read_filters(request.query_params)
        _release, answer = desk.answer(name, filters.asked)
        filters = replace(filters, asked=replace(filters.asked, by=answer.by))
        told = tell(answer, filters, request)
    except (BadInput, Unknown) as error:
        refused = error
    return page(
        request,
        "measure.html",
        status=200 if refused is None else 400,
        **shown,
        filters=filters,
        told=told,
        refused=refused,
        dimensions=dimensions,
        filterable=[each for each in desk.filterable() if each.name not in PERIODS],
        values=_values(filters, request),
        chips=[_chip(each, filters, request) for each in filters.asked.where],
        formats=tuple(FORMATS),
    )


@ROUTER.get("/measures/{name}/people")
@requires("people:read")
def people(request: Request, name: str) -> Response:
    """List the people behind a row of the answer; the look is recorded."""
    desk, voice = house(request).desk, guide(request)
    if desk.freshness() is None:
        return page(request, "empty.html", name=name, label=voice.say(measure_label(name)))
    filters = read_filters(request.query_params)
    columns = desk.parts(name) or {}
    part = {column: request.query_params[column] for column in columns
            if column in request.query_params}  # fmt: skip
    found = desk.people(name, part, filters.asked, actor=request.state.viewer.login)
    return page(
        request,
        "behind.html",
        name=name,
        label=voice.say(measure_label(name)),
        found=found,
        chosen=[said(column, word, voice) for column, word in part.items()],
        chips=[_chip(each, filters, request) for each in filters.asked.where],
        back=f"/measures/{name}{filters.query()}",
    )


def _values(filters: Filters, request: Request) -> list[tuple[str, str]]:
    """Return the values of the dimension that a filter is being added for, most sales first."""
    if not filters.adding:
        return []
    asked = Ask(since=filters.asked.since, until=filters.asked.until, by=(filters.adding,))
    _release, answer = house(request).desk.answer("coverage", asked)
    rows = sorted(answer.rows, key=lambda row: -float(row["sales"] or 0))[:MOST_VALUES]
    voice = guide(request)
    words = [row[filters.adding] for row in rows]
    return [
        (UNKNOWN if word is None else str(word), said(filters.adding, word, voice))
        for word in words
    ]


def _chip(pair: tuple[str, str], filters: Filters, request: Request) -> Chip:
    voice = guide(request)
    labels = {each.name: each.label for each in house(request).desk.filterable()}
    value = said(pair[0], pair[1] or None, voice)
    return Chip(voice.say(labels.get(pair[0], pair[0])), value, filters.widened(*pair))


def tell(answer: Answer, filters: Filters, request: Request) -> Told:
    """Put an answer into words, picture and table for this reader."""
    voice, desk = guide(request), house(request).desk
    since, until = answer.window.since, answer.window.until
    may = "people:read" in request.state.viewer.permissions
    ways = Ways(
        name=answer.measure,
        filters=filters,
        dimensions=frozenset(each.name for each in desk.filterable()) - PERIODS,
        parts=desk.parts(answer.measure) if may else None,
    )
    return Told(
        answer=answer,
        finding=finding(answer, voice),
        picture=picture(answer, voice, way=ways.of),
        further=further_pictures(
            answer,
            voice,
            way=ways.of,
            splits=_splits(answer, filters.asked, request),
            beside=_beside(answer, filters.asked, request),
        ),
        table=table(answer, filters, voice, ways.of),
        notes=tuple(noted(note, voice) for note in answer.notes),
        earlier=filters.moved(since, until, -1) if since and until else "",
        later=filters.moved(since, until, 1) if since and until else "",
    )


def _splits(answer: Answer, asked: Ask, request: Request) -> dict[str, Answer]:
    """Ask the same question split as its pictures want it; a split it refuses is left out."""
    found = {}
    for by in SPLITS.get(answer.measure, ()) if not answer.by else ():
        with suppress(BadInput, Unknown):
            asking = replace(asked, by=(by,))
            found[by] = house(request).desk.answer(answer.measure, asking)[1]
    return found


def _beside(answer: Answer, asked: Ask, request: Request) -> list[Answer]:
    """Ask the measures whose pictures belong here; one that refuses the question is left out."""
    found = []
    for name in BESIDE.get(answer.measure, ()) if not answer.by else ():
        with suppress(BadInput, Unknown):
            found.append(house(request).desk.answer(name, asked)[1])
    return found
