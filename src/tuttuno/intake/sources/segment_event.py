"""One event as it was sent through Segment's tracking API: who, when, and how far to trust it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tuttuno.intake.documents import Document
from tuttuno.intake.nested import at, first, text

#: Keys of the line that the inbox writes around an event.
DOOR, EVENT = "door", "event"

#: A clock counts as wrong between these; less is the way through the network, more is no clock.
_SLACK, _BELIEVED = timedelta(minutes=1), timedelta(days=366)
_FUTURE, _ANCIENT = timedelta(minutes=5), timedelta(days=30)

#: These keep the moment of the first try when they try again: late is not a slow clock.
_KEEPS_SENT_AT = frozenset({"@rudderstack/rudder-sdk-node"})
_WORD = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    Attributes:
        value: As it was sent; numbers as text.
        number: Of its document.
        trusted: False where anybody can have sent it, with the public key of a page.
        key: The id that its sender gave it, else the one under which the door has kept it.
        sort: `track`, `page`, `identify` and so on, where only the door knows it.
        moment: When it happened, the sender's clock put right; None: it did not say so in
            ISO 8601.
        flags: What is odd about its time: `clock` (put right), `future`, `ancient`.
    """

    value: dict[str, Any]
    number: int
    trusted: bool
    moment: datetime | None
    flags: tuple[str, ...] = ()
    key: str | None = None
    sort: str = ""

    @property
    def at(self) -> str | None:
        """The moment as text; what was written where it could not be read."""
        if self.moment is not None:
            return self.moment.isoformat()
        return text(self.value, "timestamp")

    @property
    def kind(self) -> str:
        """`track`, `page`, `identify` and so on."""
        return (text(self.value, "type") or self.sort).lower()

    @property
    def name(self) -> str:
        """The name of a tracked event."""
        return text(self.value, "event") or ""

    @property
    def user(self) -> str | None:
        """The account of the sender's system."""
        return text(self.value, "userId")

    @property
    def device(self) -> str | None:
        """The browser or app installation."""
        return first(text(self.value, "anonymousId"), text(self.value, "context", "device", "id"))

    @property
    def traits(self) -> dict[str, Any]:
        """What `identify` says of her; RudderStack's clients put it into the context."""
        places: list[tuple[str, ...]] = [("traits",)]
        if self.kind == "identify":
            places.append(("context", "traits"))
        found = (at(self.value, *place) for place in places)
        return next((each for each in found if isinstance(each, dict) and each), {})

    def said(self, *names: str) -> str | None:
        """Return the first of some properties that is there."""
        return first(*(text(self.value, "properties", name) for name in names))

    def vouched(self, *names: str) -> str | None:
        """Return a property or trait that names a person; None where nobody vouches for it."""
        if not self.trusted:
            return None
        places = (("properties",), ("traits",), ("context", "traits"))
        return first(*(text(self.value, *place, name) for name in names for place in places))


def event_of(document: Document) -> Event:
    """Read a document: an event, alone or in the line that the inbox has written around it."""
    value = document.value
    door = at(value, DOOR)
    if not isinstance(door, dict) or not isinstance(at(value, EVENT), dict):
        key = text(value, "messageId")
        return Event(value, document.number, trusted=True, moment=_said_at(value), key=key)
    event: dict[str, Any] = value[EVENT]
    moment, flags = _placed(event, moment_of(text(door, "received_at")), _sent(event, door))
    return Event(
        event,
        document.number,
        trusted=text(door, "public") != "true",
        moment=moment,
        flags=flags,
        key=first(text(door, "message_id"), text(event, "messageId")),
        sort=text(door, "kind") or "",
    )


def snake(name: str) -> str:
    """Return the name of an event as our word for a touch.

    >>> snake("Loyalty Card Scanned")
    'loyalty_card_scanned'
    """
    return _WORD.sub("_", name.lower()).strip("_")[:64]


def moment_of(written: str | None) -> datetime | None:
    """Read a moment in ISO 8601, in UTC where no offset says otherwise; None: it is none."""
    try:
        found = datetime.fromisoformat(written) if written else None
        if found is None:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _said_at(event: dict[str, Any]) -> datetime | None:
    names = ("timestamp", "originalTimestamp", "receivedAt")
    return moment_of(first(*(text(event, name) for name in names)))


def _sent(event: dict[str, Any], door: dict[str, Any]) -> datetime | None:
    return moment_of(first(text(event, "sentAt"), text(door, "sent_at")))


def _placed(
    event: dict[str, Any], received: datetime | None, sent: datetime | None
) -> tuple[datetime | None, tuple[str, ...]]:
    """Put the moment of an event right by the difference of two clocks, and say what is odd."""
    written = first(text(event, "timestamp"), text(event, "originalTimestamp"))
    told = moment_of(written)
    if told is None or received is None:
        return (received if written is None else None), ()
    slow = received - sent if sent is not None else timedelta()
    late_try = slow > _SLACK and text(event, "context", "library", "name") in _KEEPS_SENT_AT
    flags = []
    if _SLACK < abs(slow) < _BELIEVED and not late_try:
        told = _shifted(told, timedelta(minutes=round(slow / timedelta(minutes=1))))
        flags.append("clock")
    if told - received > _FUTURE:
        flags.append("future")
    if received - told > _ANCIENT:
        flags.append("ancient")
    return told, tuple(flags)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """Move a moment; whole minutes, so that another try is moved by the same."""
    try:
        return moment + by
    except OverflowError:
        return moment
