"""The only place that asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

#: Returns the present moment, aware and in UTC; tests pass their own.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
