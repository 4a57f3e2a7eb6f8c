"""Demo: a simulated retailer, from its first receipt to its first release."""

from dataclasses import dataclass
from pathlib import Path

from tuttuno.demo.simulate import simulate
from tuttuno.progress import Progress, silent

#: The project file of the demonstration.
SETTINGS = """\
# The demonstration: a simulated Italian department-store group with known truth.

[project]
name = "Grandi Magazzini Tutt'uno"
currency = "EUR"
timezone = "Europe/Rome"
country = "IT"
language = "en"
"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where the files of the simulated retailer are, and what is true of them."""

    exchange: Path
    truth: Path
    people: int
    lines: int


def simulate_retailer(
    folder: Path, *, people: int, seed: int, progress: Progress = silent
) -> Simulated:
    """Write the files a retailer would hand over, and beside them what is true of them.

    The truth is for whoever wants to check the answers; it is never taken in.
    """
    made = simulate(folder, people=people, seed=seed, progress=progress)
    return Simulated(made.exchange, made.truth, made.people, made.lines)
