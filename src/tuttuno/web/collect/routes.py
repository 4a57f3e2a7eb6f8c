"""The routes of the collector: Segment's tracking API, and what RudderStack's clients ask for.

An answer of 200 means that every event is on the disk, with a verdict for each. A client that
hears 400 throws its events away, so only what can never be read gets one; a bad event is kept in
quarantine, and who comes too fast, or too early, hears 429 or 503 and comes again.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, Unavailable
from tuttuno.intake.inbox import Inbox, InboxFull
from tuttuno.vault.door_hours import Verdict
from tuttuno.vault.inbox import Message
from tuttuno.web.collect.body import TooLarge, body_of
from tuttuno.web.collect.clients import (
    rudder_client,
    rudder_settings,
    segment_client,
    segment_settings,
)
from tuttuno.web.collect.events import Clerk, Sent, read_batch, read_single
from tuttuno.web.collect.keys import Limits, WriteKey
from tuttuno.web.permissions import PUBLIC, requires

#: Where the doors for programs begin: no cookies, no forms, bodies of their own size.
DOORS = ("/v1/", "/v3/", "/sourceConfig", "/analytics.js/", "/hooks/")

_SINGLE = {
    "track": "track", "t": "track", "page": "page", "p": "page", "screen": "screen",
    "s": "screen", "identify": "identify", "i": "identify", "group": "group", "g": "group",
    "alias": "alias", "a": "alias",
}  # fmt: skip
_MANY = ("batch", "b", "import")

#: On every answer, and on the one to a browser that asks what it may send.
_CORS = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
_ASKED = {
    **_CORS,
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, anonymousid, sentat, content-type, "
    "x-retry-count, x-requested-with",
    "access-control-max-age": "86400",
}
_CORS_SENT = [(name.encode(), value.encode()) for name, value in _CORS.items()]
_JSON_SENT = (b"content-type", b"application/json")
_POST, _GET = ("POST", "OPTIONS"), ("GET", "OPTIONS")

#: Seconds that a body may take, and after which somebody may come again.
_SLOWEST = 30.0
_UNAVAILABLE = 5

_Answer = Callable[[Request], Awaitable[Response]]
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Collector:
    """What the routes work with.

    Attributes:
        inbox: Where events go.
        keys: Who may send.
        clerk: Writes messages.
        limits: How much of them.
        clock: When they came.
    """

    inbox: Inbox
    keys: Mapping[str, WriteKey]
    clerk: Clerk
    limits: Limits = field(default_factory=Limits)
    clock: Clock = utc_now


class _Kept(Response):
    """The answer to events that are on the disk; made by hand, since most answers are this one."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self.status_code, self.background = 200, None
        self.body = _encode({"success": True, "verdicts": verdicts})
        length = (b"content-length", str(len(self.body)).encode())
        self.raw_headers = [*_CORS_SENT, _JSON_SENT, length]


def routes() -> list[Route]:
    """Return the routes; they answer 503 until `app.state.collector` is there."""
    sends = [Route(f"/v1/{name}", _door(kind), methods=_POST) for name, kind in _SINGLE.items()]
    sends += [Route(f"/v1/{name}", _door(None), methods=_POST) for name in _MANY]
    return [
        *sends,
        Route("/v1/projects/{key}/settings", _settings, methods=_GET),
        Route("/analytics.js/v1/{key}/analytics.min.js", _segment_client, methods=_GET),
        Route("/sourceConfig", _source_config, methods=_GET),
        Route("/sourceConfig/", _source_config, methods=_GET),
        Route("/v3/{build}/rsa.min.js", _rudder_client, methods=_GET),
    ]


