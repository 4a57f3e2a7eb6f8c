"""For the machine that watches the process: is it alive, and can it answer?"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from tuttuno.web.page import house
from tuttuno.web.permissions import PUBLIC, requires

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/healthz")
@requires(PUBLIC)
def alive() -> JSONResponse:
    """Say that the process runs; touches nothing."""
    return JSONResponse({"status": "ok"})


@ROUTER.get("/readyz")
@requires(PUBLIC)
def ready(request: Request) -> JSONResponse:
    """Say that the vault answers; a project without a release is ready too."""
    house(request).desk.freshness()
    return JSONResponse({"status": "ready"})
