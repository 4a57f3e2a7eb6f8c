"""The tracking plan for programs: what is agreed on, and how live events keep to it."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from tuttuno.errors import NotFound
from tuttuno.tasks.tracking_plan import told, told_findings
from tuttuno.web.live_desk import live_desk
from tuttuno.web.permissions import requires
from tuttuno.web.views.tracking_plan import asked

ROUTER = APIRouter(prefix="/api/v1")


@ROUTER.get("/tracking-plan", tags=["intake"])
@requires("intake:read")
def tracking_plan(request: Request) -> dict[str, Any]:
    """Return the plan, the events checked against it, and what they broke.

    Query: `source`, `event`, `rule`, `since` (a day in UTC, included).
    """
    desk = live_desk(request)
    if desk is None:
        raise NotFound("this server has no live doors")
    found = told_findings(desk.findings(asked(request.query_params)))
    return {"plan": [told(each) for each in desk.plan.events.values()], **found}
