"""What every answer carries and every question must respect: headers, hosts, sizes."""

from collections.abc import Collection, Iterator

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tuttuno.web.collect.routes import DOORS

#: Nothing but our own files: no inline script, no inline style, no other host.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

_SEALS = tuple((name.encode(), value.encode()) for name, value in _HEADERS.items())

#: A page form is small; files come in by `tuttuno ingest`, never by a form.
LARGEST_BODY = 64 * 1024
_LONGEST_ADDRESS = 4096


class Shield:
    """Outermost layer: refuses foreign hosts and oversized questions, seals every answer."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        sealed = _sealing(send, scope)
        if refusal is not None:
            await refusal(scope, receive, sealed)
            return
        limited = receive if scope["path"].startswith(DOORS) else _limited(receive)
        await self._app(scope, limited, sealed)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = _host(headers.get("host", ""))
        if "*" not in self._hosts and host not in self._hosts:
            return PlainTextResponse("This address is not served here.", 421)
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST_ADDRESS:
            return PlainTextResponse("The address is too long.", 414)
        declared = headers.get("content-length", "0")
        if scope["path"].startswith(DOORS):
            return None  # whoever answers there reads within bounds of his own
        if not declared.isdigit() or int(declared) > LARGEST_BODY:
            return PlainTextResponse("The form is too large.", 413)
        return None


def _host(header: str) -> str:
    """Return the host of a `Host` header without its port, brackets of IPv6 kept.

    >>> _host("Shop.example:8000"), _host("[::1]:8000")
    ('shop.example', '[::1]')
    """
    if header.startswith("["):
        return header.partition("]")[0].lower() + "]"
    return header.partition(":")[0].lower()


def _sealing(send: Send, scope: Scope) -> Send:
    async def seal(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = {name.lower() for name, _ in message["headers"]}
            more = [pair for pair in _seals(scope) if pair[0] not in said]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return seal


def _seals(scope: Scope) -> Iterator[tuple[bytes, bytes]]:
    yield from _SEALS
    if scope.get("scheme") == "https":
        yield b"strict-transport-security", b"max-age=31536000"
    if not scope["path"].startswith("/static/"):
        yield b"cache-control", b"no-store"


def _limited(receive: Receive) -> Receive:
    """Cut off a body that grows beyond the limit without having said so."""
    seen = 0

    async def limit() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            return {"type": "http.disconnect"}
        return message

    return limit
