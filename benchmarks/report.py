"""The results as pages of Markdown: what was promised, what was measured, and on what."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS
from benchmarks.report_effects import estimators, recall
from benchmarks.report_intake import collector, connectors, large
from benchmarks.report_matching import matching

#: The size at which promises are made.
PROMISED = 1_000_000

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Promise:
    """An upper limit that we set ourselves.

    Attributes:
        part: Name of the result, without the number of people.
        key: Where in it the number is, dotted.
        least: True where the number must be that large, not that small.
    """

    what: str
    part: str
    key: str
    limit: float
    unit: str
    digits: int = 0
    least: bool = False


PROMISES = (
    Promise("taking in and building everything", "pipeline", "first.seconds", 180, "s"),
    Promise("memory for it", "pipeline", "first.peak_mb", 6_000, "MB"),
    Promise(
        "a build after 1 % new data, of a full one", "pipeline", "new_build_percent", 10, "%", 1
    ),
    Promise(
        "the slowest measure, to SQL written by hand", "measures", "worst_ratio", 1.3, "times", 2
    ),
    Promise("95 of 100 requests of the slowest page", "pages", "slowest_p95_ms", 150, "ms"),
    Promise("99 of 100 look-ups at the till", "lookup", "steady.p99_ms", 20, "ms", 1),
    Promise(
        "look-ups over two workers", "lookup", "full.per_second", 2_000, "a second", least=True
    ),
    Promise(
        "staggered difference in differences, 24 months", "estimators",
        "estimators.staggered.tuttuno.cpu_seconds", 8, "CPU s", 1,
    ),
    Promise(
        "doubly robust adjustment, 20 covariates", "estimators",
        "estimators.aipw.tuttuno.cpu_seconds", 10, "CPU s", 1,
    ),
    Promise(
        "fitting repeat purchases", "estimators", "estimators.mbg_nbd_fit.tuttuno.cpu_seconds", 15,
        "CPU s", 1,
    ),
    Promise(
        "scoring repeat purchases", "estimators", "estimators.mbg_nbd_score.tuttuno.cpu_seconds", 2,
        "CPU s", 1,
    ),
    Promise(
        "neighbours of 40,000 products, 10 million lines", "estimators",
        "estimators.item_item.tuttuno.cpu_seconds", 20, "CPU s", 1,
    ),
    Promise("a million records told apart", "settle", "bulk.seconds", 120, "s"),
    Promise("memory for it", "settle", "bulk.peak_mb", 4_000, "MB"),
    Promise("half of the records that come alone", "settle", "one.p50_ms", 1, "ms", 2),
    Promise("95 of 100 of them", "settle", "one.p95_ms", 5, "ms", 2),
    Promise("99 of 100 of them", "settle", "one.p99_ms", 15, "ms", 2),
    Promise(
        "records settled in batches of 100", "settle", "batched_per_second", 1_000, "a second",
        least=True,
    ),
    Promise("`tuttuno --help`", "startup", "help.median_ms", 400, "ms"),
    Promise("a core install", "startup", "core_mb", 900, "MB"),
    Promise(
        "events kept, sent singly", "collector", "single.events_per_second", 5_000, "a second",
        least=True,
    ),
    Promise(
        "events kept, sent together", "collector", "batch.events_per_second", 40_000, "a second",
        least=True,
    ),
    Promise(
        "99 of 100 answers at 1,000 requests a second", "collector", "steady.p99_ms", 100, "ms"
    ),
    Promise("acknowledged events that are lost", "collector", "lost", 0, "events"),
)  # fmt: skip

#: Results that do not depend on how many people there are.
_OF_ANY_SIZE = {"startup", "collector", "settle"}


def page(folder: Path = RESULTS) -> Iterator[str]:
    """Yield the paragraphs of the page; what was not measured is not on it."""
    yield "# Benchmarks"
    yield (
        "Every figure here is read from a file in `benchmarks/results`. To measure again: "
        '`make bench ARGS="--people 100000"`. The retailer is simulated, 24 sale lines a person; '
        "its size and seed make it the same everywhere."
    )
    sizes = measured_sizes(folder)
    startup = _read(folder, "startup")
    if PROMISED in sizes or any(_read(folder, part) for part in _OF_ANY_SIZE):
        yield "## Promises"
        yield from _promises(folder)
    for people in sizes:
        yield f"## {people:,} persons"
        yield from _size(folder, people)
    for part, head, write in _ALONE:
        result = _read(folder, part)
        if result:
            yield head
            yield _on(result)
            yield from (each if isinstance(each, str) else _table(*each) for each in write(result))
    if startup:
        yield "## Start and size"
        yield _on(startup)
        yield from _startup(startup)


def measured_sizes(folder: Path) -> list[int]:
    """Return for how many people there are results, smallest first."""
    names = (re.fullmatch(r"[a-z]+_(\d+)\.json", path.name) for path in folder.glob("*.json"))
    return sorted({int(name[1]) for name in names if name})


def look_up(result: Result, key: str) -> Any:
    """Follow a dotted key; None where it leads nowhere.

    >>> look_up({"help": {"median_ms": 310.0}}, "help.median_ms")
    310.0
    """
    at: Any = result
    for part in key.split("."):
        at = at.get(part) if isinstance(at, Mapping) else None
    return at


def _promises(folder: Path) -> Iterator[str]:
    rows = []
    for promise in PROMISES:
        sized = promise.part not in _OF_ANY_SIZE
        name = f"{promise.part}_{PROMISED}" if sized else promise.part
        value = look_up(_read(folder, name) or {}, promise.key)
        if value is not None:
            unit, digits = promise.unit, promise.digits
            kept = value >= promise.limit if promise.least else value <= promise.limit
            found, bound = f"{value:,.{digits}f} {unit}", "at least " if promise.least else ""
            limit = f"{bound}{promise.limit:,g} {unit}"
            rows.append((promise.what, limit, found, "yes" if kept else "no"))
    yield f"At {PROMISED:,} persons, on the machine named below."
    yield _table(("what", "at most", "measured", "kept"), rows)


def _size(folder: Path, people: int) -> Iterator[str]:
    for part, write in _PARTS:
        result = _read(folder, f"{part}_{people}")
        if result:
            yield f"### {part.capitalize()}"
            yield _on(result)
            yield from (each if isinstance(each, str) else _table(*each) for each in write(result))


def _on(result: Result) -> str:
    at = result["machine"]
    seed = f" Seed {result['seed']}." if "seed" in result else ""
    return (
        f"{at['processor']}, {at['cores']} cores, {at['memory_gib']} GiB, {at['system']}, "
        f"Python {at['python']}, DuckDB {at['libraries']['duckdb']}, tuttuno {at['tuttuno']}.{seed}"
    )


def _pipeline(result: Result) -> Iterator[str]:
    yield (
        f"{result['lines']:,} sale lines, {result['records']:,} records, "
        f"{result['persons']:,} persons; {100 * result['new_share']:.1f} % of the lines are new at "
        f"the second build. Lake {result['lake_mb']:,.0f} MB, vault {result['vault_mb']:,.0f} MB."
    )
    if apart := result.get("told_apart"):
        yield (
            f"Against the true customers of {apart['records']:,} records: precision "
            f"{apart['precision']:.5f} ({apart['wrong']:,} wrong pairs; at least .995), recall "
            f"{apart['recall']:.5f} ({apart['missed']:,} pairs missed; at least .97)."
        )
    runs = (
        ("ingest", result["first"]["ingest"]),
        ("build", result["first"]["build"]),
        ("ingest of the new data", result["new"]["ingest"]),
        ("build after it", result["new"]["build"]),
        ("full build of both", result["again"]),
    )
    yield _table(
        ("step", "seconds", "CPU seconds", "peak MB", "of which"),
        [
            (
                name,
                f"{run['seconds']:,.1f}",
                f"{run['cpu_seconds']:,.1f}",
                f"{run['peak_mb']:,.0f}",
                ", ".join(f"{step} {taken:,.1f}" for step, taken in run.get("steps", {}).items()),
            )
            for name, run in runs
        ],
    )


def _measures(result: Result) -> Iterator[str]:
    yield (
        f"Milliseconds, best of {result['rounds']} in turns with SQL written by hand for plain "
        "DuckDB on the same files, after both gave the same answer. "
        f"Peak memory of both together {result['peak_mb']:,.0f} MB."
    )
    yield _table(
        ("measure", "tuttuno", "by hand", "ratio", "ratio of medians", "ratio of processor time"),
        [
            (
                f"`{name}`",
                f"{one['tuttuno']['best_ms']:,.0f}",
                f"{one['raw']['best_ms']:,.0f}",
                f"{one['ratio']:.2f}",
                f"{one['ratio_of_medians']:.2f}",
                f"{one['ratio_of_cpu']:.2f}",
            )
            for name, one in result["measures"].items()
        ],
    )


def _pages(result: Result) -> Iterator[str]:
    yield (
        "Milliseconds of one browser. *First* is the first request to a server just started, "
        "its files on the disk; for the others they lie in memory. The server took "
        f"{result['server_peak_mb']:,.0f} MB."
    )
    yield _table(
        ("page", "p50", "p95", "p99", "first"),
        [
            (
                f"`{name}`",
                *(f"{times[key]:,.0f}" for key in ("p50_ms", "p95_ms", "p99_ms")),
                f"{result['cold_ms'][name]:,.0f}",
            )
            for name, times in result["warm"].items()
        ],
    )


def _lookup(result: Result) -> Iterator[str]:
    yield (
        f"People looked up by e-mail, phone and card through the API, {result['workers']} workers; "
        "the load comes from the same machine. *Cold* is a server just started, its vault on the "
        "disk; for the others it lies in memory."
    )
    yield _table(
        ("load", "a second", "CPU ms each", "p50 ms", "p95 ms", "p99 ms"),
        [
            (
                name,
                f"{result[name]['per_second']:,}",
                f"{result[name]['server_cpu_ms']:.2f}",
                *(f"{result[name][key]:,.1f}" for key in ("p50_ms", "p95_ms", "p99_ms")),
            )
            for name in ("cold", "steady", "full")
            if name in result
        ],
    )


def _settle(result: Result) -> Iterator[str]:
    bulk = result["bulk"]
    weighs = (
        "Names, birth dates and addresses are told with mistakes, and each is weighed against "
        "whoever it looks like."
        if result.get("whole_records")
        else "They tell no birth date and no address, so likeness has nothing to weigh here."
    )
    yield (
        f"{bulk['records']:,} records of {bulk['persons']:,} persons were told apart in "
        f"{bulk['seconds']:,.1f} s ({bulk['cpu_seconds']:,.1f} of the processor, "
        f"{bulk['peak_mb']:,.0f} MB). Then 10,000 came one by one, half of them of people who were "
        "known: each is written, settled and on the disk, in milliseconds. In batches of "
        f"{result['batch']} it was {result['batched_per_second']:,.0f} a second. Everybody told "
        f"apart anew afterwards moved {result['moved_by_reconcile']:,} records. {weighs}"
    )
    yield _table(
        ("one record", "p50", "p95", "p99"),
        [
            (what, *(f"{result[name][key]:,.2f}" for key in ("p50_ms", "p95_ms", "p99_ms")))
            for what, name in (("by the clock", "one"), ("of the processor", "one_processor"))
        ],
    )


def _startup(result: Result) -> Iterator[str]:
    told = result["help"]
    largest = ", ".join(f"{name} {size:,.0f} MB" for name, size in result["largest_mb"].items())
    yield (
        f"`tuttuno --help` answers in {told['median_ms']:,.0f} ms, {told['p95_ms']:,.0f} ms at "
        f"p95. A core install holds {result['core_mb']:,.0f} MB in {result['core_distributions']} "
        f"distributions, the largest of them {largest}."
    )


_PARTS = (
    ("pipeline", _pipeline),
    ("measures", _measures),
    ("pages", _pages),
    ("lookup", _lookup),
    ("estimators", estimators),
    ("recall", recall),
)


_ALONE = (
    ("collector", "## Live doors", collector),
    ("large", "## A very large file", large),
    ("connectors", "## Large files of other systems", connectors),
    ("settle", "## One record at a time", _settle),
    ("matching", "## Identity beside others", matching),
)


def _read(folder: Path, name: str) -> Result | None:
    path = folder / f"{name}.json"
    found: Result | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
    return found


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
