"""A vault of each kind, empty and at the present schema."""

from collections.abc import Iterator

import pytest

from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import Vault, open_vault


@pytest.fixture
def file_vault(tmp_path) -> Iterator[Vault]:
    """A vault in a file."""
    vault = open_vault(f"sqlite:///{tmp_path}/vault/vault.sqlite", patience=0.2)
    migrate(vault)
    yield vault
    vault.close()


@pytest.fixture
def server_vault(postgres_url: str) -> Iterator[Vault]:
    """A vault in a server."""
    vault = open_vault(postgres_url, patience=5)
    migrate(vault)
    yield vault
    vault.close()


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def vault(request: pytest.FixtureRequest) -> Vault:
    """A vault in a file, then one in a server: each test runs on both."""
    found: Vault = request.getfixturevalue(f"{request.param}_vault")
    return found
