"""How a reader gets in, stays in and gets out: password, session, throttle, audit.

A session lives in the vault; the browser holds a random id, the vault only its hash. It
ends after half an hour without a click and after twelve hours in any case.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, TuttunoError
from tuttuno.web.permissions import ROLES

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)

#: How long a reader who was just recognised is known without asking the vault again: so long can
#: a session that was closed elsewhere live on. The till looks up many people a second.
MEMORY = timedelta(seconds=1)
_REMEMBERED = 1_000

#: So many wrong passwords in a window close the door for the account, or the address.
TRIES = 5
ADDRESS_TRIES = 25
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A person who may sign in; `password` is an argon2id hash."""

    login: str
    password: str
    role: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One signed-in browser; times are UTC."""

    id_hash: str
    login: str
    csrf: str
    created_at: datetime
    seen_at: datetime


class Accounts(Protocol):
    """Where accounts, sessions, wrong tries and looks are kept."""

    def account(self, login: str) -> AccountRow | None:
        """Return the account, or None."""
        ...

    def open_session(self, row: SessionRow) -> None:
        """Keep a new session."""
        ...

    def session(self, id_hash: str) -> SessionRow | None:
        """Return a session that has not been closed, or None."""
        ...

    def touch_session(self, id_hash: str, at: datetime) -> None:
        """Remember the last click."""
        ...

    def close_session(self, id_hash: str) -> None:
        """Forget a session; nothing happens when there is none."""
        ...

    def count_failures(self, key: str, since: datetime) -> int:
        """Count wrong tries of an account or address since a moment."""
        ...

    def record_failure(self, key: str, at: datetime) -> None:
        """Keep one wrong try."""
        ...

    def forget_failures(self, key: str) -> None:
        """Forget the wrong tries of an account."""
        ...

    def audit(self, *, actor: str, action: str, subject: str, at: datetime) -> None:
        """Append to the audit log."""
        ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is reading, and what that person may do."""

    login: str
    role: str
    permissions: frozenset[str]
    csrf: str
    session: str


class WrongPassword(BadInput):
    """The name or the password is wrong; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong")


class TooManyTries(TuttunoError):
    """The door is closed for a while."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = int(wait.total_seconds() // 60)
        super().__init__("too many wrong passwords", hint=f"try again in {minutes} minutes")


class Door:
    """Lets people in and recognises them again."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        clock: Clock = utc_now,
        hasher: PasswordHasher | None = None,
        token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._token = token
        self._met: dict[str, tuple[datetime, Viewer]] = {}
        # Verified against when there is no such account, so that the time tells nothing.
        self._decoy = self._hasher.hash(token())

    def enter(self, login: str, password: str, *, address: str) -> str:
        """Open a session and return the secret for the browser's cookie.

        Raises:
            TooManyTries: Five wrong passwords for the account in a quarter of an hour, or
                twenty-five from the address. The right password does not help then.
            WrongPassword: No such account, or another password.
        """
        now = self._clock()
        keys = {f"account|{login}": TRIES, f"address|{address}": ADDRESS_TRIES}
        for key, tries in keys.items():
            if self._accounts.count_failures(key, now - WINDOW) >= tries:
                raise TooManyTries(WINDOW)
        account = self._accounts.account(login)
        if not self._matches(account, password):
            for key in keys:
                self._accounts.record_failure(key, now)
            self._accounts.audit(actor=login, action="login.refused", subject=address, at=now)
            raise WrongPassword
        self._accounts.forget_failures(f"account|{login}")
        self._accounts.audit(actor=login, action="login", subject=address, at=now)
        return self._open(login, now)

    def viewer(self, secret: str) -> Viewer | None:
        """Recognise a reader by the cookie; None when the session has ended."""
        found = self._recognised(secret)
        if found is not None:
            if len(self._met) >= _REMEMBERED:
                self._met.clear()
            self._met[found.session] = (self._clock(), found)
        return found

    def remembered(self, secret: str) -> Viewer | None:
        """Return a reader who was recognised a moment ago, without asking the vault."""
        at, viewer = self._met.get(_hash(secret), (None, None))
        return viewer if at is not None and self._clock() - at < MEMORY else None

    def _recognised(self, secret: str) -> Viewer | None:
        row = self._accounts.session(_hash(secret))
        if row is None:
            return None
        now = self._clock()
        if now - row.seen_at >= IDLE or now - row.created_at >= LONGEST:
            self._accounts.close_session(row.id_hash)
            return None
        account = self._accounts.account(row.login)
        if account is None or account.role not in ROLES:
            return None
        if now - row.seen_at >= timedelta(seconds=30):
            self._accounts.touch_session(row.id_hash, now)
        return Viewer(row.login, account.role, ROLES[account.role], row.csrf, row.id_hash)

    def leave(self, viewer: Viewer) -> None:
        """End the session of this browser."""
        self._met.pop(viewer.session, None)
        self._accounts.close_session(viewer.session)
        self._accounts.audit(
            actor=viewer.login, action="logout", subject=viewer.login, at=self._clock()
        )

    def _open(self, login: str, now: datetime) -> str:
        secret = self._token()
        row = SessionRow(_hash(secret), login, self._token(), created_at=now, seen_at=now)
        self._accounts.open_session(row)
        return secret

    def _matches(self, account: AccountRow | None, password: str) -> bool:
        try:
            self._hasher.verify(account.password if account else self._decoy, password)
        except VerificationError:
            return False
        return account is not None


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time; an empty one equals nothing."""
    return bool(left) and hmac.compare_digest(left.encode(), right.encode())


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
