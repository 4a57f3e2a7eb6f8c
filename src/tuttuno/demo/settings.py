"""The retailer's numbers: each with value, unit and source, read from `retailer.toml`."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from tuttuno.errors import Unknown


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number a reader might dispute."""

    name: str
    value: Any
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All assumptions by dotted name, for example `truth.diversion`."""

    assumptions: dict[str, Assumption]

    def __call__(self, name: str) -> float:
        """Return a plain number.

        Raises:
            Unknown: no assumption has this name.
        """
        return float(self._find(name).value)

    def row(self, name: str) -> list[float]:
        """Return a list of numbers, such as the twelve months of the season."""
        return [float(item) for item in self._find(name).value]

    def day(self, name: str) -> date:
        """Return a date."""
        value = self._find(name).value
        return date(value.year, value.month, value.day)

    def __iter__(self) -> Iterator[Assumption]:
        return iter(self.assumptions.values())

    def _find(self, name: str) -> Assumption:
        try:
            return self.assumptions[name]
        except KeyError:
            raise Unknown("assumption", name, self.assumptions) from None


def load() -> Settings:
    """Read the numbers that come with the package."""
    text = files("tuttuno.demo").joinpath("retailer.toml").read_text(encoding="utf-8")
    found = {
        f"{group}.{name}": Assumption(f"{group}.{name}", **facts)
        for group, members in tomllib.loads(text).items()
        for name, facts in members.items()
    }
    return Settings(found)
