"""A fresh project for each test, made from a vault that is migrated once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.project import Project, close, make_project
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault


@pytest.fixture(scope="session")
def empty_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vault") / "vault.sqlite"
    vault = open_vault(f"sqlite:///{path}")
    migrate(vault)
    vault.close()
    return path


@pytest.fixture
def project(tmp_path: Path, empty_vault: Path) -> Iterator[Project]:
    made = make_project(tmp_path / "project", empty_vault)
    yield made
    close(made)


@pytest.fixture
def other_project(tmp_path: Path, empty_vault: Path) -> Iterator[Project]:
    """Stand beside `project`, to be compared with it."""
    made = make_project(tmp_path / "other", empty_vault)
    yield made
    close(made)
