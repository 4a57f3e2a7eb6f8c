"""What the machine lacks: an error in continuous integration, named and skipped elsewhere."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import pytest


@dataclass(frozen=True, slots=True)
class Need:
    """Something outside Python that the tests with one mark stand on.

    Attributes:
        mark: The pytest mark that asks for it.
        lacks: Returns what is missing and how to get it; None when all is there.
        owed: Continuous integration has to have it, so its absence there is an error.
    """

    mark: str
    lacks: Callable[[], str | None]
    owed: bool


class Marked(Protocol):
    """The part of a pytest item that a need looks at."""

    def get_closest_marker(self, name: str) -> object | None:
        """Return the mark of this name, if the test has it."""
        ...


def check_needs(
    item: Marked, needs: Iterable[Need], *, environ: Mapping[str, str] = os.environ
) -> None:
    """Skip or fail a test whose mark asks for something that is not here."""
    for need in needs:
        if item.get_closest_marker(need.mark) and (lack := need.lacks()):
            refuse(f"{need.mark}: {lack}", owed=need.owed and in_ci(environ))


def refuse(reason: str, *, owed: bool) -> None:
    """End the test that runs: failed when what it lacks is owed, skipped otherwise."""
    if owed:
        pytest.fail(f"{reason} (CI is set, so nothing may be missing)", pytrace=False)
    pytest.skip(reason)


def in_ci(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether continuous integration runs us, by its customary variable."""
    return environ.get("CI", "").lower() not in {"", "0", "false"}


def skip_lines(reasons: Iterable[str]) -> list[str]:
    """Say once per reason how many tests it cost, the dearest first."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    return [f"{count:5} skipped  {reason}" for reason, count in counted.most_common()]
