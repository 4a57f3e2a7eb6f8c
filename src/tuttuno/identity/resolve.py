"""One identity run: look at the records, tell the persons apart, keep the outcome in one step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.gather import Weigher, weights_that_fit
from tuttuno.identity.likeness.look import of_all
from tuttuno.identity.outcome import Filed, metrics_of, write
from tuttuno.identity.profile import Rules
from tuttuno.identity.reading import Reading, read_all
from tuttuno.identity.registry import IdentitySettings
from tuttuno.progress import Progress, silent
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.vault import persons, runs
from tuttuno.vault.counters import change_number
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection, Vault

_STEPS = 3


@dataclass(frozen=True, slots=True)
class IdentityRun:
    """The receipt of a run.

    Attributes:
        run_no: Its number, larger than every one before.
        records: Records looked at.
        persons: Persons that those records are.
        changed_records: `record_key` of the records that came to another person; None after
            a full run, where it may be all of them.
        metrics: What was found, by name; kept with the run.
    """

    run_no: int
    records: int
    persons: int
    changed_records: pa.Array | None
    metrics: Mapping[str, Any]


def resolve(
    vault: Vault,
    *,
    settings: IdentitySettings,
    full: bool = False,
    clock: Clock = utc_now,
    progress: Progress = silent,
    weigher: Weigher = of_all,
) -> IdentityRun:
    """Bring the persons up to date with the records and with what stewards decided.

    Looks only at what changes since the last run can touch, unless `full` or unless the
    settings have changed; the outcome is the same. Everything is read from one state of the
    vault; what arrives meanwhile is left for the next run. Where a record or a decision was
    settled meanwhile, the run reads once more, and keeps others waiting while it does. The
    outcome is written in one transaction: a run that is killed leaves the persons as they were.

    Args:
        vault: With the records.
        settings: What values may do.
        full: Look at everything.
        clock: Tells when.
        progress: Is told how far it is.
        weigher: Who weighs pairs that share no value where everything is looked at.

    Raises:
        Unavailable: The vault did not answer; safe to run again.
    """
    progress("identity", 0, _STEPS)
    with vault.read() as con:
        reading = read_all(con, settings, full=full, weigher=weigher)
    progress("identity", 1, _STEPS)
    metrics = metrics_of(reading)
    progress("identity", 2, _STEPS)
    with vault.begin() as con:
        if _overtaken(con, reading):
            reading = read_all(con, settings, full=full, weigher=weigher)
            metrics = metrics_of(reading)
        filed = Filed(settings.config_hash, reading.change, metrics, clock())
        run_no = write(con, reading, Rules.of(settings), filed)
    progress("identity", _STEPS, _STEPS)
    moved = None if reading.full else _keys(vault, reading)
    return IdentityRun(run_no, metrics["records"], metrics["persons"], moved, metrics)


def outgrown(vault: Vault, settings: IdentitySettings) -> bool:
    """True where likeness is weighed by what far fewer records told than there are by now.

    Then everything should be looked at, and the weights estimated, once more.
    """
    if not settings.likeness.on:
        return False
    with vault.read() as con:
        return weights_that_fit(con) is None


def person_of_record(vault: Vault) -> pa.Table:
    """Return the person of every record, as `schema.mart.PERSON_OF_RECORD`."""
    with vault.read() as con:
        found = persons.current_membership(con)
    return found.select(PERSON_OF_RECORD.arrow.names).cast(PERSON_OF_RECORD.arrow)


def changed_since(vault: Vault, run_no: int) -> pa.Array:
    """Return the `record_key` of every record that came to another person after a run."""
    with vault.read() as con:
        return persons.moved_since(con, run_no)


def _overtaken(con: Connection, reading: Reading) -> bool:
    """True where somebody has written persons since they were read; nobody does from here on."""
    change_number(con)
    last = runs.last_run(con)
    return (None if last is None else last.run_no) != reading.last


def _keys(vault: Vault, reading: Reading) -> pa.Array:
    numbers = pa.array(reading.record_no[reading.moved])
    with vault.read() as con:
        rows = read_records(con, ("record_key",), record_nos=numbers)
    return rows["record_key"].combine_chunks()
