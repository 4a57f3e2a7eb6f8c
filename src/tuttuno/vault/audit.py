"""The audit log: who looked at or changed what; chained, so that no line can be taken out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.chains import Seal, linked, seal_of
from tuttuno.vault.checks import stored_row
from tuttuno.vault.counters import take
from tuttuno.vault.quick import quick
from tuttuno.vault.tables import AUDIT
from tuttuno.vault.tables.columns import stored

#: One line to be written: actor, action, subject.
Look = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One look or change.

    Attributes:
        actor: The login, or the name of the program's own job.
        action: `noun.verb`, e.g. `person.reveal`.
        subject: Its number or surrogate; never a name, e-mail or phone.
        detail: Further facts, under the same rule; None: none.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] | None


def append(
    con: Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> Seal:
    """Write one line, in the transaction of what it tells; return the new end of the log."""
    take(con, "audit")  # nobody else may continue the chain meanwhile
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
    entry = stored_row(AUDIT, values)[1:-2]
    ((seq, previous, own),) = linked(seal_of(con, AUDIT), [entry])
    con.execute(sa.insert(AUDIT).values({**values, "seq": seq, "prev_hash": previous, "hash": own}))
    return Seal(seq, own)


def append_together(con: Connection, looks: Sequence[Look], *, at: datetime) -> None:
    """Write many lines at once, in their order, in the transaction of what they tell."""
    take(con, "audit")  # nobody else may continue the chain meanwhile
    moment = stored(AUDIT.c.at, at)
    told = [(moment, actor, action, subject, None) for actor, action, subject in looks]
    links = linked(seal_of(con, AUDIT), told)
    with quick(con) as sent:
        rows = [(link[0], *line, *link[1:]) for line, link in zip(told, links, strict=True)]
        sent.add_many(AUDIT, rows)


def seal(con: Connection) -> Seal:
    """Return the end of the log. Copied to where the vault's owner cannot write, it is proof."""
    return seal_of(con, AUDIT)


def entries(
    con: Connection,
    *,
    subject: str | None = None,
    actor: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[AuditEntry]:
    """Return lines, latest first: all, or who saw one subject, or what one actor did."""
    wanted = {AUDIT.c.subject: subject, AUDIT.c.actor: actor}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if before is not None:
        conditions.append(AUDIT.c.seq < before)
    columns = [AUDIT.c[name] for name in AuditEntry.__dataclass_fields__]
    lines = sa.select(*columns).where(*conditions).order_by(AUDIT.c.seq.desc()).limit(limit)
    return [AuditEntry(**row) for row in con.execute(lines).mappings()]
