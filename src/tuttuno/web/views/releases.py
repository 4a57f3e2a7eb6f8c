"""Which pictures of the customers have been published, and which one everybody reads."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tuttuno.web.page import house, page, speech
from tuttuno.web.permissions import requires
from tuttuno.web.views.intake import states

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/releases")
@requires("releases:read")
def releases(request: Request) -> Response:
    """Show all releases, newest first."""
    shown = house(request).desk.releases()
    return page(request, "releases.html", releases=shown, states=states(speech(request)))


@ROUTER.post("/releases/{number}/current")
@requires("releases:write")
def roll_back(request: Request, number: int) -> Response:
    """Make a release the one that everybody reads; nothing is computed or deleted."""
    house(request).desk.roll_back(number, actor=request.state.viewer.login)
    return RedirectResponse("/releases", status_code=303)
