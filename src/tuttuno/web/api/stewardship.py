"""Version 1 of the API, for stewards: doubts, comparisons and decisions.

Whoever changes something sends the token of her session as `x-csrf-token`.
"""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.requests import Request

from tuttuno.identity.steward import Act
from tuttuno.web.page import house
from tuttuno.web.permissions import requires
from tuttuno.web.stewarding import Stewarding

ROUTER = APIRouter(prefix="/api/v1/stewardship", tags=["stewardship"])

_Text = Annotated[str, Body(max_length=500)]


@ROUTER.get("")
@requires("people:steward")
def queue(request: Request, limit: int = 50) -> dict[str, Any]:
    """List the outcomes in doubt, each once; first where a mistake is likely and costly."""
    total, pairs = _by(request).review(max(1, min(limit, 500)))
    return {"total": total, "pairs": [asdict(one) for one in pairs]}


@ROUTER.get("/pair")
@requires("people:steward")
def pair(request: Request, one: str, other: str) -> dict[str, Any]:
    """Set two records side by side; the steps of the waterfall add up to its weight."""
    found = _by(request).compare(one, other)
    told = asdict(found)
    steps = [asdict(step) | {"text": step.text} for step in found.waterfall.steps]
    return told | {"joined": found.joined, "waterfall": told["waterfall"] | {"steps": steps}}


@ROUTER.get("/decisions")
@requires("people:steward")
def decisions(request: Request) -> dict[str, Any]:
    """List the decisions that hold, the latest first."""
    return {"decisions": [asdict(one) for one in _by(request).decisions()]}


@ROUTER.post("/merge")
@requires("people:steward")
def merge(request: Request, one: _Text, other: _Text, reason: _Text) -> dict[str, Any]:
    """Make two people one."""
    return _told(_by(request).merge(one, other, reason))


@ROUTER.post("/never")
@requires("people:steward")
def never(request: Request, one: _Text, other: _Text, reason: _Text) -> dict[str, Any]:
    """Keep two people apart for ever."""
    return _told(_by(request).never(one, other, reason))


@ROUTER.post("/split")
@requires("people:steward")
def split(
    request: Request, person: _Text, records: Annotated[list[str], Body()], reason: _Text
) -> dict[str, Any]:
    """Say that some records of a person are somebody else's."""
    return _told(_by(request).split(person, records, reason))


@ROUTER.post("/pin")
@requires("people:steward")
def pin(request: Request, record: _Text, detail: _Text, reason: _Text) -> dict[str, Any]:
    """Take a detail of a person, such as her name, from one of her records (`record_key`)."""
    return _told(_by(request).pin(record, detail, reason))


@ROUTER.post("/undo")
@requires("people:steward")
def undo(request: Request, decision: Annotated[int, Body()], reason: _Text) -> dict[str, Any]:
    """Take a decision back, with all that was decided together with it."""
    return _told(_by(request).undo(decision, reason))


def _told(act: Act) -> dict[str, Any]:
    return {
        "decision": act.decision,
        "persons": list(act.persons),
        "records_moved": act.settled.moved,
    }


def _by(request: Request) -> Stewarding:
    return house(request).desk.steward(actor=request.state.viewer.login)
