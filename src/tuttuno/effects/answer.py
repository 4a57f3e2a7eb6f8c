"""An effect as it is shown: a number with its interval, what it rests on, or why it is refused."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np


class Rung(StrEnum):
    """How far an answer reaches on the ladder of evidence."""

    A = "A"  # description
    B = "B"  # adjusted for what was observed
    C = "C"  # panel: the same units before and after
    D = "D"  # quasi-experiment
    E = "E"  # experiment


@dataclass(frozen=True, slots=True)
class Answer:
    """One causal answer; the keys of `as_dict` are a promise of the command line and the API.

    Attributes:
        estimate: In `unit`; None together with `low` and `high` when refused.
        treated: Treated units (or clusters, where units are not independent).
        control: Units (or clusters) they are compared with.
        coverage: Share of the rows given that the estimate rests on.
        diagnostics: What speaks for and against it.
        refused: Why no number is given; None when one is.
    """

    effect: str
    question: str
    rung: Rung
    estimate: float | None
    low: float | None
    high: float | None
    unit: str
    treated: int
    control: int
    coverage: float | None
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    refused: str | None = None

    def refuse(self, reason: str) -> "Answer":
        """The same without a number; the diagnostics stay, for they are the reason."""
        return replace(self, estimate=None, low=None, high=None, refused=reason)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Answer":
        """Return the answer that `as_dict` wrote down; its diagnostics stay plain values."""
        return cls(**{**facts, "rung": Rung(facts["rung"])})

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not a number is null."""
        fields = {one: getattr(self, one) for one in self.__dataclass_fields__}
        plain: dict[str, Any] = _plain(fields)
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.value if isinstance(value, StrEnum) else value
