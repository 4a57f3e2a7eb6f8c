"""The gate in front of every handler: who is asking, may they, and did they mean to.

A request that changes something must come from our own pages: the browser says so in
`Sec-Fetch-Site` or `Origin`, and the form carries the token of its session.
"""

import asyncio
import secrets
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tuttuno.errors import TuttunoError, Unavailable
from tuttuno.web.collect.routes import DOORS
from tuttuno.web.door import Door, Viewer, same
from tuttuno.web.permissions import PUBLIC, Forbidden, UndeclaredPermission, permission_of

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_READER = ("/static/", "/healthz", "/readyz", *DOORS)
_STRANGER = "tuttuno_stranger"


class SignInFirst(TuttunoError):
    """Nobody is signed in, or the session has ended."""

    def __init__(self) -> None:
        super().__init__("sign in first")


class VaultClosed(Unavailable):
    """Nobody can be recognised, because the vault does not answer."""

    def __init__(self, error: TuttunoError) -> None:
        super().__init__(error.what, hint=error.hint)


class NotFromHere(TuttunoError):
    """A change was asked for by a page that is not ours, or by an old one."""

    def __init__(self) -> None:
        super().__init__(
            "this form was not sent from a current page of tuttuno",
            hint="nothing was changed; reload the page and try again",
        )


class Gate:
    """Recognises the reader before any handler runs; `request.state.viewer` may be None."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door
        self._asked: dict[str, asyncio.Task[Viewer | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            viewer = None
            if not scope["path"].startswith(_NO_READER):
                request = Request(scope)
                secret = request.cookies.get(cookie_name(request), "")
                try:
                    viewer = await self._viewer(secret) if secret else None
                except TuttunoError as error:
                    # Raised here it would reach no handler; `guard` raises it where one waits.
                    scope.setdefault("state", {})["barred"] = error
            scope.setdefault("state", {})["viewer"] = viewer
        await self._app(scope, receive, send)

    async def _viewer(self, secret: str) -> Viewer | None:
        """Ask the door once for all who come with one secret while it looks."""
        known = self._door.remembered(secret)
        if known is not None:
            return known
        asked = self._asked.get(secret)
        if asked is None:
            asked = asyncio.create_task(run_in_threadpool(self._door.viewer, secret))
            self._asked[secret] = asked
            asked.add_done_callback(lambda _: self._asked.pop(secret))
        return await asyncio.shield(asked)


async def guard(request: Request) -> None:
    """Let a request through to its handler, or raise why not."""
    permission = permission_of(request.scope.get("endpoint"))
    if permission is None:
        raise UndeclaredPermission(request.url.path)
    viewer: Viewer | None = request.state.viewer
    barred: TuttunoError | None = getattr(request.state, "barred", None)
    if barred is not None:
        raise VaultClosed(barred) from barred
    if permission != PUBLIC:
        if viewer is None:
            raise SignInFirst
        if permission not in viewer.permissions:
            raise Forbidden(permission)
    if request.method not in _SAFE:
        await _meant(request, viewer.csrf if viewer else request.cookies.get(_STRANGER, ""))


def cookie_name(request: Request) -> str:
    """Return the name of the session cookie: bound to the host where there is https."""
    return "__Host-tuttuno" if request.scope["scheme"] == "https" else "tuttuno"


def set_session(request: Request, response: Response, secret: str) -> None:
    """Hand the browser the secret of a new session."""
    response.set_cookie(
        cookie_name(request),
        secret,
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="lax",
        path="/",
    )


def form_token(request: Request) -> str:
    """Return the token that forms of this page must carry."""
    viewer: Viewer | None = request.state.viewer
    if viewer is not None:
        return viewer.csrf
    known = request.cookies.get(_STRANGER, "")
    if not known:
        known = getattr(request.state, "stranger", "") or secrets.token_urlsafe(32)
        request.state.stranger = known
    return known


def keep_stranger(request: Request, response: Response) -> None:
    """Remember the token of a page shown to nobody in particular, such as the door."""
    made: str = getattr(request.state, "stranger", "")
    if made:
        response.set_cookie(
            _STRANGER,
            made,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
            path="/",
        )


async def _meant(request: Request, token: str) -> None:
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in {None, "same-origin"}:
        raise NotFromHere
    if origin is not None and urlsplit(origin).netloc != request.url.netloc:
        raise NotFromHere
    sent = request.headers.get("x-csrf-token")
    if sent is None:
        form = await request.form()
        sent = str(form.get("csrf", ""))
    if not same(token, sent):
        raise NotFromHere
