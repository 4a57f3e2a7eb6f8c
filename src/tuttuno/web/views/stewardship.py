"""Which records are one person: the doubts that matter most, two records side by side, decisions.

Records are named by their surrogates, which tell nothing of a person, so they may stand in an
address.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tuttuno.identity.checkdigit import shown
from tuttuno.web.best import detail as detail_said
from tuttuno.web.page import house, page, speech
from tuttuno.web.permissions import requires
from tuttuno.web.person import identifier, own_key
from tuttuno.web.steward import WIDTH, bars, outcome, told
from tuttuno.web.stewarding import Stewarding

ROUTER = APIRouter(prefix="/stewardship", include_in_schema=False)

_PAGE = 50

_Text = Annotated[str, Form(max_length=200)]
_Reason = Annotated[str, Form(max_length=500)]


@ROUTER.get("")
@requires("people:steward")
def queue(request: Request) -> Response:
    """Show the pairs to look at first, and what has been decided."""
    by, voice = _by(request), speech(request)
    total, pairs = by.review(_PAGE)
    return page(
        request,
        "stewardship.html",
        title=voice.many(
            "%(count)s outcome should be looked at.",
            "%(count)s outcomes should be looked at.",
            total,
        )
        if total
        else voice.say("No outcome is in doubt."),
        total=total,
        pairs=pairs,
        decisions=by.decisions(),
        identifier=lambda kind: identifier(kind, voice),
        detail=lambda field: detail_said(field, voice),
    )


@ROUTER.get("/pair")
@requires("people:steward")
def pair(request: Request, one: str, other: str) -> Response:
    """Show two records side by side with the waterfall; the look is recorded."""
    voice = speech(request)
    found = _by(request).compare(one, other)
    zero, steps = bars(found.waterfall, voice)
    return page(
        request,
        "pair.html",
        found=found,
        title=outcome(found, voice),
        lines=told(found.one, found.other, voice),
        zero=zero,
        steps=steps,
        width=WIDTH,
    )


@ROUTER.get("/people/{person_id}")
@requires("people:steward")
def records(request: Request, person_id: int) -> Response:
    """Show the records of a person, to say which are somebody else's; the look is recorded."""
    voice = speech(request)
    found = _by(request).records(person_id)
    return page(
        request,
        "records.html",
        records=found,
        shown_id=shown(found[0].person_id if found else person_id),
        person_id=found[0].person_id if found else person_id,
        own_key=lambda key: own_key(key, voice),
    )


@ROUTER.post("/merge")
@requires("people:steward")
def merge(request: Request, one: _Text, other: _Text, reason: _Reason = "") -> Response:
    """Make two people one."""
    act = _by(request).merge(one, other, reason)
    return RedirectResponse(f"/people/{act.persons[0]}", status_code=303)


@ROUTER.post("/never")
@requires("people:steward")
def never(request: Request, one: _Text, other: _Text, reason: _Reason = "") -> Response:
    """Keep two people apart for ever."""
    _by(request).never(one, other, reason)
    return RedirectResponse("/stewardship", status_code=303)


@ROUTER.post("/split")
@requires("people:steward")
def split(
    request: Request,
    person: _Text,
    record: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    reason: _Reason = "",
) -> Response:
    """Say that some records of a person are somebody else's."""
    act = _by(request).split(person, record, reason)
    return RedirectResponse(f"/people/{act.persons[-1]}", status_code=303)


@ROUTER.post("/pin")
@requires("people:steward")
def pin(request: Request, detail: _Text, record: _Text, reason: _Reason = "") -> Response:
    """Take a detail of a person from one of her records."""
    act = _by(request).pin(record, detail, reason)
    return RedirectResponse(f"/people/{act.persons[0]}/golden", status_code=303)


@ROUTER.post("/undo")
@requires("people:steward")
def undo(request: Request, decision: Annotated[int, Form()], reason: _Reason = "") -> Response:
    """Take a decision back."""
    _by(request).undo(decision, reason)
    return RedirectResponse("/stewardship", status_code=303)


def _by(request: Request) -> Stewarding:
    return house(request).desk.steward(actor=request.state.viewer.login)
