"""Signatures of webhooks: whether a body comes from whom it says, untouched and in time.

All of them are HMAC-SHA-256 over the raw body. Two secrets may hold at once, so that one can be
replaced without losing a delivery. Sources: Shopify, "Verify webhook deliveries"; WooCommerce,
"Webhooks"; Standard Webhooks 1.0, whose message is id, moment and body.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from tuttuno.errors import BadInput

#: A signed moment may be so far away, on either side.
WINDOW = timedelta(seconds=300)

_PREFIX = "whsec_"
_LONGEST = 256


class Scheme(StrEnum):
    """How a sender signs."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    STANDARD = "standard"
    HMAC = "hmac"


class Writing(StrEnum):
    """How a signature is written."""

    BASE64 = "base64"
    HEX = "hex"


class Forged(BadInput):
    """A body is not what its sender signed, or nobody signed it, or it was signed long ago."""


@dataclass(frozen=True, slots=True)
class Names:
    """The headers of a scheme, in small letters; empty: it has none.

    Attributes:
        signature: Of the body.
        message: The sender's id of the delivery, the same on every try.
        topic: What happened.
        moment: When it was signed; it is part of what is signed.
        sent: When it happened, which nobody has signed.
    """

    signature: str
    message: str = ""
    topic: str = ""
    moment: str = ""
    sent: str = ""


#: The headers of the schemes that have their own.
NAMES: Mapping[Scheme, Names] = {
    Scheme.SHOPIFY: Names(
        "x-shopify-hmac-sha256", "x-shopify-webhook-id", "x-shopify-topic",
        sent="x-shopify-triggered-at",
    ),
    Scheme.WOOCOMMERCE: Names(
        "x-wc-webhook-signature", "x-wc-webhook-delivery-id", "x-wc-webhook-topic"
    ),
    Scheme.STANDARD: Names("webhook-signature", "webhook-id", moment="webhook-timestamp"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seal:
    """How the deliveries of one source are signed.

    Attributes:
        scheme: Of the sender.
        secrets: All that hold at present; the order makes no difference.
        names: Its headers.
        writing: How the signature is written.
        prefix: Before it, e.g. `sha256=`.
    """

    scheme: Scheme
    secrets: tuple[bytes, ...] = field(repr=False)
    names: Names
    writing: Writing = Writing.BASE64
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the headers of a delivery say, once its signature holds.

    Attributes:
        message: The sender's id; None where there is none that can be kept.
        topic: What happened, in the sender's words; empty where nobody says.
        sent_at: When; None where nobody says.
    """

    message: str | None
    topic: str
    sent_at: datetime | None


def opened(seal: Seal, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
    """Check the signature of a delivery, in constant time.

    Args:
        seal: How its source signs.
        headers: Of the request, by names in small letters.
        body: As it came, to the byte.
        now: The present moment.

    Raises:
        Forged: No secret fits, or the signed moment is further away than `WINDOW`.
    """
    names = seal.names
    told = headers.get(names.signature, "")
    if not told:
        raise Forged(f"there is no header {names.signature}")
    message = headers.get(names.message, "") if names.message else ""
    signed, moment = body, None
    if names.moment:
        moment = _moment(headers.get(names.moment, ""))
        if abs(now - moment) > WINDOW:
            raise Forged("was signed too long ago, or by a clock that is wrong")
        signed = _message(seal.scheme, message, headers[names.moment], body)
    found = _signatures(seal, told)
    wanted = [hmac.digest(secret, signed, sha256) for secret in seal.secrets]
    if not any(hmac.compare_digest(each, one) for one in wanted for each in found):
        raise Forged("the signature does not fit the body")
    return Delivery(
        message=message if _plain(message) else None,
        topic=topic if _plain(topic := headers.get(names.topic, "")) else "",
        sent_at=moment or _when(headers.get(names.sent, "")),
    )


def key_of(scheme: Scheme, secret: str) -> bytes:
    """Return the key that a secret stands for.

    Raises:
        Forged: A secret of Standard Webhooks is no base64.
    """
    if scheme is not Scheme.STANDARD:
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise Forged("a secret of Standard Webhooks is base64, with or without whsec_") from error


def _message(scheme: Scheme, message: str, moment: str, body: bytes) -> bytes:
    parts = [message, moment] if scheme is Scheme.STANDARD else [moment]
    return b".".join([*(part.encode() for part in parts), body])


def _signatures(seal: Seal, told: str) -> list[bytes]:
    """The signatures that are told; what cannot be one is left out."""
    words: Sequence[str] = [told.strip()]
    prefix = seal.prefix
    if seal.scheme is Scheme.STANDARD:
        words, prefix = told.split()[:16], "v1,"
    found = []
    for word in words:
        if not word.startswith(prefix):
            continue
        try:
            bare = word.removeprefix(prefix)
            plain = bytes.fromhex(bare) if seal.writing is Writing.HEX else _decoded(bare)
        except ValueError:
            continue
        found.append(plain)
    return found


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _moment(text: str) -> datetime:
    """Seconds since 1970, as both schemes with a moment write it."""
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise Forged("the moment of the signature cannot be read")
    return datetime.fromtimestamp(int(text), UTC)


def _when(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text[:64])
    except ValueError:
        return None
    return found if found.tzinfo else None


def _plain(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isascii() and text.isprintable()
