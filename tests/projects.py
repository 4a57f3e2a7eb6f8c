"""A small project of the simulated retailer, made once for all tests."""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tuttuno.demo.simulate import simulate
from tuttuno.schema.mart import MART
from tuttuno.tasks.build import build
from tuttuno.tasks.ingest import ingest, mapping_for
from tuttuno.tasks.simulate_retailer import SETTINGS
from tuttuno.workspace import Workspace, make_workspace, open_workspace

EXCHANGE = mapping_for("exchange", None, sources={})

#: Measures that find nothing in `shop`: it has too few baskets to tell chance from custom.
SILENT_IN_A_SMALL_SHOP = ("basket_affinity",)


@dataclass(frozen=True)
class Shop:
    """A built project, and what is true of it."""

    root: Path
    exchange: Path
    truth: Path

    def open(self) -> Workspace:
        return open_workspace(self.root)

    def copy(self, folder) -> "Shop":
        """Copy it into a folder, where it may be changed."""
        shutil.copytree(self.root, folder / "project")
        return replace(self, root=folder / "project")

    @contextmanager
    def copied(self, folder):
        """Open a copy until it is left."""
        workspace = self.copy(folder).open()
        yield workspace
        workspace.vault.close()


def take_in(workspace, *paths, clock=None):
    """Ingest exchange files."""
    when = {} if clock is None else {"clock": clock}
    return ingest(paths, EXCHANGE, root=workspace.root, intake=workspace.intake(), **when)


def make_release(workspace, **more):
    """Build a release."""
    return build(workspace.stores, workspace.engine(), settings=workspace.build, **more)


def made_once(tmp_path_factory, name, make) -> Path:
    """Return a folder that the first process of tests to need it makes; the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    made = folder / "made"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def _make_shop(folder):
    made = simulate(folder / "retailer", people=300, seed=7, months=14)
    workspace = make_workspace(folder / "project", settings=SETTINGS)
    take_in(workspace, made.exchange)
    make_release(workspace)
    workspace.vault.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Shop:
    """The simulated retailer, taken in and built; tests read it and never change it."""
    folder = made_once(tmp_path_factory, "shop", _make_shop)
    retailer = folder / "retailer"
    return Shop(folder / "project", retailer / "exchange", retailer / "truth")


@pytest.fixture
def own_shop(shop, tmp_path) -> Shop:
    """A copy of the shop that a test may change."""
    return shop.copy(tmp_path)


@pytest.fixture(scope="session")
def doubtful_shop(shop, tmp_path_factory) -> Shop:
    """The shop with people on whom identity may be wrong; tests change copies of it."""

    def make(folder):
        file = folder / "people.csv"
        file.write_text(DOUBTS, encoding="utf-8")
        with shop.copied(folder) as workspace:
            take_in(workspace, file)
            make_release(workspace)

    return replace(shop, root=made_once(tmp_path_factory, "doubtful", make) / "project")


def digest(workspace) -> dict[str, str]:
    """What the release now serving says, table by table, whatever the files look like."""
    opened = workspace.reading().current()
    found = {}
    for table in MART:
        rows = opened.engine.run(opened.tables[table.name].order_by(table.grain))
        text = rows.to_pandas().to_csv(index=False)
        found[table.name] = hashlib.sha256(text.encode()).hexdigest()[:12]
    return found


DOUBTS = """source,record_id,given_name,family_name,email,phone,city
shop,d1,Anna,Rossi,anna.rossi@example.it,+39 340 100 0001,Firenze
card,d2,Anna,Bianchi,anna.bianchi@example.it,+39 340 100 0001,Firenze
shop,d3,Marta,Verdi,marta@example.it,,Lucca
crm,d4,Marta,,marta@example.it,,
shop,d5,Elena,Neri,elena@example.it,,Pisa
crm,d6,Elena,Galli,elena@example.it,,Pisa
"""
