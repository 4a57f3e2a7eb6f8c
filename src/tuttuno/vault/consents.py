"""Consents: what persons decided about the use of their data, every decision kept."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import look_up, one_array, put_rows, read_rows
from tuttuno.vault.records import touch_records
from tuttuno.vault.tables import CONSENT, RECORD
from tuttuno.vocab import Purpose

_STATE = CONSENT.c["record_key", "purpose", "channel", "at", "content", "updated_at"]
_SAID = CONSENT.join(RECORD, RECORD.c.record_key == CONSENT.c.record_key)


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

    A record whose person speaks of profiling is filed as changed: it may tie less, or more.

    Args:
        con: Inside a transaction.
        rows: `record_key`, `purpose`, `channel` (`any`, never null), `at`, `granted`,
            `content`, `batch`, and any of `controller`, `notice_version`, `method`,
            `evidence`, `updated_at`.
    """
    put_rows(con, CONSENT, rows)
    profiled = rows.filter(pc.equal(rows["purpose"], Purpose.PROFILING.value))
    if profiled.num_rows:
        keys = one_array(profiled["record_key"]).unique()
        found = look_up(con, keys, RECORD.c.record_key, RECORD.c.record_no)
        touch_records(con, one_array(found["record_no"]))


def refusing(con: Connection, record_nos: pa.Array | None = None) -> pa.Array:
    """Return the numbers of the records whose last word on profiling is a refusal.

    Where several words have one moment, a refusal counts.

    Args:
        con: Inside a transaction.
        record_nos: Only of these records; None: of all.
    """
    wanted = (RECORD.c.record_no, CONSENT.c.purpose, CONSENT.c.at, CONSENT.c.granted)
    if record_nos is None:
        asked = sa.select(*wanted).select_from(_SAID)
        rows = read_rows(con, asked.where(CONSENT.c.purpose == Purpose.PROFILING.value))
    else:
        rows = look_up(con, record_nos, RECORD.c.record_no, *wanted, through=_SAID)
    rows = rows.filter(pc.equal(rows["purpose"], Purpose.PROFILING.value))
    order = [("record_no", "ascending"), ("at", "ascending"), ("granted", "descending")]
    rows = rows.sort_by(order)
    number = rows["record_no"].to_numpy()
    last = np.ones(len(number), dtype=np.bool_)
    last[:-1] = number[1:] != number[:-1]
    said = rows.filter(pa.array(last))
    return one_array(said.filter(pc.invert(said["granted"]))["record_no"])


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
