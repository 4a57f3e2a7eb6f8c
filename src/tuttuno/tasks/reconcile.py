"""Reconcile: tell everybody apart anew, and say what had drifted from that."""

from dataclasses import dataclass

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.resolve import resolve
from tuttuno.progress import Progress, silent
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a run changed.

    Attributes:
        run: Its number.
        records, persons: Looked at.
        moved: Records that came to another person.
        created, merged, split: Ids that were made, became aliases, or were split off.
        full: True where everything was looked at.
    """

    run: int
    records: int
    persons: int
    moved: int
    created: int
    merged: int
    split: int
    full: bool


def reconcile(
    vault: Vault,
    *,
    settings: IdentitySettings,
    full: bool = True,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> Reconciled:
    """Bring the persons up to date without a build, and report what changed.

    After records were settled one at a time a full look changes nothing; where it does,
    records had arrived that nobody has looked at yet, or likeness weighs otherwise by now.

    Args:
        vault: Where the records are.
        settings: Those of builds.
        full: False to look only at what arrived since the last run.
        clock: When.
        progress: How far it is.
    """
    run = resolve(vault, settings=settings, full=full, clock=clock, progress=progress)
    found = run.metrics
    return Reconciled(
        run=run.run_no,
        records=run.records,
        persons=run.persons,
        moved=found["moved"],
        created=found["created"],
        merged=found["merged"],
        split=found["split"],
        full=found["full"],
    )
