"""The inbox at work: messages of many doors on the disk together, before any of them is answered.

One thread writes. Whatever has come while it flushed the last messages to the disk goes with the
next flush, so that the price of a flush is shared by all who wait for it. When more waits than
the bound allows, `put` refuses at once: memory does not grow, and the sender tries again later.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from time import monotonic
from typing import Self

from tuttuno.errors import TuttunoError, Unavailable
from tuttuno.intake.waiter import End, Waiter, tell
from tuttuno.vault.counters import last
from tuttuno.vault.door_hours import Verdict
from tuttuno.vault.inbox import Message, put_messages
from tuttuno.vault.inbox_claims import count_waiting, drained_through
from tuttuno.vault.inbox_names import COUNTER, Unfiled
from tuttuno.vault.vault import Vault

#: Messages that may wait to be taken in, and bytes that may wait for the disk.
BOUND, BYTES = 1_000_000, 64 * 2**20

#: Messages that go to the disk together.
_TOGETHER = 5_000

#: Seconds between two looks at how many messages wait: other processes take them in.
_LOOK = 1.0

#: Seconds between two times that the log of the disk is moved to its place.
_MOVED = 1.0

#: Messages a second from which on whoever can wait should.
_BUSY = 2_000

#: Requests that may wait for the disk at once; the next is better sent a second later.
CROWD = 256

#: Seconds after which a sender may try again.
PATIENCE = 5


class InboxFull(Unavailable):
    """More waits than may wait; nothing was kept, and the sender must come again."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.retry_after = PATIENCE
        super().__init__(
            f"{waiting} messages wait to be taken in, no more are accepted now",
            hint="they are taken in while `tuttuno serve` runs; `tuttuno drain` does it at once",
        )


@dataclass(frozen=True, slots=True)
class _Job:
    """Messages of one request, and who waits for them."""

    messages: Sequence[Message]
    waiter: Waiter[list[Verdict]]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", sum(len(each.body or "") for each in self.messages))


class _Outcome:
    """Ends whatever way a block does; what went wrong is an answer, so nobody waits for ever."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        self.error = error
        return True


class Inbox:
    """Where doors put what came; one for each process.

    Use it as a context: leaving it writes what waits, then stops.

    Args:
        vault: Where the inbox lies, see `beside.open_inbox`.
        bound: Messages that may wait to be taken in.
    """

    def __init__(self, vault: Vault, *, bound: int = BOUND) -> None:
        self.vault = vault
        self._bound = bound
        self._jobs: deque[_Job] = deque()
        self._turn = Condition()
        self._queued = self._bytes = self._behind = self._requests = 0
        self._looked = float("-inf")
        self._came = 0
        self._busy = False
        self._unfiled = Unfiled()
        self._open = True
        self._writer = Thread(target=self._write, name="inbox", daemon=True)
        self._writer.start()
        self._over, self._written = Event(), Event()
        self._mover = Thread(target=self._move, name="inbox-log", daemon=True)
        self._mover.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """Messages that wait to be taken in, as far as this process knows."""
        return self._behind + self._queued

    @property
    def busy(self) -> bool:
        """True while so much comes that what can be done later should be."""
        return self._busy

    @property
    def crowded(self) -> bool:
        """True while so many wait for the disk that one more would only make all wait longer."""
        return self._requests >= CROWD

    def put(self, messages: Sequence[Message]) -> "Future[list[Verdict]]":
        """Hand messages over; the future ends when they are on the disk.

        It ends with what became of each, in their order, or with `Unavailable`: then nothing
        of them was kept, and the sender must come again.

        Raises:
            InboxFull: Too much waits already.
        """
        answer: Future[list[Verdict]] = Future()
        self._take(_Job(messages, Waiter(answer)))
        return answer

    async def keep(self, messages: Sequence[Message]) -> list[Verdict]:
        """Hand messages over and wait until they are on the disk, as `put` does.

        Raises:
            InboxFull: Too much waits already.
            Unavailable: Nothing of them was kept.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Verdict]] = loop.create_future()
        self._take(_Job(messages, Waiter(answer, loop)))
        return await answer

    def _take(self, job: _Job) -> None:
        with self._turn:
            if not self._open:
                raise InboxFull(self.waiting)
            if self.waiting + len(job.messages) > self._bound or self._bytes > BYTES:
                self._turn.notify()  # the writer looks whether others have made room
                raise InboxFull(self.waiting)
            self._jobs.append(job)
            self._requests += 1
            self._queued += len(job.messages)
            self._bytes += job.size
            self._turn.notify()

    def close(self) -> None:
        """Write what waits, then stop; safe to call twice."""
        with self._turn:
            self._open = False
            self._turn.notify()
        self._writer.join()
        self._over.set()
        self._mover.join()

    def _write(self) -> None:
        while True:
            with self._turn:
                if not self._jobs and self._open:
                    self._turn.wait(_LOOK)
                jobs = self._next()
                done = not self._jobs and not self._open
            if jobs:
                self._keep(jobs)
            self._look()
            if done:
                return

    def _next(self) -> list[_Job]:
        """Take as many jobs as go to the disk together."""
        jobs: list[_Job] = []
        count = 0
        while self._jobs and (not jobs or count + len(self._jobs[0].messages) <= _TOGETHER):
            jobs.append(self._jobs.popleft())
            count += len(jobs[-1].messages)
        return jobs

    def _keep(self, jobs: list[_Job]) -> None:
        messages = [each for job in jobs for each in job.messages]
        verdicts: list[Verdict] = []
        with _Outcome() as outcome:
            verdicts = self._put(messages)
        error = outcome.error
        if error is not None and len(jobs) > 1 and not isinstance(error, TuttunoError):
            # One job that breaks the program must not take the others with it.
            for job in jobs:
                self._keep([job])
            return
        self._forget(jobs)
        self._came += len(messages)
        self._written.set()
        if error is not None:
            tell([(job.waiter, error) for job in jobs])
            return
        self._behind += sum(each in _KEPT for each in verdicts)
        ends: list[End[list[Verdict]]] = []
        start = 0
        for job in jobs:
            ends.append((job.waiter, verdicts[start : start + len(job.messages)]))
            start += len(job.messages)
        tell(ends)

    def _put(self, messages: list[Message]) -> list[Verdict]:
        with self.vault.begin() as con:
            verdicts = put_messages(con, messages, self._unfiled)
        self._unfiled.ended()
        return verdicts

    def _move(self) -> None:
        while not self._over.wait(_MOVED):
            if self._written.is_set():
                self._written.clear()
                self.vault.move_log()

    def _forget(self, jobs: list[_Job]) -> None:
        with self._turn:
            self._requests -= len(jobs)
            self._queued -= sum(len(job.messages) for job in jobs)
            self._bytes -= sum(job.size for job in jobs)

    def _look(self) -> None:
        passed = monotonic() - self._looked
        if passed < _LOOK:
            return
        self._busy = self._came / passed > _BUSY
        self._came = 0
        try:
            with self.vault.read() as con:
                most = last(con, COUNTER) - drained_through(con)
                # To count is to read all that waits: only where the bound may be reached.
                self._behind = most if most < self._bound else count_waiting(con)
        except TuttunoError:
            return  # the next `put` meets the trouble and tells whoever waits
        finally:
            self._looked = monotonic()


_KEPT = (Verdict.ACCEPTED, Verdict.QUARANTINED)
