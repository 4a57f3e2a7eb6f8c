"""Events of a request as messages for the inbox, each judged by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from tuttuno.errors import BadInput
from tuttuno.intake.sources.segment_event import moment_of
from tuttuno.schema.keyed import keyed_by
from tuttuno.schema.normal import normalise
from tuttuno.vault.inbox import Message, digest_of
from tuttuno.vocab import IdentifierType
from tuttuno.web.collect.keys import WriteKey
from tuttuno.web.collect.mended import loosely, rewritten

#: Bytes of one event, and events of one request, at most.
LARGEST_EVENT, MOST = 32 * 1024, 2_500

#: Signs of an event that is too large that are kept.
_HEAD = 4_000
_LONGEST_ID = 256

#: What changes when the same event is sent again.
_ENVELOPE = frozenset({"sentAt", "writeKey", "_metadata", "receivedAt", "sent_at"})

#: What names a person, by the name of the property or trait.
_NAMED: Mapping[str, str] = {
    "email": "email", "phone": "phone",
    "loyalty_card": "loyalty_card", "loyaltyCard": "loyalty_card",
}  # fmt: skip
_DEVICE = "device"
_KINDS = {str(each): each for each in IdentifierType}

#: Surrogates that a process remembers.
_REMEMBERED = 50_000

_Told = Mapping[str, Any]

_decode = msgspec.json.Decoder().decode
_sorted = msgspec.json.Encoder(order="sorted").encode


class Unreadable(BadInput):
    """No event can be made out in the body."""


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw] | None = None
    sentAt: Any = None  # noqa: N815 - the name in Segment's messages
    writeKey: Any = None  # noqa: N815 - the same


_decode_batch = msgspec.json.Decoder(_Batch).decode


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request holds.

    Attributes:
        events: Each as it was written.
        sent_at: When the client says to have sent them.
        key: The write key, where the body has one.
    """

    events: tuple[bytes, ...]
    sent_at: datetime | None
    key: str | None


def read_batch(body: bytes) -> Sent:
    """Read `{"batch": [...]}`.

    Raises:
        Unreadable: It is no such thing, or holds more than `MOST` events.
    """
    try:
        found = _decode_batch(body)
    except (msgspec.DecodeError, RecursionError) as error:
        mended = _mended(body)
        if mended is None:
            raise Unreadable(f"the batch cannot be read: {error}") from error
        found = mended
    if found.batch is None:
        raise Unreadable("there is no list `batch`")
    if len(found.batch) > MOST:
        raise Unreadable(f"a batch holds {MOST} events at most, this one {len(found.batch)}")
    events = tuple(bytes(each) for each in found.batch)
    key = _text(found.writeKey)
    if key is None and events:
        key = _key_of(events[0])
    return Sent(events, _moment(found.sentAt), key)


def read_single(body: bytes) -> Sent:
    """Read one event, or a batch that was sent where single events go.

    Raises:
        Unreadable: It is no JSON object.
    """
    try:
        value = _value(body)
    except Unreadable:
        value = loosely(body)
        if value is None:
            raise
        body = rewritten(value)
    if not isinstance(value, dict):
        raise Unreadable("the event is no JSON object")
    if isinstance(value.get("batch"), list):
        return read_batch(body)
    return Sent((body,), _moment(value.get("sentAt")), _text(value.get("writeKey")))


def _mended(body: bytes) -> _Batch | None:
    """A batch of which some events cannot be read: each is by itself from here on."""
    value = loosely(body)
    if value is None or not isinstance(value.get("batch"), list):
        return None
    events = [msgspec.Raw(rewritten(each)) for each in value["batch"]]
    return _Batch(events, value.get("sentAt"), value.get("writeKey"))


