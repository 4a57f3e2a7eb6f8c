"""The disputable numbers behind the measures, each with a unit, a source and a first day."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources

from tuttuno.errors import BadInput, Unknown
from tuttuno.measures.answer import ParameterUsed


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number a measure depends on: what it is, where it comes from, its value by first day."""

    name: str
    doc: str
    unit: str
    source: str
    values: Mapping[date, float]


@dataclass(frozen=True, slots=True)
class Params:
    """All parameters, with what a project sets otherwise; `given` holds from ever to ever."""

    given: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name that no parameter has, and a value that is no number."""
        known = parameters()
        for name, value in self.given.items():
            if name not in known:
                raise Unknown("parameter", name, known)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadInput(f"{name} must be a number, not {value!r}")

    def used(self, name: str, *, on: date) -> ParameterUsed:
        """Return the value in force on a day: the newest one dated at or before it.

        >>> Params().used("channel_class.theta", on=date(2026, 3, 1)).value
        0.05
        """
        known = parameters()
        if name not in known:
            raise Unknown("parameter", name, known)
        own = known[name]
        if name in self.given:
            value, source = float(self.given[name]), "set in tuttuno.toml"
            return ParameterUsed(name, value, own.unit, own.doc, source, None)
        # A window before the first dated value takes the first one there is.
        since = max((day for day in own.values if day <= on), default=min(own.values))
        return ParameterUsed(name, own.values[since], own.unit, own.doc, own.source, since)


@cache
def parameters() -> Mapping[str, Parameter]:
    """Return every declared parameter by its name, e.g. `channel_class.theta`."""
    text = (resources.files("tuttuno.measures") / "params.toml").read_text("utf-8")
    return {
        f"{measure}.{key}": Parameter(
            name=f"{measure}.{key}",
            doc=facts["doc"],
            unit=facts["unit"],
            source=facts["source"],
            values={date.fromisoformat(day): float(v) for day, v in facts["values"].items()},
        )
        for measure, group in tomllib.loads(text).items()
        for key, facts in group.items()
    }
