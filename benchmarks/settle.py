"""Identity in bulk, and one record at a time at a large base: written, settled and on the disk.

    python -m benchmarks.settle DIR --people 400000

Half of the records are of people whom the vault knows, under an e-mail, phone or card of hers;
half are of new ones. Each is one transaction, commit included. Four hundred thousand people
make a base of a million records.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa

from benchmarks.machine import peak_mb, save
from benchmarks.task import Task, task
from benchmarks.timing import percentiles
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

_GIVEN = ("Anna", "Marco", "Giulia", "Luca", "Sara", "Paolo", "Elena", "Andrea", "Chiara", "Matteo")
_RECORD = pa.schema(
    [
        ("record_key", pa.string()), ("source", pa.string()), ("record_id", pa.string()),
        ("content", pa.string()), ("batch", pa.int64()), ("given_name", pa.string()),
        ("family_name", pa.string()),
    ]
)  # fmt: skip
_VALUE = pa.schema(
    [
        ("record_key", pa.string()), ("type", pa.string()), ("value", pa.string()),
        ("value_key", pa.string()), ("batch", pa.int64()),
    ]
)  # fmt: skip

Row = dict[str, Any]


def measured(work: Task) -> dict[str, Any]:
    """Make a vault of that many people, then settle records one by one and in batches."""
    vault = _vault(work)
    bulk = _in_bulk(vault)
    draw = Random(work.seed)  # noqa: S311 - which customer comes next
    fresh = _arriving(draw, work.people)
    single = [_settled(vault, [next(fresh)]) for _ in range(SINGLE)]
    started = perf_counter()
    for _ in range(BATCHED // BATCH):
        _settled(vault, [next(fresh) for _ in range(BATCH)])
    batched = perf_counter() - started
    drift = resolve(vault, settings=SETTINGS, full=True).metrics["moved"]
    vault.close()
    return {
        "people": work.people,
        "seed": work.seed,
        "bulk": bulk,
        "one": percentiles([wall for wall, _ in single]),
        "one_processor": percentiles([cpu for _, cpu in single]),
        "batched_per_second": round(BATCHED / batched, 1),
        "batch": BATCH,
        "moved_by_reconcile": drift,
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
    vault = open_vault(f"sqlite:///{folder / 'vault.sqlite'}")
    migrate(vault)
    draw = Random(work.seed)  # noqa: S311 - who shares what
    for start in range(0, work.people, LOADED):
        persons = range(start, min(start + LOADED, work.people))
        rows = [row for person in persons for row in _known(draw, person)]
        with vault.begin() as con:
            _put(con, rows)
    return vault


def _known(draw: Random, person: int) -> Iterator[Row]:
    """The records of one person: shop, card and till, tied by e-mail, phone and card."""
    email, phone, card = f"p{person}@example.it", f"+39340{person:07}", f"77{person:08}"
    if draw.random() < 0.03:
        phone = f"+39340{draw.randrange(max(person, 1)):07}"  # a family's
    yield _row(f"shop-{person}", person, {"email": email, "phone": phone})
    yield _row(f"card-{person}", person, {"loyalty_card": card, "phone": phone})
    if draw.random() < 0.5:
        yield _row(f"till-{person}", person, {"loyalty_card": card}, named=False)


def _arriving(draw: Random, people: int) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        if draw.random() < 0.5:
            person = draw.randrange(people)
            kind, value = draw.choice(
                [("email", f"p{person}@example.it"), ("loyalty_card", f"77{person:08}")]
            )
            yield _row(f"again-{number}", person, {kind: value})
        else:
            person = people + number
            yield _row(f"new-{number}", person, {"email": f"p{person}@example.it"})


def _row(name: str, person: int, values: dict[str, str], *, named: bool = True) -> Row:
    given = _GIVEN[person % len(_GIVEN)] if named else None
    family = f"Rossi{_letters(person // 10)}" if named else None
    return {"name": name, "given": given, "family": family, "values": values}


def _letters(number: int) -> str:
    text = ""
    while number:
        number, sign = divmod(number, 20)
        text += "abcdefghilmnopqrstuv"[sign]
    return text


def _record(row: Row) -> Row:
    return {
        "record_key": record_key(KEY, "bench", row["name"]),
        "source": "bench",
        "record_id": row["name"],
        "content": "0" * 64,
        "batch": 1,
        "given_name": row["given"],
        "family_name": row["family"],
    }


def _values(row: Row) -> Iterator[Row]:
    for kind, value in row["values"].items():
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
        fields={name: told[name] for name in ("given_name", "family_name")},
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
