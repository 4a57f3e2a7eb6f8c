"""The simulated retailer, built, and what is true of it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from tests.projects import make_release, take_in
from tuttuno.demo.simulate import simulate
from tuttuno.effects.answer import Answer
from tuttuno.identity.resolve import person_of_record, resolve
from tuttuno.mart.build import build_mart
from tuttuno.schema.lake import LAKE
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.studies.catalog import STUDIES
from tuttuno.tasks.estimate_effect import estimate_effect
from tuttuno.tasks.open_release import bound, find_release
from tuttuno.tasks.simulate_retailer import SETTINGS
from tuttuno.workspace import make_workspace

PEOPLE = 20_000

#: What the studies read besides sales; the rest of the exchange costs as much again.
READ = ("people", "memberships", "stores", "pickups", "products")


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
    return Judged(workspace.root, answers, known(made))


def surveyed(seed: int, people: int = PEOPLE) -> Judged:
    """The same from what the studies read alone, without a release: for many seeds."""
    folder = Path(mkdtemp(prefix="retailer"))
    made = simulate(folder / "retailer", people=people, seed=seed)
    workspace = make_workspace(folder / "project", settings=SETTINGS)
    files = [made.exchange / f"{name}.parquet" for name in READ]
    take_in(workspace, *files, *sorted(made.exchange.glob("sales_*.parquet")))
    engine, lake = workspace.engine(), workspace.lake
    resolve(workspace.vault, settings=workspace.build.identity, full=True)
    told = {PERSON_OF_RECORD.name: person_of_record(workspace.vault)}
    versions = build_mart(engine=engine, lake=lake, told=told.get).versions
    seen = {table.name: lake.version(table) for table in LAKE}
    known_versions = {name: at for name, at in seen.items() if at is not None}
    tables = bound({**known_versions, **versions}, lake=lake, engine=engine)
    answers = {name: one.answer(one.default, engine, tables) for name, one in STUDIES.items()}
    engine.close()
    workspace.vault.close()
    return Judged(workspace.root, answers, known(made))


def known(made) -> dict[str, float]:
    """The known effects by name."""
    with duckdb.connect() as con:
        rows = con.read_parquet(str(made.truth / "truth_effects.parquet")).fetchall()
    return {row[0]: row[1] for row in rows}
