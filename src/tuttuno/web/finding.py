"""What a finding is: a sentence, the figure behind it, and of what it is a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuttuno.web.locale import Speech

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an answer says.

    Attributes:
        value: The figure as shown; empty when nothing can be said.
        of: Its denominator in words.
    """

    title: str
    value: str = ""
    of: str = ""


def nothing(speech: Speech) -> Finding:
    """Say that nothing can be said."""
    return Finding(speech.say("Nothing can be said for this period and these filters."))


def capital(text: str) -> str:
    """Begin a sentence with a capital, leaving the rest as it is.

    >>> capital("a third of Milan")
    'A third of Milan'
    """
    return text[:1].upper() + text[1:]


def of_buyers(buyers: float, speech: Speech) -> str:
    """Say that something is a part of so many known buyers."""
    return speech.many("of %(count)s known buyer", "of %(count)s known buyers", int(buyers))


def added(rows: Sequence[Row], what: str) -> float:
    """Add up a column, unknown values left out."""
    return float(sum(row[what] or 0 for row in rows))
