"""Public data sets that may lie beside the repository; the product never needs them."""

from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[3] / "shared"


def lacks_shared() -> str | None:
    """Say that the data is not there."""
    if not (BESIDE / "data").is_dir():
        return "no folder `shared/data` beside the repository"
    return None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public data beside the repository."""
    if lack := lacks_shared():
        pytest.skip(f"shared_data: {lack}")
    return BESIDE
