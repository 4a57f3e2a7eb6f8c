"""Messages of the inbox as lines of a file, so that they go the way of all files."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from tuttuno.intake.sources.segment import NAME as SEGMENT
from tuttuno.intake.sources.segment_event import DOOR, EVENT
from tuttuno.vault.inbox import Kept

#: Writes one message as one line, without its end.
Line = Callable[[Kept], bytes]

_ODD = re.compile(r"[^0-9A-Za-z._-]+")
_BREAKS = {ord("\n"): " ", ord("\r"): " "}


def line_of(format_: str) -> Line:
    """Return how messages of a source are written; its format is the word of `tuttuno.toml`."""
    return LINES.get(format_, bare_line)


def bare_line(message: Kept) -> bytes:
    """Return the body alone. In JSON a break between lines is a blank like any other."""
    return message.body.translate(_BREAKS).encode()


def event_line(message: Kept) -> bytes:
    """Return an event with what the door knows of it."""
    door = {
        "public": bool(message.about.get("public", True)),
        "message_id": message.message_id,
        "kind": message.kind,
        "received_at": _written(message.received_at),
        "sent_at": _written(message.sent_at),
    }
    return msgspec.json.encode({DOOR: door, EVENT: msgspec.Raw(bare_line(message))})


def file_name(source: str, claim: int) -> str:
    """Return the name under which the messages of a claim are known in ledger and quarantine."""
    return _named("inbox", source, claim)


def held_name(source: str, number: int) -> str:
    """Return the name of messages that come out of quarantine; `number` is that of the first."""
    return _named("held", source, number)


def _named(whence: str, source: str, number: int) -> str:
    return f"{whence}-{_ODD.sub('_', source)}-{number}.jsonl"


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


#: By the format of the source.
LINES: Mapping[str, Line] = {SEGMENT: event_line}
