"""What is newest, for programs: the tail of a person, and the live doors."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from tuttuno.errors import NotFound
from tuttuno.web.live_desk import LiveDesk, live_desk
from tuttuno.web.page import house
from tuttuno.web.permissions import requires

ROUTER = APIRouter(prefix="/api/v1")


@ROUTER.get("/people/{person_id}/tail", tags=["people"])
@requires("people:read")
def tail(request: Request, person_id: int) -> dict[str, Any]:
    """Return what came of a person since the release, and how fresh either is."""
    found = _desk(request).tail(person_id, actor=request.state.viewer.login)
    fresh = house(request).desk.freshness()
    return {
        "person": found.person_id,
        "release": None if fresh is None else {"number": fresh.release, "at": fresh.at},
        "tail": {"seen_at": found.seen_at, "events": [asdict(each) for each in found.events]},
    }


@ROUTER.get("/doors", tags=["intake"])
@requires("intake:read")
def doors(request: Request) -> dict[str, Any]:
    """Return what came through the live doors by source and hour, and what waits."""
    found = _desk(request).doors()
    return {
        "at": found.at,
        "waiting": found.waiting,
        "waiting_since": found.since,
        "sources": [{"source": each.source, "last_at": each.last_at} for each in found.heard],
        "alarms": [
            {**asdict(each), "seen": each.seen if isfinite(each.seen) else None}
            for each in found.alarms
        ],
        "hours": [
            {
                "source": each.source,
                "hour": each.hour,
                **asdict(each.counts),
                "difference": each.counts.difference,
            }
            for each in found.hours
        ],
    }


def _desk(request: Request) -> LiveDesk:
    desk = live_desk(request)
    if desk is None:
        raise NotFound("this server has no live doors")
    return desk
