"""The card look-up for tills, apps and call centres: who is this, and what do we know of her?

What is looked for is an e-mail or a card number, so it travels in the body, never in an address,
where logs would keep it. Whoever asks sends the token of her session as `x-csrf-token`.
"""

from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.errors import BadInput
from tuttuno.tasks.look_up import Question
from tuttuno.web.permissions import requires
from tuttuno.web.teller import teller, told

#: Where look-ups are asked for.
PATH = "/api/v1/people/lookup"

ROUTER = APIRouter(prefix=PATH.removesuffix("/lookup"), tags=["people"])

#: Signs of a question at most.
LONGEST = 200

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["key"],
                    "properties": {"key": {"type": "string", "maxLength": LONGEST}},
                }
            }
        },
    }
}


class _Asked(msgspec.Struct):
    key: str


_decode = msgspec.json.Decoder(_Asked).decode
_encode = msgspec.json.Encoder().encode


class NoQuestion(BadInput):
    """The body does not say who is meant."""

    def __init__(self) -> None:
        what = f"the body must be an object with a `key` of 1 to {LONGEST} signs"
        super().__init__(what, hint="an e-mail, card or phone number, or a person id")


@ROUTER.post("/lookup", openapi_extra=_BODY)
@requires("people:read")
async def look_up(request: Request) -> Response:
    """Find people by e-mail, card, phone or id: release and tail; the look is recorded."""
    question = Question(_key(await request.body()), request.state.viewer.login)
    found = await teller(request).found(question)
    return Response(_encode(told(found)), media_type="application/json")


def _key(body: bytes) -> str:
    try:
        key = _decode(body).key.strip()
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NoQuestion from None
    if not key or len(key) > LONGEST:
        raise NoQuestion
    return key
