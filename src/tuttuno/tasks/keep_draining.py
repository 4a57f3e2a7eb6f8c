"""Keep draining: in the background of a server, what came in is taken in a few seconds later."""

from collections.abc import Callable
from time import monotonic

from tuttuno.errors import TuttunoError
from tuttuno.progress import Progress, silent
from tuttuno.tasks.background import Background
from tuttuno.tasks.turn import Busy
from tuttuno.vault.inbox_claims import waiting_since
from tuttuno.vault.vault import Vault

#: Seconds between two looks at the inbox.
PAUSE = 3.0

#: Seconds for which what waits gives way to what comes.
GIVES_WAY = 120.0


class Drainer(Background):
    """A thread that takes in what waits; use it as a context.

    What goes wrong is said and tried again: messages wait safely in the inbox meanwhile.

    Args:
        inbox: Where messages wait.
        drain: Takes all of them in; it is told how to ask whether it should leave the rest.
        watch: Called at every look, to see who is silent.
        busy: True while the doors need the processor; taking in waits then, but not for ever.
        say: Told of what goes wrong.
    """

    def __init__(
        self,
        inbox: Vault,
        drain: Callable[[Callable[[], bool]], object],
        *,
        watch: Callable[[], object] = bool,
        busy: Callable[[], bool] = bool,
        say: Progress = silent,
    ) -> None:
        self._inbox = inbox
        self._drain = drain
        self._watch = watch
        self._busy = busy
        self._drained = monotonic()
        self._say = say
        super().__init__("drain")

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            try:
                self._watch()
                self._once()
            except Busy:
                continue
            except (TuttunoError, OSError) as trouble:  # a full disk, in the lake, is the latter
                self._say(f"what came in waits: {trouble}", 0, None)

    def gives_way(self) -> bool:
        """Tell whether what waits should wait longer, because the doors need the processor."""
        return self._busy() and monotonic() - self._drained < GIVES_WAY

    def _once(self) -> None:
        if self.gives_way():
            return
        with self._inbox.read() as con:
            waits = waiting_since(con) is not None
        if waits:
            self._drain(self.gives_way)
        if not self.gives_way():
            self._drained = monotonic()
