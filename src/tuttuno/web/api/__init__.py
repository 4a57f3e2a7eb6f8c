"""The same answers as the pages, for programs: JSON, and problem+json when refused."""

from fastapi import APIRouter

from tuttuno.web.api import live, lookup, people, stewardship, v1

ROUTERS: tuple[APIRouter, ...] = (
    v1.ROUTER,
    people.ROUTER,
    stewardship.ROUTER,
    lookup.ROUTER,
    live.ROUTER,
)
