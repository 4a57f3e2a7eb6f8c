"""How long work tells its observer where it is."""

from collections.abc import Callable

#: Called with what is being done, how much is done, and how much there is (None: unknown).
Progress = Callable[[str, int, int | None], None]


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Observe nothing."""
