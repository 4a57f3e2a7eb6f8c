"""One file per page of the app: each handler calls one task and shows what it returns."""

from fastapi import APIRouter

from tuttuno.web.views import (
    door,
    effects,
    health,
    intake,
    live,
    measures,
    overview,
    people,
    releases,
    stewardship,
    totals,
    tracking_plan,
)

#: Every page; a new one is added here and to the menu.
ROUTERS: tuple[APIRouter, ...] = (
    health.ROUTER,
    door.ROUTER,
    overview.ROUTER,
    measures.ROUTER,
    effects.ROUTER,
    people.ROUTER,
    stewardship.ROUTER,
    intake.ROUTER,
    live.ROUTER,
    totals.ROUTER,
    tracking_plan.ROUTER,
    releases.ROUTER,
)
