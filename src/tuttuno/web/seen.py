"""Small values that pages pass around: what is known, how fresh it is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A name with its label: a measure, a dimension; `denominator` is that of a measure."""

    name: str
    label: str
    denominator: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Which release is read, when it was published, and what has come in since."""

    release: int
    at: datetime
    waiting: int
