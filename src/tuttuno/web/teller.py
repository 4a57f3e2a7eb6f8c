"""The teller: look-ups that wait at the same moment are answered in one turn.

One thread asks. Whatever has come while it answered goes with the next turn, so that the price of
reading the vault, and of flushing the record of each look to the disk, is shared by all.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock, Thread
from time import monotonic

from starlette.requests import Request

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.intake.waiter import Waiter, tell
from tuttuno.tasks.look_up import Counter, Found, Question, look_up
from tuttuno.tasks.open_release import Reading, find_release
from tuttuno.tasks.released_facts import ReleasedFacts, released_facts
from tuttuno.vault.vault import Vault
from tuttuno.workspace import Workspace

#: Questions that are answered in one turn, and that may wait for theirs.
_TOGETHER, _WAITING = 64, 2_000

#: Seconds between two moves of what looks have added to the log of the vault.
_MOVED = 0.5

Answer = list[Found | BadInput]


class TooManyAsk(Unavailable):
    """More questions wait than can be answered soon."""

    def __init__(self) -> None:
        super().__init__("too many people are looked up at once", hint="ask again in a moment")


class Teller:
    """Answers questions together; its thread starts with the first of them.

    Args:
        answer: Answers several questions in their order.
    """

    def __init__(self, answer: Callable[[Sequence[Question]], Answer]) -> None:
        self._answer = answer
        self._waiting: deque[tuple[Question, Waiter[Found]]] = deque()
        self._lock, self._at_work = Lock(), False
        self._hand = ThreadPoolExecutor(1, "teller")

    def prepare(self) -> None:
        """Answer nothing, so that whoever asks first finds all of it open and in memory."""
        self._hand.submit(self._answer, [])

    def ask(self, question: Question) -> "Future[Found]":
        """Hand a question over; the future ends with its answer.

        Raises:
            TooManyAsk: Too many wait already.
        """
        answer: Future[Found] = Future()
        self._take(question, Waiter(answer))
        return answer

    async def found(self, question: Question) -> Found:
        """Hand a question over and wait for its answer, as `ask` does.

        Raises:
            TooManyAsk: Too many wait already.
            BadInput: The question cannot be read.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._take(question, Waiter(answer, loop))
        return await answer

    def _take(self, question: Question, waiter: Waiter[Found]) -> None:
        with self._lock:
            if len(self._waiting) >= _WAITING:
                raise TooManyAsk
            self._waiting.append((question, waiter))
            idle, self._at_work = not self._at_work, True
        if idle:
            self._serve()

    def _serve(self) -> None:
        if turn := self._next():
            asked = self._hand.submit(self._answer, [question for question, _ in turn])
            asked.add_done_callback(partial(self._tell, [waiter for _, waiter in turn]))

    def _tell(self, waiters: Sequence[Waiter[Found]], asked: "Future[Answer]") -> None:
        """Hand a turn's answers out, or to all of them what went wrong; begin the next turn."""
        broken = asked.exception()
        tell(zip(waiters, [broken] * len(waiters) if broken else asked.result(), strict=True))
        self._serve()

    def _next(self) -> list[tuple[Question, Waiter[Found]]]:
        with self._lock:
            count = min(_TOGETHER, len(self._waiting))
            self._at_work = count > 0
            return [self._waiting.popleft() for _ in range(count)]


class FactsAtHand:
    """Keeps what the current release says of everybody in memory, shared with the cards.

    The first release is loaded while its first asker waits. A later one is loaded beside it: until
    it is there the former one answers, under its own number.
    """

    def __init__(self, workspace: Workspace, reading: Reading) -> None:
        self._params = workspace.settings.params
        self._vault, self._reading = workspace.vault, reading
        self._lock = Lock()
        self._held: ReleasedFacts | None = None
        self._loading: int | None = None

    def __call__(self, number: int) -> ReleasedFacts:
        """Return the facts of a release, or those of the one before it."""
        with self._lock:
            if self._held is None:
                self._held = self._load(number)
            elif self._held.release.number != number != self._loading:
                self._loading = number
                Thread(target=self._replace, args=(number,), name="facts", daemon=True).start()
            return self._held

    def _replace(self, number: int) -> None:
        try:
            held = self._load(number)
        finally:
            self._loading = None
        self._held = held

    def _load(self, number: int) -> ReleasedFacts:
        release = find_release(self._vault, number)
        return released_facts(self._reading.open(release), self._params)


class LogMover:
    """Moves the log of the vault beside whoever looks people up: each look adds to it.

    Args:
        vault: Whose log.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._moved = monotonic()
        self._hand = ThreadPoolExecutor(1, "teller-moves")
        self._moving: Future[None] | None = None

    def soon(self) -> None:
        """See to it, where that is due; nobody waits for it."""
        if monotonic() - self._moved < _MOVED or (self._moving and not self._moving.done()):
            return
        self._moved = monotonic()
        self._moving = self._hand.submit(self._vault.move_log)


def teller_of(workspace: Workspace, reading: Reading, clock: Clock = utc_now) -> Teller:
    """Return the teller of a project; it opens the inbox with its first question."""
    facts, opened = FactsAtHand(workspace, reading), list[Counter]()
    mover = LogMover(workspace.vault)

    def answer(questions: Sequence[Question]) -> Answer:
        if not opened:
            opened.append(
                Counter(
                    vault=workspace.vault,
                    inbox=workspace.inbox(),
                    key=workspace.stores.key,
                    country=workspace.settings.project.country,
                    facts=facts,
                    clock=clock,
                )
            )
        found = look_up(questions, opened[0])
        mover.soon()
        return found

    return Teller(answer)


def teller(request: Request) -> Teller:
    """Return the teller of an app.

    Raises:
        NotFound: It has none.
    """
    found: Teller | None = getattr(request.app.state, "teller", None)
    if found is None:
        raise NotFound("this server looks nobody up")
    return found


def told(found: Found) -> Mapping[str, object]:
    """Return an answer as a program reads it."""
    release = None
    if found.release is not None:
        release = {"number": found.release, "at": found.released_at}
    return {
        "release": release,
        "tail": {"seen_at": found.seen_at},
        "people": [
            {
                "person": one.person_id,
                "shown_id": one.shown_id,
                "name": one.name,
                "place": one.place,
                **one.facts,
                "tail": one.tail,
            }
            for one in found.people
        ],
    }
