"""How often a source is asked for what changed, while a server runs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tuttuno.intake.section import BadMapping, Section

#: The key of `pull` that says so.
EVERY = "every_hours"

_LEAST, _MOST = 0.1, 24.0 * 31


def pulled_every(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, timedelta]:
    """Return how often each source is pulled; those that do not say are left to cron.

    Raises:
        BadMapping: It is no number of hours, or one that makes no sense.
    """
    found = {}
    for name, declared in sources.items():
        section = Section(f"sources.{name}", declared).section("pull")
        hours = section.number(EVERY)
        if hours is None:
            continue
        if not _LEAST <= hours <= _MOST:
            raise BadMapping(section.at(EVERY), f"must be between {_LEAST} and {_MOST:.0f}")
        found[name] = timedelta(hours=hours)
    return found
