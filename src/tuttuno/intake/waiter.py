"""Whoever waits for what a thread does for many: a thread itself, or a task of a loop."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Waiter(Generic[_Answer]):
    """One who waits.

    Attributes:
        answer: What he waits for.
        loop: In which he does; None: he is a thread.
    """

    answer: "Future[_Answer] | asyncio.Future[_Answer]"
    loop: AbstractEventLoop | None = None


#: One who waits, and what he is told.
End = tuple[Waiter[_Answer], _Answer | BaseException]


def tell(ends: Iterable[End[_Answer]]) -> None:
    """Tell whoever waits, each loop once: to wake one costs as much as an event."""
    loops: dict[AbstractEventLoop, list[End[_Answer]]] = {}
    for end in ends:
        loop = end[0].loop
        if loop is None:
            _end_all([end])
        else:
            loops.setdefault(loop, []).append(end)
    for loop, told in loops.items():
        with suppress(RuntimeError):  # the loop has ended, and nobody waits in it
            loop.call_soon_threadsafe(_end_all, told)


def _end_all(ends: Sequence[End[_Answer]]) -> None:
    for waiter, end in ends:
        if waiter.answer.done():
            continue  # whoever waited has gone
        if isinstance(end, BaseException):
            waiter.answer.set_exception(end)
        else:
            waiter.answer.set_result(end)
