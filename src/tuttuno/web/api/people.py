"""Version 1 of the API, for persons: best known details, households, what may be next, and why.

Contact details stay masked, and each look is recorded.
"""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from tuttuno.web.page import house
from tuttuno.web.permissions import requires

ROUTER = APIRouter(prefix="/api/v1/people", tags=["people"])


@ROUTER.get("/{person_id}/golden")
@requires("people:read")
def golden(request: Request, person_id: int) -> dict[str, Any]:
    """Return the best known details, each with the record it comes from and the rule."""
    return asdict(house(request).desk.golden(person_id, actor=request.state.viewer.login))


@ROUTER.get("/{person_id}/household")
@requires("people:read")
def household(request: Request, person_id: int) -> dict[str, Any]:
    """Return who lives with a person, as the last build found it."""
    return asdict(house(request).desk.household(person_id, actor=request.state.viewer.login))


@ROUTER.get("/{person_id}/next")
@requires("people:read")
def suggest(request: Request, person_id: int) -> dict[str, Any]:
    """Return what a person may buy again and when, what is new to her, what she only looked at."""
    return asdict(house(request).desk.suggest(person_id, actor=request.state.viewer.login))


@ROUTER.get("/{person_id}/why")
@requires("people:read")
def why(request: Request, person_id: int) -> dict[str, Any]:
    """Say why the records of a person are one, and what did not join her."""
    return asdict(house(request).desk.explain(person_id))
