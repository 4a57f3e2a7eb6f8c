"""The body of a request, read without ever growing beyond its bounds."""

import zlib

from starlette.requests import ClientDisconnect, Request

from tuttuno.errors import BadInput

#: Bytes as sent, and unpacked: Segment allows 500 KB a batch.
LARGEST_SENT, LARGEST = 512 * 1024, 512 * 1024

_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 64


class TooLarge(BadInput):
    """More was sent than a batch may hold."""

    def __init__(self) -> None:
        super().__init__(f"a batch holds {LARGEST // 1024} KB at most", hint="send smaller ones")


class NoBody(BadInput):
    """The packing of the body is damaged."""

    def __init__(self) -> None:
        super().__init__("the body says that it is gzip, and is not", hint="send it again")


async def body_of(request: Request) -> bytes:
    """Read the body and unpack it, whatever its headers say: gzip is known by its first bytes.

    Raises:
        TooLarge: It holds more than `LARGEST` bytes, packed or not.
        NoBody: It is damaged gzip, or broke off.
    """
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST_SENT:
                raise TooLarge
            parts.append(part)
    except ClientDisconnect as error:
        raise NoBody from error
    body = b"".join(parts)
    return unpacked(body) if body.startswith(_GZIP) else body


def unpacked(body: bytes, largest: int = LARGEST) -> bytes:
    """Unpack gzip, of several members too; nothing beyond the bound is ever unpacked.

    Raises:
        TooLarge: It holds more.
        NoBody: It is damaged.
    """
    found, rest = bytearray(), body
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(rest, largest + 1 - len(found))
        except zlib.error as error:
            raise NoBody from error
        if len(found) > largest or member.unconsumed_tail:
            raise TooLarge
        if not member.eof:
            raise NoBody
        rest = member.unused_data
        if not rest:
            return bytes(found)
    raise TooLarge
