"""The simulated retailer as a release, and what is true of it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from tests.projects import make_release, take_in
from tuttuno.demo.simulate import simulate
from tuttuno.effects.answer import Answer
from tuttuno.studies.catalog import STUDIES
from tuttuno.tasks.estimate_effect import estimate_effect
from tuttuno.tasks.open_release import find_release
from tuttuno.tasks.simulate_retailer import SETTINGS
from tuttuno.workspace import make_workspace

PEOPLE = 20_000


@dataclass(frozen=True)
class Judged:
    """Every effect as it was answered, and the known ones by name."""

    root: Path
    answers: dict[str, Answer]
    truth: dict[str, float]

    def outcome(self, effect: str, name: str):
        told = self.answers[effect].diagnostics["outcomes"]
        return next(one for one in told if one["name"] == name)


@cache
def judged(seed: int, people: int = PEOPLE) -> Judged:
    """Simulate, take in, build and answer, with nothing declared."""
    folder = Path(mkdtemp(prefix="retailer"))
    made = simulate(folder / "retailer", people=people, seed=seed)
    workspace = make_workspace(folder / "project", settings=SETTINGS)
    take_in(workspace, made.exchange)
    make_release(workspace)
    answers = {
        name: estimate_effect(
            name,
            release=find_release(workspace.vault),
            vault=workspace.vault,
            opener=workspace.reading().open,
            effects={},
        )
        for name in STUDIES
    }
    workspace.vault.close()
    with duckdb.connect() as con:
        rows = con.read_parquet(str(made.truth / "truth_effects.parquet")).fetchall()
    return Judged(workspace.root, answers, {row[0]: row[1] for row in rows})
