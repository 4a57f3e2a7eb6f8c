"""The lane of events: straight to the collector, past what only pages need.

To find one of many routes, look for a session and seal an answer against other pages costs more
than to keep an event. The routes stay declared, with who may call them; this is the short way.
"""

from collections.abc import Collection, Sequence
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tuttuno.intake.inbox import Inbox
from tuttuno.web.collect.routes import routes

#: What whoever comes while too many wait is told, before any of it is read: many times as fast
#: as an event is kept, so that a crowd never holds up those who were let in.
_REASON = b'{"success":false,"error":"too many at once"}'
_LATER: Final[Sequence[Message]] = (
    {
        "type": "http.response.start",
        "status": 429,
        "headers": [
            (b"access-control-allow-origin", b"*"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(_REASON)).encode()),
            (b"retry-after", b"1"),
        ],
    },
    {"type": "http.response.body", "body": _REASON},
)


class Lane:
    """Outermost layer: takes what is sent to the collector, and passes on all else.

    Args:
        app: Answers the rest.
        hosts: Names under which it is asked; what asks for another is not for the lane.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = None if "*" in hosts else frozenset(host.encode() for host in hosts)
        self._doors = {
            route.path: route.endpoint for route in routes() if "POST" in (route.methods or ())
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        if door is None or scope["method"] != "POST" or not self._is_asked(scope):
            await self._app(scope, receive, send)
            return
        inbox: Inbox | None = getattr(scope["app"].state, "inbox", None)
        if inbox is not None and inbox.crowded:
            for part in _LATER:
                await send(part)
            return
        answer = await door(Request(scope, receive, send))
        await answer(scope, receive, send)

    def _is_asked(self, scope: Scope) -> bool:
        if self._hosts is None:
            return True
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        return host in self._hosts or host.rpartition(b":")[0] in self._hosts
