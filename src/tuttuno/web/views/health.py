"""For the machine that watches the process: is it alive, and can it answer?"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from tuttuno.errors import TuttunoError
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
    """Say whether the vault answers; a project without a release is ready too.

    A stranger may ask, so why it does not answer is said to readers only.
    """
    try:
        house(request).desk.freshness()
    except TuttunoError:
        return JSONResponse({"status": "not ready"}, status_code=503)
    return JSONResponse({"status": "ready"})
