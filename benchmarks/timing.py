"""Seconds of calls that take turns, and the few numbers that stand for many."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

#: How often each call of a comparison is timed.
ROUNDS = 5


class Taken(NamedTuple):
    """What one call took: by the clock on the wall, and of all threads' processor time."""

    seconds: float
    cpu_seconds: float


def in_turn(
    calls: Mapping[str, Callable[[], object]], *, rounds: int = ROUNDS
) -> dict[str, list[Taken]]:
    """Time calls one after the other, over and over, and return what each took.

    They take turns, so that whatever else the machine does slows all of them alike.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            started = process_time()
            seconds = once(call)
            taken[name].append(Taken(seconds, process_time() - started))
    return taken


def once(call: Callable[[], object]) -> float:
    """Return the wall-clock seconds of one call."""
    started = perf_counter()
    call()
    return perf_counter() - started


def best_and_median(seconds: Sequence[float]) -> dict[str, float]:
    """Return the best of some timings, which a busy machine changes least, and the median."""
    return {"best_ms": _ms(min(seconds)), "median_ms": _ms(median(seconds))}


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of some timings, in milliseconds.

    Each is a timing that was seen (nearest rank), never a mean of two.

    >>> percentiles([0.001 * n for n in range(1, 101)])
    {'n': 100, 'p50_ms': 50.0, 'p95_ms': 95.0, 'p99_ms': 99.0, 'worst_ms': 100.0}
    """
    ranked = sorted(seconds)
    of = {f"p{p}_ms": _ms(ranked[-(-p * len(ranked) // 100) - 1]) for p in (50, 95, 99)}
    return {"n": len(ranked), **of, "worst_ms": _ms(ranked[-1])}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
