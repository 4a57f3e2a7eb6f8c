"""Version 1 of the API: measures, effects and releases, under the same gate as the pages."""

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request

from tuttuno.web.filters import read_filters
from tuttuno.web.page import house
from tuttuno.web.permissions import requires

ROUTER = APIRouter(prefix="/api/v1")


@ROUTER.get("/openapi.json", include_in_schema=False)
@requires("measures:read")
def openapi(request: Request) -> dict[str, Any]:
    """Describe the API in OpenAPI 3.1."""
    return get_openapi(title="tuttuno", version="1", routes=request.app.routes)


@ROUTER.get("/measures", tags=["measures"])
@requires("measures:read")
def measures(request: Request) -> dict[str, Any]:
    """List the measures there are."""
    found = house(request).desk.measures()
    return {"measures": [{"name": each.name, "label": each.label} for each in found]}


@ROUTER.get("/measures/{name}", tags=["measures"])
@requires("measures:read")
def measure(request: Request, name: str) -> dict[str, Any]:
    """Answer one measure.

    Query: `since`, `until` (exclusive), `all_time=1`, `by` and `where=dimension:value`
    (both repeatable), `view=demand|fulfilment`.
    """
    desk = house(request).desk
    release, answer = desk.answer(name, read_filters(request.query_params).asked)
    return answer.as_dict(release)


@ROUTER.get("/effects", tags=["effects"])
@requires("measures:read")
def effects(request: Request) -> dict[str, Any]:
    """List the effects there are."""
    found = house(request).desk.effects()
    return {"effects": [{"name": each.name, "label": each.label} for each in found]}


@ROUTER.get("/effects/{name}", tags=["effects"])
@requires("measures:read")
def effect(request: Request, name: str) -> dict[str, Any]:
    """Answer one effect as the project declares it; a refused one says why."""
    _release, plain = house(request).desk.effect(name)
    return dict(plain)


@ROUTER.get("/releases", tags=["releases"])
@requires("releases:read")
def releases(request: Request) -> dict[str, Any]:
    """List the releases, newest first."""
    desk = house(request).desk
    fresh = desk.freshness()
    return {
        "current": fresh.release if fresh else None,
        "releases": [
            {"number": each.number, "at": each.at.isoformat(), "status": each.status}
            for each in desk.releases()
        ],
    }
