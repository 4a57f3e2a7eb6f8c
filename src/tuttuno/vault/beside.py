"""Where the inbox lies: in the server's vault, or in a file of its own beside the vault's file.

SQLite has one writer at a time, and whoever takes in a large file writes for seconds; a shop that
waits for an answer must not wait for him. The file has the same tables as the vault.
"""

from pathlib import Path

from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import HEAD, Vault, open_vault, version

#: Seconds that a door waits for another writer of the inbox.
_PATIENCE = 5.0


def open_inbox(vault: Vault) -> Vault:
    """Open the inbox of a vault, and make it when there is none yet; close it when done.

    Raises:
        WrongVersion: It was made by a newer program.
        Unavailable: The database did not answer.
    """
    if vault.path is None:
        return vault
    path = inbox_path(vault.path)
    inbox = open_vault(f"sqlite:///{path.absolute()}", patience=_PATIENCE)
    if not path.is_file() or _behind(inbox):
        migrate(inbox)
    return inbox


def inbox_path(vault: Path) -> Path:
    """Return the file of the inbox beside that of a vault."""
    return vault.with_name("inbox.sqlite")


def _behind(inbox: Vault) -> bool:
    with inbox.engine.connect() as con:
        return version(con) != HEAD
