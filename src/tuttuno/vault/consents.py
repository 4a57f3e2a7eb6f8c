"""Consents: what persons decided about the use of their data, every decision kept."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import look_up, put_rows, read_rows
from tuttuno.vault.tables import CONSENT

_STATE = CONSENT.c["record_key", "purpose", "channel", "at", "content", "updated_at"]


@dataclass(frozen=True, slots=True)
class Consent:
    """One decision.

    Attributes:
        channel: `any` where the source named none.
        evidence: Where the proof is; personal.
    """

    record_key: str
    purpose: str
    channel: str
    at: datetime
    granted: bool
    controller: str | None
    notice_version: str | None
    method: str | None
    evidence: str | None


def record_consents(con: Connection, rows: pa.Table) -> None:
    """Keep decisions; one of the same grain (record, purpose, channel, at) is replaced.

    Args:
        con: Inside a transaction.
        rows: `record_key`, `purpose`, `channel` (`any`, never null), `at`, `granted`,
            `content`, `batch`, and any of `controller`, `notice_version`, `method`,
            `evidence`, `updated_at`.
    """
    put_rows(con, CONSENT, rows)


def consent_states(con: Connection, record_keys: pa.Array | None) -> pa.Table:
    """Return grain, `content` and `updated_at` of what some records, or all, decided."""
    if record_keys is None:
        return read_rows(con, sa.select(*_STATE))
    return look_up(con, record_keys, CONSENT.c.record_key, *_STATE).drop_columns("position")


def consents_of(con: Connection, record_keys: pa.Array) -> list[Consent]:
    """Return what these records decided, oldest first."""
    names = Consent.__dataclass_fields__
    wanted = CONSENT.c.record_key.in_(record_keys.to_pylist())
    rows = con.execute(
        sa.select(*(CONSENT.c[name] for name in names)).where(wanted).order_by(CONSENT.c.at)
    )
    return [Consent(**row) for row in rows.mappings()]


def read_consents(con: Connection) -> pa.Table:
    """Return every decision: grain, `granted`, `controller`, `notice_version`, `method`."""
    names = ("record_key", "purpose", "channel", "at", "granted")
    return read_rows(con, sa.select(*CONSENT.c[(*names, "controller", "notice_version", "method")]))
