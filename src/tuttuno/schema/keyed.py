"""Surrogates: the keyed hash under which the lake may speak of a record, a card or a device."""

import hashlib
import hmac
from collections.abc import Callable

#: Hex digits kept of the HMAC: 128 bits, so that two of 10^12 values never meet.
DIGITS = 32

#: Bytes that SHA-256 takes at a time.
_BLOCK = 64


def keyed(key: bytes, text: str) -> str:
    """Return the surrogate of a text under the project key.

    HMAC-SHA-256 (RFC 2104), first 128 bits, as 32 lower-case hex digits. A plain hash would
    not do: all Italian mobile numbers can be hashed in minutes.

    >>> keyed(b"k", "record|shop|42")
    '220f49d822104c4f5f9ef6a45010f5e5'
    """
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()[:DIGITS]


def keyed_by(key: bytes) -> Callable[[str], str]:
    """Return `keyed` under one key, at half the cost for each text of millions.

    What RFC 2104 does with the key alone is done once.
    """
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    padded, sha256 = key.ljust(_BLOCK, b"\0"), hashlib.sha256
    inner = bytes(byte ^ 0x36 for byte in padded)
    outer = bytes(byte ^ 0x5C for byte in padded)

    def surrogate(text: str) -> str:
        digest = sha256(inner + text.encode()).digest()
        return sha256(outer + digest).hexdigest()[:DIGITS]

    return surrogate


def record_key(key: bytes, source: str, record_id: str) -> str:
    """Return the surrogate of what one source knows of one person."""
    return keyed(key, f"record|{source}|{record_id}")


def value_key(key: bytes, kind: str, value: str) -> str:
    """Return the surrogate of a normalised identifier value."""
    return keyed(key, f"{kind}|{value}")
