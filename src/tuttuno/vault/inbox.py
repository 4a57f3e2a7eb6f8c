"""The inbox: messages that came through a live door, each kept once for ever.

What `put_messages` has answered is on the disk as soon as its transaction has ended. A message is
known by its source and its id; the same id with another body is kept too, as a row for
quarantine. Bodies stay until a release holds what they say; that they came stays for ever.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import key_table
from tuttuno.vault.checks import Stored, with_checks
from tuttuno.vault.door_hours import Verdict, count_came
from tuttuno.vault.inbox_names import COUNTER, Unfiled, file_all_names
from tuttuno.vault.inbox_who import shelf_of, spoken_of, take_down
from tuttuno.vault.quick import Quick, quick
from tuttuno.vault.tables import INBOX, INBOX_WHO
from tuttuno.vault.tables.columns import stored

#: The rule of a message whose id was used before, for another body.
SAME_ID = "same_id_other_body"

_SEPARATOR = "\x1f"


class Message(msgspec.Struct, frozen=True):
    """One message as a door hands it over.

    Attributes:
        source: The source that the door belongs to.
        message_id: The sender's own id, the same however often it is sent.
        kind: What it is, in the sender's words: `track`, `orders/create`.
        received_at: When it came.
        body: As it came; None for what could never be read: it is counted as rejected, and
            nothing of it is kept.
        digest: Of the part of the body that must be the same on every try, 32 hex digits.
        sent_at: When the sender says to have sent it.
        rule: The rule it breaks, where the door has seen that; it is kept for quarantine.
        why: The same in words.
        about: What else the door knows and its reader needs, e.g. some headers. No secrets.
        who: Surrogates of whom it speaks, so that a card finds it at once.
    """

    source: str
    message_id: str
    kind: str
    received_at: datetime
    body: str | None
    digest: str = ""
    sent_at: datetime | None = None
    rule: str | None = None
    why: str | None = None
    about: Mapping[str, Any] | None = None
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """One message as it waits; `position` rises in the order of arrival."""

    position: int
    source: str
    message_id: str
    kind: str
    received_at: datetime
    body: str
    sent_at: datetime | None = None
    rule: str | None = None
    why: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


#: The key under which a message is known, and the message.
_Keyed = tuple[str, Message]

_Stored = tuple[Stored, ...]

#: What is kept: for vault and lake, or for quarantine.
_KEPT = (Verdict.ACCEPTED, Verdict.QUARANTINED)


def digest_of(body: bytes) -> str:
    """Return what tells one body from another: BLAKE2b, 128 bits, hex."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def put_messages(
    con: Connection, messages: Sequence[Message], unfiled: Unfiled | None = None
) -> list[Verdict]:
    """Keep messages; return what became of each, in their order.

    Whoever else puts waits until this transaction has ended, so a smaller position is always
    visible before a larger one, and of two equal messages one is the duplicate.

    Args:
        con: Inside a transaction.
        messages: What came.
        unfiled: What the process remembers of names, to be told when the transaction has
            `ended`; None: nothing.
    """
    asked = {n: (_key(each), each) for n, each in enumerate(messages) if each.body is not None}
    names = Unfiled() if unfiled is None else unfiled
    with quick(con) as sent:
        first = sent.take(COUNTER, len(messages))
        found = _sorted(con, names, asked)
        clashes = [(n, asked[n][1]) for n, verdict in found.items() if verdict is None]
        again = {n: (_key(each, each.digest), _clash(each)) for n, each in clashes}
        if again:
            found |= _sorted(con, names, again)
        kept_now = {n: one for n, one in {**asked, **again}.items() if found[n] in _KEPT}
        _insert(sent, first, kept_now)
        digests = {key: message.digest for key, message in kept_now.values()}
        names.add(first + len(messages) - 1, digests)
        verdicts = [found.get(n) or Verdict.REJECTED for n in range(len(messages))]
        came = zip(messages, verdicts, strict=True)
        count_came(sent, [(each.source, each.received_at, verdict) for each, verdict in came])
    return verdicts