@dataclass(frozen=True, slots=True)
class Clerk:
    """Writes a message for each event.

    Attributes:
        key: The project key, for surrogates.
        country: Of telephone numbers without one.
        surrogate: Of a record or an identifier; those of late are remembered, because who
            looks at one page looks at the next.
    """

    key: bytes = field(repr=False)
    country: str = "IT"
    surrogate: Callable[[str, str], str | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keyed, country = keyed_by(self.key), self.country

        def surrogate(kind: str, raw: str) -> str | None:
            named = _KINDS.get(kind)
            value = raw if named is None else normalise(named, raw, country=country)
            return None if value is None else keyed(f"{kind}|{value}")

        object.__setattr__(self, "surrogate", lru_cache(_REMEMBERED)(surrogate))

    def messages(self, sent: Sent, kind: str, about: WriteKey, at: datetime) -> list[Message]:
        """Return a message for each event; a bad one carries the rule that it breaks.

        Args:
            sent: The events.
            kind: Of all of them; empty where each says its own.
            about: The key they came with.
            at: When they came.
        """
        told = {"public": about.public}
        return [self._message(each, sent, kind, about, (at, told)) for each in sent.events]

    def _message(
        self, raw: bytes, sent: Sent, kind: str, about: WriteKey, door: tuple[datetime, _Told]
    ) -> Message:
        at, told = door
        try:
            value, text = _value(raw), raw.decode()
        except Unreadable as error:
            return _held(raw, "unreadable", str(error), about, at)
        except UnicodeDecodeError:
            return _held(raw, "encoding", "is not UTF-8", about, at)
        if not isinstance(value, dict):
            return _held(raw, "not_an_object", "is no JSON object", about, at)
        if len(raw) > LARGEST_EVENT:
            why = f"is larger than {LARGEST_EVENT // 1024} KB"
            return _held(raw, "too_large", why, about, at, name=_id_of(value))
        digest = _digest(value, raw)
        return Message(
            source=about.source,
            message_id=_id_of(value) or f"body:{digest}",
            kind=(kind or _text(value.get("type")) or "")[:64],
            received_at=at,
            body=text,
            digest=digest,
            sent_at=_sent(value) or sent.sent_at,
            about=told,
            who=self._who(value, about),
        )

    def _who(self, value: dict[str, Any], about: WriteKey) -> tuple[str, ...]:
        """Surrogates of whom an event speaks, as intake will make them."""
        asked = [
            (f"record|{about.source}", value.get("userId")),
            (_DEVICE, value.get("anonymousId")),
        ]
        if not about.public:
            asked += _named_in(value)
        found = []
        for kind, raw in asked:
            text = _text(raw)
            if text is not None and (surrogate := self.surrogate(kind, text)) is not None:
                found.append(surrogate)
        return tuple(found)


def _named_in(value: dict[str, Any]) -> list[tuple[str, Any]]:
    """What traits, or else properties, name a person by."""
    both: dict[str, Any] = {}
    for place in ("properties", "traits"):
        told = value.get(place)
        if isinstance(told, dict) and not _NAMED.keys().isdisjoint(told):
            both |= told
    if not both:
        return []
    return [(kind, both[name]) for name, kind in _NAMED.items() if name in both]


def _held(
    raw: bytes, rule: str, why: str, about: WriteKey, at: datetime, *, name: str | None = None
) -> Message:
    """Return an event for quarantine; of a large one the beginning is kept."""
    digest = digest_of(raw)
    return Message(
        source=about.source,
        message_id=name or f"body:{digest}",
        kind="",
        received_at=at,
        body=raw[:_HEAD].decode(errors="replace").replace("\0", "\ufffd"),
        digest=digest,
        rule=rule,
        why=why,
    )


def _sent(value: dict[str, Any]) -> datetime | None:
    return _moment(value["sentAt"]) if "sentAt" in value else None


def _digest(value: dict[str, Any], raw: bytes) -> str:
    """Of what is the same however often the event is sent."""
    same = value
    if not _ENVELOPE.isdisjoint(value):
        same = {name: each for name, each in value.items() if name not in _ENVELOPE}
    try:
        return digest_of(_sorted(same))
    except (OverflowError, ValueError, TypeError):  # a number beyond 64 bits, half of a sign
        return digest_of(raw)


def _value(raw: bytes) -> Any:
    try:
        return _decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Unreadable(f"is no JSON: {error}") from error


def _key_of(raw: bytes) -> str | None:
    try:
        value = _value(raw)
    except Unreadable:
        return None
    return _text(value.get("writeKey")) if isinstance(value, dict) else None


def _id_of(value: dict[str, Any]) -> str | None:
    """The sender's id of an event; None where there is none that can be kept."""
    found = _text(value.get("messageId"))
    return found if found is not None and len(found) <= _LONGEST_ID else None


def _text(value: Any) -> str | None:
    """A text without odd signs, or a number as one; None: neither."""
    if isinstance(value, str):
        text = value.strip()
        return text if text and value.isprintable() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _moment(value: Any) -> datetime | None:
    return moment_of(_text(value))
