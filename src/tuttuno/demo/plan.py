"""What may be asked of the simulator: how many people, how long, which retailer, which files."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from tuttuno.errors import BadInput

Format = Literal["parquet", "csv"]


class Options(TypedDict, total=False):
    """The options of `simulate`; `Plan` has their meaning and defaults."""

    people: int
    seed: int
    lines_per_person: float
    months: int
    format: Format


@dataclass(frozen=True, slots=True)
class Plan:
    """A retailer to simulate.

    Attributes:
        people: True customers, at least 200.
        seed: Chooses one retailer among many.
        lines_per_person: Mean lines of a customer in the sales files, returns included.
        months: Length of the window that ends with the settings' last day, 12 to 120.
        format: How tables are written.

    Raises:
        BadInput: too few people, or a window too short or too long.
    """

    people: int = 20_000
    seed: int = 7
    lines_per_person: float = 24
    months: int = 36
    format: Format = "parquet"

    def __post_init__(self) -> None:
        if self.people < 200:
            what = f"{self.people} people are too few for a retailer"
            raise BadInput(what, hint="ask for 200 or more")
        if not 12 <= self.months <= 120:
            what = f"a window of {self.months} months is not simulated"
            raise BadInput(what, hint="choose 12 to 120")
        if not 0 < self.lines_per_person <= 1_000:
            what = f"{self.lines_per_person} lines per person are not simulated"
            raise BadInput(what, hint="choose more than 0, up to 1000")
        if self.format not in ("parquet", "csv"):
            raise BadInput(f"no format is called {self.format!r}", hint="choose parquet or csv")
