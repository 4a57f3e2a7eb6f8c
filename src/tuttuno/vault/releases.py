"""Releases: consistent pictures, of which readers always see exactly one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import BadInput, NotFound
from tuttuno.vault.counters import take
from tuttuno.vault.quick import quick
from tuttuno.vault.rows import add_row, change_row, find_row
from tuttuno.vault.tables import ANSWER, CURRENT_RELEASE, RELEASE

#: Put together once: every page asks for the one, every look-up for the other.
_SHOWN = sa.select(RELEASE).join(CURRENT_RELEASE, CURRENT_RELEASE.c.number == RELEASE.c.number)
_SHOWN_NUMBER = sa.select(CURRENT_RELEASE.c.number)


class ReleaseStatus(StrEnum):
    """How far a release has come."""

    BUILDING = "building"
    PUBLISHED = "published"
    FAILED = "failed"
    RETIRED = "retired"  # its files are gone; nobody can go back to it


@dataclass(frozen=True, slots=True)
class Release:
    """One consistent picture.

    Attributes:
        tables: Table name -> version of the lake.
        identity_run: The run whose memberships it shows; None before the first.
        metrics: Numbers about the build itself.
    """

    number: int
    status: ReleaseStatus
    at: datetime
    tables: Mapping[str, int]
    identity_run: int | None
    config_hash: str
    engine: str
    metrics: Mapping[str, Any]


class NotServable(BadInput):
    """The release was never published, or its files are gone."""

    def __init__(self, number: int, status: ReleaseStatus) -> None:
        self.number = number
        self.status = status
        super().__init__(
            f"release {number} is {status}, so it cannot be shown",
            hint="choose a published one from `tuttuno releases`",
        )


def open_release(con: Connection, *, config_hash: str, engine: str, at: datetime) -> int:
    """Announce a build; return the number of the release it will become."""
    number = take(con, "release")
    row = {"number": number, "status": ReleaseStatus.BUILDING, "at": at, "tables": {}}
    add_row(con, RELEASE, {**row, "config_hash": config_hash, "engine": engine, "metrics": {}})
    return number


def publish(
    con: Connection,
    number: int,
    *,
    tables: Mapping[str, int],
    identity_run: int | None,
    metrics: Mapping[str, Any],
    at: datetime,
) -> None:
    """Finish a release and show it to every reader from the end of this transaction on.

    Raises:
        NotFound: No release has this number.
    """
    changes = {
        "status": ReleaseStatus.PUBLISHED,
        "at": at,
        "tables": dict(tables),
        "identity_run": identity_run,
        "metrics": dict(metrics),
    }
    _change(con, number, changes)
    point_to(con, number)


def fail(con: Connection, number: int, *, metrics: Mapping[str, Any], at: datetime) -> None:
    """Mark a build as failed; readers keep what they see.

    Raises:
        NotFound: No release has this number.
    """
    _change(con, number, {"status": ReleaseStatus.FAILED, "metrics": dict(metrics), "at": at})


def retire(con: Connection, number: int) -> None:
    """Mark a release whose files will be removed, with its answers.

    Raises:
        BadInput: It is the one that readers see.
        NotFound: No release has this number.
    """
    shown = current(con)
    if shown and shown.number == number:
        raise BadInput(f"release {number} is the one being shown", hint="publish another one first")
    _change(con, number, {"status": ReleaseStatus.RETIRED})
    con.execute(sa.delete(ANSWER).where(ANSWER.c.release == number))


def point_to(con: Connection, number: int) -> Release:
    """Show another release, earlier or later, from the end of this transaction on.

    Raises:
        NotFound: No release has this number.
        NotServable: It was never published, or its files are gone.
    """
    chosen = release_of(con, number)
    if chosen.status is not ReleaseStatus.PUBLISHED:
        raise NotServable(number, chosen.status)
    if not change_row(con, CURRENT_RELEASE, {"one": 1}, {"number": number}):
        add_row(con, CURRENT_RELEASE, {"one": 1, "number": number})
    return chosen


def current(con: Connection) -> Release | None:
    """Return the release that readers see; None before the first build."""
    row = con.execute(_SHOWN).mappings().one_or_none()
    return None if row is None else _release(row)


def shown_number(con: Connection) -> int | None:
    """Return the number of the release that readers see; None before the first build."""
    with quick(con) as sent:
        row = sent.row(_SHOWN_NUMBER)
    return None if row is None else int(row[0])


def release_of(con: Connection, number: int) -> Release:
    """Return one release.

    Raises:
        NotFound: No release has this number.
    """
    row = find_row(con, RELEASE, {"number": number})
    if row is None:
        raise _no_such(number)
    return _release(row)


def releases(con: Connection, *, limit: int = 50, before: int | None = None) -> list[Release]:
    """Return releases, latest first; `before` is the last number of the page before."""
    statement = sa.select(RELEASE).order_by(RELEASE.c.number.desc()).limit(limit)
    if before is not None:
        statement = statement.where(RELEASE.c.number < before)
    return [_release(row) for row in con.execute(statement).mappings()]


def save_answer(con: Connection, release: int, key: str, payload: str) -> None:
    """Keep an answer of a release; an earlier one under the same key is replaced."""
    place = {"release": release, "key": key}
    if not change_row(con, ANSWER, place, {"payload": payload}):
        add_row(con, ANSWER, {**place, "payload": payload})


def load_answer(con: Connection, release: int, key: str) -> str | None:
    """Return an answer already worked out, or None."""
    row = find_row(con, ANSWER, {"release": release, "key": key})
    return None if row is None else row["payload"]


def _change(con: Connection, number: int, changes: Mapping[str, Any]) -> None:
    if not change_row(con, RELEASE, {"number": number}, changes):
        raise _no_such(number)


def _no_such(number: int) -> NotFound:
    return NotFound(f"there is no release {number}", hint="see `tuttuno releases`")


def _release(row: sa.RowMapping) -> Release:
    values = {name: row[name] for name in Release.__dataclass_fields__}
    return Release(**{**values, "status": ReleaseStatus(row["status"])})
