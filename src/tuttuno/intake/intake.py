"""What intake works with: where records are kept, what computes, and the project's own place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.intake.settings import IntakeSettings
from tuttuno.intake.tracking.plan import TrackingPlan
from tuttuno.lake.store import Lake
from tuttuno.vault.vault import Vault


def _nothing() -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The doors that intake goes through.

    Attributes:
        vault: Who.
        lake: What.
        engine: Reads files and judges rows; its memory bounds that of an ingest.
        key: The project key, under which surrogates are made.
        scratch: A folder for files of one run; what is left there is personal, and may be
            removed whenever nothing runs.
        settings: What a file means when it does not say.
        plan: What events are checked against while they are taken in; an empty
            one checks nothing.
        rests: Told when the engine has done its part of a table, but for what the vault asks
            of it: it may go on with the next one.
    """

    vault: Vault
    lake: Lake
    engine: DuckDBEngine
    key: bytes = field(repr=False)
    scratch: Path
    settings: IntakeSettings = field(default_factory=IntakeSettings)
    plan: TrackingPlan = field(default_factory=TrackingPlan)
    rests: Callable[[], object] = _nothing