def _door(kind: str | None) -> _Answer:
    """Make the handler of one kind of event; None: of batches."""

    @requires(PUBLIC)
    async def take(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _asked(request)
        collector: Collector | None = getattr(request.app.state, "collector", None)
        if collector is None:
            return _refused(503, "not ready", wait=_UNAVAILABLE)
        return _named(request, await _taken(request, collector, kind))

    return take


async def _taken(request: Request, collector: Collector, kind: str | None) -> Response:
    named = _key_in_header(request)
    about = collector.keys.get(named or "")
    try:
        async with asyncio.timeout(_SLOWEST):
            body = await body_of(request)
        sent = read_batch(body) if kind is None else read_single(body)
    except TimeoutError:
        return _refused(408, "the body did not come in time")
    except BadInput as error:
        if about is not None:
            await _count_rejected(collector, about)
        return _refused(413 if isinstance(error, TooLarge) else 400, str(error))
    key = named if about is not None else sent.key
    about = collector.keys.get(key or "")
    if about is None or key is None:
        return _refused(401, "no source has this write key")
    address = request.client.host if request.client else ""
    wait = collector.limits.wait(key, about, address, len(sent.events))
    if wait > 0:
        return _refused(429, "too many events", wait=ceil(wait))
    return await _kept(collector, sent, kind or "", about)


async def _kept(collector: Collector, sent: Sent, kind: str, about: WriteKey) -> Response:
    messages = collector.clerk.messages(sent, kind, about, collector.clock())
    try:
        verdicts = await collector.inbox.keep(messages)
    except InboxFull as error:
        return _refused(429, str(error), wait=error.retry_after)
    except Unavailable as error:
        return _refused(503, str(error), wait=_UNAVAILABLE)
    return _Kept(verdicts)


async def _count_rejected(collector: Collector, about: WriteKey) -> None:
    """Count what could never be read; where even that cannot be kept, the answer is the same."""
    message = Message(about.source, "", "", collector.clock(), None)
    try:
        await collector.inbox.keep([message])
    except Unavailable:
        return


@requires(PUBLIC)
async def _settings(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_ASKED)
    key = request.path_params["key"]
    if _known(request, key) is None:
        return _refused(404, "no source has this write key")
    found = segment_settings(key, request.url.netloc, request.url.scheme)
    return JSONResponse(found, headers=_CORS)


@requires(PUBLIC)
async def _segment_client(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_ASKED)
    if _known(request, request.path_params["key"]) is None:
        return _refused(404, "no source has this write key")
    return _script(segment_client())


@requires(PUBLIC)
async def _rudder_client(request: Request) -> Response:
    """One build for all: those that are called legacy are for browsers that nobody has."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_ASKED)
    return _script(rudder_client())


def _asked(request: Request) -> Response:
    """Answer what a page may send: any header, because tools of the page add their own."""
    wanted = request.headers.get("access-control-request-headers", "")
    allowed = {"access-control-allow-headers": wanted} if wanted else {}
    return _named(request, Response(status_code=204, headers={**_ASKED, **allowed}))


def _named(request: Request, answer: Response) -> Response:
    """Name the page that asks: to a beacon of JSON, which brings cookies along, `*` is a no."""
    origin = request.headers.get("origin")
    if origin is not None:
        answer.headers["access-control-allow-origin"] = origin
        answer.headers["access-control-allow-credentials"] = "true"
        answer.headers["vary"] = "origin"
    return answer


def _script(text: bytes) -> Response:
    headers = {**_CORS, "cache-control": "public, max-age=3600"}
    return Response(text, media_type="text/javascript", headers=headers)


@requires(PUBLIC)
async def _source_config(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_ASKED)
    key = request.query_params.get("writeKey") or _key_in_header(request) or ""
    about = _known(request, key)
    if about is None:
        return _refused(404, "no source has this write key")
    return JSONResponse(rudder_settings(about.source, key), headers=_CORS)


def _known(request: Request, key: str) -> WriteKey | None:
    collector: Collector | None = getattr(request.app.state, "collector", None)
    return None if collector is None else collector.keys.get(key)


def _key_in_header(request: Request) -> str | None:
    """The user of basic authentication, where clients put the write key; else what bears it."""
    told = request.headers.get("authorization", "")
    if told[:6].lower() == "basic ":
        return _user_of(told[6:])
    bears = told[7:].strip() if told[:7].lower() == "bearer " else None
    return request.query_params.get("writeKey") or bears


@lru_cache(256)
def _user_of(packed: str) -> str | None:
    try:
        packed += "=" * (-len(packed) % 4)  # some leave the padding away
        user = base64.b64decode(packed, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(user) or None


def _refused(status: int, why: str, *, wait: int | None = None) -> Response:
    headers = dict(_CORS) if wait is None else {**_CORS, "retry-after": str(max(1, wait))}
    return JSONResponse({"success": False, "error": why}, status_code=status, headers=headers)
