"""What the results say of intake: the live doors, and large files of shops and of tills."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
Row = Sequence[str]


def collector(result: Result) -> Iterator[tuple[Row, Sequence[Row]] | str]:
    """Yield paragraphs, and tables as their head and rows."""
    yield (
        "One process, every event on the disk before its answer, beside a bare route of the same "
        "server that keeps nothing; both take turns, and the sender shares the machine. "
        f"{result['load_before']:.1f} to {result['load_after']:.1f} processes wanted its "
        f"{result['machine']['cores']} cores meanwhile, so seconds by the clock say less here than "
        "processor time."
    )
    yield (
        ("sent", "events a second", "bare route", "ratio", "µs of processor", "bare", "p99 ms"),
        [
            (
                what,
                f"{one['events_per_second']:,}",
                f"{one['bare_events_per_second']:,}",
                f"{one['ratio']:.3f}",
                f"{one['cpu_us_per_event']:,.0f}",
                f"{one['bare_cpu_us_per_event']:,.0f}",
                f"{one['p99_ms']:,.0f}",
            )
            for what, one in (("singly", result["single"]), ("100 together", result["batch"]))
        ],
    )
    yield (
        ("requests a second", "kept", "told 429 or 503", "never sent", "p50 ms", "p99 ms"),
        [_pressed(result[name]) for name in ("steady", "burst")],
    )
    yield (
        "A request that found none of 512 connections free for a second was never sent. "
        f"{result['acknowledged']:,} events were acknowledged in all, and {result['lost']:,} of "
        "them are not in the inbox."
    )


def connectors(result: Result) -> Iterator[tuple[Row, Sequence[Row]] | str]:
    """Yield paragraphs, and tables as their head and rows."""
    yield (
        "Files of documents, each taken in whole by a process of its own. Memory is that of the "
        "process at its highest. Reading holds one document and a few thousand rows, however large "
        "the file; what grows with the rows are the engine's joins, up to `memory` of `[engine]`, "
        "and beyond it they go to the disk."
    )
    yield (
        ("file", "MB", "rows", "seconds", "CPU seconds", "MB a CPU second", "peak MB"),
        [
            (
                f"`{one['file']}`",
                f"{one['megabytes']:,}",
                f"{one['rows']:,}",
                f"{one['seconds']:,.0f}",
                f"{one['cpu_seconds']:,.0f}",
                f"{one['megabytes'] / one['cpu_seconds']:.1f}",
                f"{one['peak_mb']:,}",
            )
            for one in result["files"]
        ],
    )


def large(result: Result) -> Iterator[tuple[Row, Sequence[Row]] | str]:
    """Yield paragraphs, and tables as their head and rows."""
    yield (
        "One file of sales in the exchange format, taken into a new project. Memory is that of the "
        "process at its highest."
    )
    yield (
        ("file", "MB", "rows", "seconds", "CPU seconds", "µs of processor a row", "peak MB"),
        [
            (
                f"`sales.{ending}`",
                f"{one['megabytes']:,}",
                f"{one['whole']['rows']:,}",
                f"{one['whole']['seconds']:,.0f}",
                f"{one['whole']['cpu_seconds']:,.0f}",
                f"{one['whole']['cpu_seconds'] / one['whole']['rows'] * 1e6:.1f}",
                f"{one['whole']['peak_mb']:,}",
            )
            for ending, one in result["files"].items()
        ],
    )


def _pressed(one: Result) -> Row:
    answers = one["answers"]
    turned = sum(answers.get(status, 0) for status in ("429", "503"))
    return (
        f"{one['asked_per_second']:,}",
        f"{answers.get('200', 0):,}",
        f"{turned:,}",
        f"{one['unsent']:,}",
        f"{one['p50_ms']:,.0f}",
        f"{one['p99_ms']:,.0f}",
    )
