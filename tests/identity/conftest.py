"""A fresh shop for each test."""

import pytest

from tests.identity.shop import Shop


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path / "vault.sqlite")
    yield shop
    shop.vault.close()
