"""Accounts, sessions and wrong tries as the vault keeps them."""

from datetime import datetime

from tuttuno.vault import accounts, audit
from tuttuno.vault.vault import Vault
from tuttuno.web.door import AccountRow, SessionRow


class Keyring:
    """`Accounts` over the vault; each change is a transaction of its own."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def account(self, login: str) -> AccountRow | None:
        """Return the account, or None."""
        with self._vault.read() as con:
            found = accounts.account(con, login)
        return None if found is None else AccountRow(found.login, found.password, found.role)

    def open_session(self, row: SessionRow) -> None:
        """Keep a new session."""
        with self._vault.begin() as con:
            accounts.open_session(
                con,
                accounts.Session(
                    id_hash=row.id_hash,
                    login=row.login,
                    csrf=row.csrf,
                    created_at=row.created_at,
                    seen_at=row.seen_at,
                ),
            )

    def session(self, id_hash: str) -> SessionRow | None:
        """Return a session that has not been closed, or None."""
        with self._vault.read() as con:
            found = accounts.session(con, id_hash)
        if found is None:
            return None
        return SessionRow(found.id_hash, found.login, found.csrf, found.created_at, found.seen_at)

    def touch_session(self, id_hash: str, at: datetime) -> None:
        """Remember the last click."""
        with self._vault.begin() as con:
            accounts.touch_session(con, id_hash, at)

    def close_session(self, id_hash: str) -> None:
        """Forget a session; nothing happens when there is none."""
        with self._vault.begin() as con:
            accounts.close_session(con, id_hash)

    def count_failures(self, key: str, since: datetime) -> int:
        """Count wrong tries of an account or address since a moment."""
        with self._vault.read() as con:
            return accounts.count_failures(con, key, since)

    def record_failure(self, key: str, at: datetime) -> None:
        """Keep one wrong try."""
        with self._vault.begin() as con:
            accounts.record_failure(con, key, at)

    def forget_failures(self, key: str) -> None:
        """Forget the wrong tries of an account."""
        with self._vault.begin() as con:
            accounts.forget_failures(con, key)

    def audit(self, *, actor: str, action: str, subject: str, at: datetime) -> None:
        """Append to the audit log."""
        with self._vault.begin() as con:
            audit.append(con, actor=actor, action=action, subject=subject, at=at)
