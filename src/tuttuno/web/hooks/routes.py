"""The route of webhooks: signature, inbox, answer; what a delivery says is read later.

An answer of 200 means that the delivery is on the disk. Senders give up after a few failures and
switch the webhook off, so only a delivery that nobody signed is turned away for good.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, Unavailable
from tuttuno.intake.inbox import Inbox, InboxFull
from tuttuno.vault.inbox import Message, digest_of
from tuttuno.web.hooks.seals import Delivery, Forged, Scheme, Seal, opened
from tuttuno.web.permissions import PUBLIC, requires

#: Bytes of a delivery at most: the largest order of a shop has a tenth of it.
LARGEST = 4 * 2**20

#: Seconds that a body may take, and after which a sender may come again.
_SLOWEST = 30.0
_UNAVAILABLE = 5

_KEPT = 4_000

#: What WooCommerce sends to see whether somebody is there; nobody signs it.
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")


class TooLarge(BadInput):
    """A delivery is larger than any that is meant."""


#: What a sender is told who cannot be helped.
_TURNED_AWAY: Mapping[type[Exception], tuple[int, str]] = {
    TimeoutError: (408, "the body did not come in time"),
    ClientDisconnect: (400, "the body broke off"),
    TooLarge: (413, f"a delivery holds {LARGEST // 2**20} MB at most"),
    Forged: (401, "the signature does not hold"),
}


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the route works with.

    Attributes:
        inbox: Where deliveries go.
        seals: Source -> how it signs.
        clock: When they came.
    """

    inbox: Inbox
    seals: Mapping[str, Seal]
    clock: Clock = utc_now


def hook_routes() -> list[Route]:
    """Return the route; it answers 503 until `app.state.hooks` is there."""
    return [Route("/hooks/{source}", take_delivery, methods=("POST",))]


@requires(PUBLIC)
async def take_delivery(request: Request) -> Response:
    """Take one delivery in, whoever sends it: the signature says who that is."""
    hooks: Hooks | None = getattr(request.app.state, "hooks", None)
    if hooks is None:
        return _refused(503, "not ready", wait=_UNAVAILABLE)
    source = request.path_params["source"]
    seal = hooks.seals.get(source)
    if seal is None:
        return _refused(404, "no source of this name takes webhooks")
    try:
        async with asyncio.timeout(_SLOWEST):
            body = await _body(request)
        if seal.scheme is Scheme.WOOCOMMERCE and _is_ping(request, seal, body):
            return JSONResponse({"verdict": "ping"})
        now = hooks.clock()
        delivery = opened(seal, request.headers, body, now)
    except (TimeoutError, ClientDisconnect, TooLarge, Forged) as error:
        status, why = _TURNED_AWAY[type(error)]
        return _refused(status, f"{why}: {error}" if isinstance(error, Forged) else why)
    return await _put(hooks.inbox, _message(source, delivery, body, now))


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise TooLarge(f"more than {LARGEST} bytes")
        parts.append(part)
    return b"".join(parts)


def _is_ping(request: Request, seal: Seal, body: bytes) -> bool:
    return seal.names.signature not in request.headers and _PING.fullmatch(body) is not None


def _message(source: str, delivery: Delivery, body: bytes, now: datetime) -> Message:
    """A delivery for the inbox; what no text can hold is kept for quarantine as far as it goes."""
    rule = why = None
    try:
        text = body.decode()
        if "\0" in text:
            rule, why = "encoding", "has the sign NUL"
    except UnicodeDecodeError:
        rule, why = "encoding", "is not UTF-8"
    if rule:
        text = body[:_KEPT].decode(errors="replace").replace("\0", "\ufffd")
    digest = digest_of(body)
    return Message(
        source=source,
        message_id=delivery.message or f"body:{digest}",
        kind=delivery.topic,
        received_at=now,
        body=text,
        digest=digest,
        sent_at=delivery.sent_at,
        rule=rule,
        why=why,
    )


async def _put(inbox: Inbox, message: Message) -> Response:
    try:
        (verdict,) = await inbox.keep([message])
    except InboxFull as error:
        return _refused(429, str(error), wait=error.retry_after)
    except Unavailable as error:
        return _refused(503, str(error), wait=_UNAVAILABLE)
    return JSONResponse({"verdict": verdict})


def _refused(status: int, why: str, *, wait: float | None = None) -> Response:
    headers = None if wait is None else {"retry-after": str(max(1, round(wait)))}
    return JSONResponse({"error": why}, status_code=status, headers=headers)
