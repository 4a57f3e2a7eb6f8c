"""Identity in bulk, and one record at a time at a large base: written, settled and on the disk.

    python -m benchmarks.settle DIR --people 400000

Half of the records are of people whom the vault knows, nearly all under an e-mail, phone or
card of theirs; half are of new ones. All tell name, birth date and address, with mistakes, so
each is held against those who look like it. Each is one transaction, commit included. Four
hundred thousand people make a base of a million records.
"""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa

from benchmarks.customers import Row, coming, records
from benchmarks.machine import peak_mb, save
from benchmarks.task import Task, task
from benchmarks.timing import percentiles
from tuttuno.cli.main import MORE_THINGS
from tuttuno.clock import utc_now
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.resolve import resolve
from tuttuno.identity.settle import arrive
from tuttuno.schema.keyed import record_key, value_key
from tuttuno.vault.arriving import Arrival, Said
from tuttuno.vault.identifiers import add_identifiers
from tuttuno.vault.migration import migrate
from tuttuno.vault.records import insert_records
from tuttuno.vault.vault import Connection, Vault, open_vault
from tuttuno.vocab import IdentifierType

KEY = b"bench"
SETTINGS = IdentitySettings()

#: Records that are settled one by one, and in batches.
SINGLE, BATCHED, BATCH = 10_000, 10_000, 100

#: People that the vault is filled with at a time.
LOADED = 25_000

#: What a record says beside its identifiers, and which of them it is known by.
_SAID = (
    "given_name",
    "family_name",
    "gender",
    "email",
    "phone",
    "address",
    "postal_code",
    "city",
)
_BY = ("email", "phone", "loyalty_card")

_RECORD = pa.schema(
    [
        ("record_key", pa.string()), ("source", pa.string()), ("record_id", pa.string()),
        ("content", pa.string()), ("batch", pa.int64()), ("birth_date", pa.date32()),
        *((name, pa.string()) for name in _SAID),
    ]
)  # fmt: skip
_VALUE = pa.schema(
    [
        ("record_key", pa.string()), ("type", pa.string()), ("value", pa.string()),
        ("value_key", pa.string()), ("batch", pa.int64()),
    ]
)  # fmt: skip


def measured(work: Task) -> dict[str, Any]:
    """Make a vault of that many people, then settle records one by one and in batches."""
    vault = _vault(work)
    bulk = _in_bulk(vault)
    vault.close()
    # whoever settles what comes is not the process that has just told everybody apart
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        coming_in = apart.submit(_one_by_one, work).result()
    vault = _open(work)
    drift = resolve(vault, settings=SETTINGS, full=True).metrics["moved"]
    vault.close()
    return {
        "people": work.people,
        "seed": work.seed,
        "bulk": bulk,
        "whole_records": True,
        **coming_in,
        "moved_by_reconcile": drift,
    }


def _one_by_one(work: Task) -> dict[str, Any]:
    """Settle records in a transaction each, then a hundred to a transaction."""
    gc.set_threshold(MORE_THINGS)  # as every command does
    vault = _open(work)
    draw = Random(work.seed)  # noqa: S311 - which customer comes next
    fresh = coming(draw, work.seed, work.people)
    single = [_settled(vault, [next(fresh)]) for _ in range(SINGLE)]
    started = perf_counter()
    for _ in range(BATCHED // BATCH):
        _settled(vault, [next(fresh) for _ in range(BATCH)])
    batched = perf_counter() - started
    vault.close()
    return {
        "one": percentiles([wall for wall, _ in single]),
        "one_processor": percentiles([cpu for _, cpu in single]),
        "batched_per_second": round(BATCHED / batched, 1),
        "batch": BATCH,
    }


def _in_bulk(vault: Vault) -> dict[str, Any]:
    """Tell everybody in the vault apart for the first time."""
    started, before = perf_counter(), process_time()
    run = resolve(vault, settings=SETTINGS)
    return {
        "records": run.metrics["records"],
        "persons": run.metrics["persons"],
        "seconds": round(perf_counter() - started, 1),
        "cpu_seconds": round(process_time() - before, 1),
        "peak_mb": peak_mb(),
    }


def _settled(vault: Vault, rows: Sequence[Row]) -> tuple[float, float]:
    """Write and settle some records; return the seconds on the wall and of the processor."""
    arrivals = [_arrival(row) for row in rows]
    started, before = perf_counter(), process_time()
    with vault.begin() as con:
        arrive(con, arrivals, settings=SETTINGS, at=utc_now())
    return perf_counter() - started, process_time() - before


def _put(con: Connection, rows: Sequence[Row]) -> None:
    insert_records(con, pa.Table.from_pylist([_record(row) for row in rows], schema=_RECORD))
    values = [value for row in rows for value in _values(row)]
    add_identifiers(con, pa.Table.from_pylist(values, schema=_VALUE))


def _vault(work: Task) -> Vault:
    folder = work.work / "settle"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("vault.sqlite*"):
        old.unlink()
    vault = _open(work)
    migrate(vault)
    draw = Random(work.seed)  # noqa: S311 - who shares what
    for start in range(0, work.people, LOADED):
        persons = range(start, min(start + LOADED, work.people))
        rows = [row for person in persons for row in records(draw, work.seed, person)]
        with vault.begin() as con:
            _put(con, rows)
    return vault


def _open(work: Task) -> Vault:
    return open_vault(f"sqlite:///{work.work / 'settle' / 'vault.sqlite'}")


def _record(row: Row) -> Row:
    return {
        "record_key": record_key(KEY, "bench", row["name"]),
        "source": "bench",
        "record_id": row["name"],
        "content": "0" * 64,
        "batch": 1,
        "birth_date": row.get("birth_date"),
        **{name: row.get(name) for name in _SAID},
    }


def _values(row: Row) -> Iterator[Row]:
    for kind in _BY:
        value = row.get(kind)
        if value is None:
            continue
        yield {
            "record_key": record_key(KEY, "bench", row["name"]),
            "type": kind,
            "value": value,
            "value_key": value_key(KEY, kind, value),
            "batch": 1,
        }


def _arrival(row: Row) -> Arrival:
    told = _record(row)
    return Arrival(
        record_key=told["record_key"],
        source=told["source"],
        record_id=told["record_id"],
        content=told["content"],
        batch=told["batch"],
        fields={name: told[name] for name in ("birth_date", *_SAID)},
        said=tuple(
            Said(IdentifierType(value["type"]), value["value"], value["value_key"])
            for value in _values(row)
        ),
    )


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    return save("settle", measured(asked), folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
