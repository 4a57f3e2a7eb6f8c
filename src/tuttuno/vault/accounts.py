"""Accounts, open sessions and wrong tries as rows; the rules of the door are the web's."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.counters import take
from tuttuno.vault.rows import add_row, change_row, find_row
from tuttuno.vault.tables import ACCOUNT, LOGIN_FAILURE, SESSION


@dataclass(frozen=True, slots=True)
class Account:
    """One person who works with the platform.

    Attributes:
        password: Its argon2id text, never the password itself.
    """

    login: str
    password: str
    role: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser.

    Attributes:
        id_hash: SHA-256 of the cookie, hex; the cookie itself is not kept.
        csrf: The token that its forms must carry.
    """

    id_hash: str
    login: str
    csrf: str
    created_at: datetime
    seen_at: datetime


def account(con: Connection, login: str) -> Account | None:
    """Return one account, or None."""
    row = find_row(con, ACCOUNT, {"login": login})
    return None if row is None else _account(row)


def accounts(con: Connection) -> list[Account]:
    """Return all accounts, by login."""
    rows = con.execute(sa.select(ACCOUNT).order_by(ACCOUNT.c.login))
    return [_account(row) for row in rows.mappings()]


def put_account(con: Connection, account: Account) -> None:
    """Make an account; an existing one keeps its day of birth and gets the rest."""
    values = asdict(account)
    changes = {name: values[name] for name in ("password", "role")}
    if not change_row(con, ACCOUNT, {"login": account.login}, changes):
        add_row(con, ACCOUNT, values)


def drop_account(con: Connection, login: str) -> bool:
    """Delete an account with its sessions; False when there is none. The audit log stays."""
    close_sessions_of(con, login)
    return con.execute(sa.delete(ACCOUNT).where(ACCOUNT.c.login == login)).rowcount > 0


def open_session(con: Connection, session: Session) -> None:
    """Keep a new session."""
    con.execute(sa.insert(SESSION).values(asdict(session)))


def session(con: Connection, id_hash: str) -> Session | None:
    """Return a session that has not been closed, or None."""
    row = find_row(con, SESSION, {"id_hash": id_hash})
    return None if row is None else Session(**row)


def touch_session(con: Connection, id_hash: str, at: datetime) -> None:
    """Remember the last click."""
    con.execute(sa.update(SESSION).where(SESSION.c.id_hash == id_hash).values(seen_at=at))


def close_session(con: Connection, id_hash: str) -> None:
    """Forget a session; nothing happens when there is none."""
    con.execute(sa.delete(SESSION).where(SESSION.c.id_hash == id_hash))


def close_sessions_of(con: Connection, login: str) -> int:
    """Forget all sessions of an account; return how many there were."""
    return con.execute(sa.delete(SESSION).where(SESSION.c.login == login)).rowcount


def forget_sessions(con: Connection, before: datetime) -> int:
    """Forget sessions that were last used before a moment; return how many."""
    return con.execute(sa.delete(SESSION).where(SESSION.c.seen_at < before)).rowcount


def record_failure(con: Connection, key: str, at: datetime) -> None:
    """Keep one wrong try of an account or an address."""
    number = take(con, "failure")
    con.execute(sa.insert(LOGIN_FAILURE).values(failure_no=number, key=key, at=at))


def count_failures(con: Connection, key: str, since: datetime) -> int:
    """Count the wrong tries at or after a moment."""
    counted = sa.select(sa.func.count()).select_from(LOGIN_FAILURE)
    tries = counted.where(LOGIN_FAILURE.c.key == key, LOGIN_FAILURE.c.at >= since)
    return con.scalar(tries) or 0


def forget_failures(con: Connection, key: str) -> None:
    """Forget the wrong tries of an account or an address."""
    con.execute(sa.delete(LOGIN_FAILURE).where(LOGIN_FAILURE.c.key == key))


def _account(row: sa.RowMapping) -> Account:
    return Account(**{name: row[name] for name in Account.__dataclass_fields__})
