"""Brings a vault to the schema of this program, one numbered step after the other."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from tuttuno.vault import sqlite
from tuttuno.vault.vault import HEAD, Vault, WrongVersion, translated, version

_STEPS = Path(__file__).parent / "migrations"


def migrate(vault: Vault) -> None:
    """Make a new vault, or bring an old one up to date; a current one is left alone.

    All steps are one transaction: a run that is killed has changed nothing.

    Raises:
        WrongVersion: The vault was made by a newer program.
        Unavailable: The database did not answer.
    """
    if vault.path:
        sqlite.make_file(vault.path)
    with translated(), vault.engine.begin() as con:
        found = version(con)
        if found is not None and found > HEAD:
            raise WrongVersion(found, HEAD)
        settings = Config(attributes={"connection": con})
        settings.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
        command.upgrade(settings, HEAD)
    vault.fits.set()
