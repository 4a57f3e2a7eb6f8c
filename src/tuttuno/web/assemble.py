"""The web app: pages, API and assets of one project behind one gate."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from tuttuno.web.api import ROUTERS as API
from tuttuno.web.api.lookup import ROUTER as LOOKUP
from tuttuno.web.collect.lane import Lane
from tuttuno.web.collect.routes import routes
from tuttuno.web.desk import Desk
from tuttuno.web.door import Door
from tuttuno.web.gate import Gate, guard
from tuttuno.web.hooks.routes import hook_routes
from tuttuno.web.locale import speeches
from tuttuno.web.page import House, environments
from tuttuno.web.permissions import check_routes
from tuttuno.web.refusals import handlers
from tuttuno.web.shield import Shield
from tuttuno.web.till import Till
from tuttuno.web.views import ROUTERS as VIEWS

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Region:
    """Where a project is at home.

    Attributes:
        timezone: In which moments are told.
        language: Of a reader who has not chosen one.
        currency: Of amounts that do not say theirs.
    """

    timezone: str = "Europe/Rome"
    language: str = "en"
    currency: str = "EUR"


def make_app(
    desk: Desk,
    door: Door,
    *,
    hosts: Sequence[str] = LOOPBACK,
    region: Region | None = None,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Put the app together; a route without a permission raises `UndeclaredPermission`.

    Args:
        desk: Does what pages ask for.
        door: Lets people in.
        hosts: Names under which browsers may ask.
        region: Where the project is at home.
        lifespan: Opens the live doors while a server runs; None: they stay shut.
    """
    app = FastAPI(
        title="tuttuno",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # nothing leaves unasked
        dependencies=[Depends(guard)],
        middleware=[
            Middleware(Lane, hosts=hosts),
            Middleware(Shield, hosts=hosts),
            Middleware(Gate, door=door),
            Middleware(Till),
        ],
        exception_handlers=handlers(),
        lifespan=lifespan,
    )
    # Whatever is asked for passes by all routers before its own: those in a hurry come first.
    routers: tuple[APIRouter, ...] = (LOOKUP, *VIEWS, *API)
    for router in routers:
        app.include_router(router)
    app.router.routes.extend([*routes(), *hook_routes()])
    assets = StaticFiles(packages=[("tuttuno.web", "static"), ("tuttuno.chart", "static")])
    app.mount("/static", assets, name="static")
    check_routes(app.routes, open_mounts=frozenset({"/static"}))
    home = region or Region()
    voices = speeches(home.timezone, home.currency)
    app.state.house = House(desk, door, voices, environments(voices), home.language)
    return app
