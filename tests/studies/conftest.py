"""One engine for studies of small shops, and the simulated retailer at two seeds."""

from tests.measures.conftest import duck

__all__ = ["duck"]
