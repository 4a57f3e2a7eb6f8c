"""Settling a change at once: whoever it touches is told apart anew, in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from tuttuno.identity.outcome import Filed, write
from tuttuno.identity.profile import Rules
from tuttuno.identity.reading import changed_since, read_around
from tuttuno.identity.registry import IdentitySettings
from tuttuno.vault import runs
from tuttuno.vault.counters import change_number
from tuttuno.vault.vault import Connection


@dataclass(frozen=True, slots=True)
class Settled:
    """The receipt of a change.

    Attributes:
        run_no: The run it was filed under.
        records: Records looked at.
        moved: Records that came to another person.
    """

    run_no: int
    records: int
    moved: int


def settle(
    con: Connection, *, settings: IdentitySettings, at: datetime, because: str | None = None
) -> Settled:
    """Bring the persons up to date with what this transaction has changed.

    Records that were added, replaced or untied, whoever was tied to them, and records of
    which was decided are told apart by the function that tells all apart; nobody else is
    looked at. The next build looks at them again and finds the same.

    Args:
        con: A transaction that has changed something and is not over.
        settings: Those of the last build; what a change of settings means is for a build.
        at: When.
        because: What is told in the history of the persons; None: what a build would tell.
    """
    change = change_number(con)  # before anything is read: nobody else writes from here on
    last = runs.last_run(con)
    reading = read_around(con, settings, changed_since(con, change - 1))
    found = {"records": len(reading.record_no), "moved": int(reading.moved.sum())}
    filed = Filed(
        config_hash="" if last is None else last.config_hash,
        change=0 if last is None else last.change,
        metrics=found,
        at=at,
        because=because,
    )
    return Settled(write(con, reading, Rules.of(settings), filed), **found)
