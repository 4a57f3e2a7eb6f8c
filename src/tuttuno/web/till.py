"""The short way to a look-up: behind the gate, past the search for one of many routes.

A till asks many times a second, and to be found among all routes costs as much as the answer. The
route stays declared where all others are, and the guard asks the same of whoever comes this way.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tuttuno.errors import TuttunoError
from tuttuno.web.api.lookup import PATH, look_up
from tuttuno.web.gate import guard
from tuttuno.web.refusals import refused


class Till:
    """Innermost layer: answers look-ups, and passes on all else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["endpoint"] = look_up
        request = Request(scope, receive, send)
        try:
            await guard(request)
            answer = await look_up(request)
        except TuttunoError as error:
            answer = refused(request, error)
        await answer(scope, receive, send)
