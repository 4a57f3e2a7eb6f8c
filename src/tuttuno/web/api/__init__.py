"""The same answers as the pages, for programs: JSON, and problem+json when refused."""

from fastapi import APIRouter

from tuttuno.web.api import live, people, stewardship, tracking_plan, v1

ROUTERS: tuple[APIRouter, ...] = (
    v1.ROUTER,
    people.ROUTER,
    stewardship.ROUTER,
    live.ROUTER,
    tracking_plan.ROUTER,
)
