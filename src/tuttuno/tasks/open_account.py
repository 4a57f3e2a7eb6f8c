"""Open an account: who may sign in to the pages, with a password nobody chose."""

import secrets

from argon2 import PasswordHasher

from tuttuno.clock import Clock, utc_now
from tuttuno.vault import accounts
from tuttuno.vault.vault import Vault

#: Words are drawn from these, so that a password can be read aloud.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _SIZE = 4, 5


def open_account(login: str, role: str, *, vault: Vault, clock: Clock = utc_now) -> str:
    """Make an account, or give an existing one a new password; return the password.

    It is shown once: the vault keeps only its argon2id hash. Signed-in browsers of the
    account are signed out.
    """
    password = "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_SIZE)) for _ in range(_GROUPS)
    )
    with vault.begin() as con:
        accounts.put_account(
            con,
            accounts.Account(
                login=login, password=PasswordHasher().hash(password), role=role, created_at=clock()
            ),
        )
        accounts.close_sessions_of(con, login)
    return password
