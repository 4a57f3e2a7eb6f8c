"""Errors in three families; each says what is wrong, then what to do about it.

Edges map families, not classes, to exit codes and HTTP statuses. Classes that are
raised in one module only live in that module; the ones below are shared.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class TuttunoError(Exception):
    """Base of all: `what` is wrong, and a `hint` at the way out."""

    def __init__(self, what: str, *, hint: str = "") -> None:
        self.what = what
        self.hint = hint
        super().__init__(f"{what}; {hint}" if hint else what)


class BadInput(TuttunoError):
    """The caller asked for something that cannot be done as asked."""


class NotFound(TuttunoError):
    """The caller named something that does not exist."""


class Unavailable(TuttunoError):
    """A disk, engine, lock or remote service did not answer; try again later."""


class Unknown(NotFound):
    """A name that is in no list: the nearest known one is offered."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, see: str = "") -> None:
        self.kind = kind
        self.name = name
        self.known = sorted(known)
        close = get_close_matches(name, self.known, n=1)
        listed = see or (f"known: {', '.join(self.known)}" if self.known else "there is none yet")
        hint = f"did you mean {close[0]!r}?" if close else listed
        super().__init__(f"no {kind} is called {name!r}", hint=hint)