def tail_of(con: Connection, value_keys: Sequence[str], *, limit: int = 500) -> list[Kept]:
    """Return good messages that speak of somebody and whose body is still here, latest first."""
    latest = sorted({position for _, position in spoken_of(con, value_keys)})[-limit:]
    statement = (
        sa.select(INBOX)
        .where(INBOX.c.rule.is_(None), INBOX.c.position.in_(latest))
        .order_by(INBOX.c.position.desc())
    )
    return [kept(row) for row in con.execute(statement).mappings()]


def forget_messages(
    con: Connection, value_keys: Sequence[str], *, until: datetime | None = None
) -> int:
    """Delete the bodies of messages that speak of somebody; return how many there were.

    Args:
        con: Inside a transaction. The rows are gone from the disk after `Vault.scrub`.
        value_keys: Surrogates of her records and identifiers.
        until: What came later stays, for it is of somebody new; None: all go.
    """
    file_all_names(con)
    positions = list({position for _, position in spoken_of(con, value_keys)})
    numbers = key_table(con, pa.array(positions, pa.int64()))
    hers: sa.ColumnElement[bool] = INBOX.c.position.in_(sa.select(numbers.c.key))
    if until is not None:
        hers &= INBOX.c.received_at <= until
        positions = list(con.execute(sa.select(INBOX.c.position).where(hers)).scalars())
    gone = con.execute(sa.delete(INBOX).where(hers))
    take_down(con, positions)
    return gone.rowcount


def kept(row: sa.RowMapping) -> Kept:
    """Return a row of the inbox as what it is."""
    return Kept(
        position=row["position"],
        source=row["source"],
        message_id=row["message_id"],
        kind=row["kind"],
        received_at=row["received_at"],
        body=row["body"],
        sent_at=row["sent_at"],
        rule=row["rule"],
        why=row["why"],
        about=msgspec.json.decode(row["about"]) if row["about"] else {},
    )


def _key(message: Message, *more: str) -> str:
    named = _SEPARATOR.join((message.source, message.message_id, *more))
    return digest_of(named.encode("utf-8", "surrogatepass"))


def _clash(message: Message) -> Message:
    why = f"the id {message.message_id} came before with another body"
    return msgspec.structs.replace(message, rule=SAME_ID, why=why)


def _sorted(
    con: Connection, names: Unfiled, asked: Mapping[int, _Keyed]
) -> dict[int, Verdict | None]:
    """Say of each message whether it is new; None: its id was used for another body."""
    known = names.known(con, [key for key, _ in asked.values()])
    found: dict[int, Verdict | None] = {}
    for place, (key, message) in asked.items():
        before = known.get(key)
        if before is None:
            known[key] = message.digest
            found[place] = Verdict.QUARANTINED if message.rule else Verdict.ACCEPTED
        else:
            found[place] = Verdict.DUPLICATE if before == message.digest else None
    return found


def _insert(sent: Quick, first: int, fresh: Mapping[int, _Keyed]) -> None:
    who: list[_Stored] = [
        (shelf_of(first + place), value, first + place)
        for place, (_, message) in fresh.items()
        for value in set(message.who)
    ]
    sent.add_many(INBOX, with_checks(_rows(first, fresh)))
    sent.add_many(INBOX_WHO, who)


def _rows(first: int, fresh: Mapping[int, _Keyed]) -> list[_Stored]:
    """The rows of messages as they are stored, in the order of their columns.

    Messages of one request share a moment and what their door knows, so both are written once.
    """
    moments: dict[datetime | None, Stored] = {None: None}
    abouts: dict[int, str | None] = {}
    rows: list[_Stored] = []
    for place, (key, message) in fresh.items():
        received, sent, about = message.received_at, message.sent_at, message.about
        for moment in (received, sent):
            if moment not in moments:
                moments[moment] = stored(INBOX.c.received_at, moment)
        if id(about) not in abouts:
            abouts[id(about)] = msgspec.json.encode(about).decode() if about else None
        rows.append(
            (
                first + place, message.source, message.message_id, message.kind,
                moments[received], moments[sent], message.rule, message.why,
                abouts[id(about)], message.body, key, message.digest,
            )
        )  # fmt: skip
    return rows
