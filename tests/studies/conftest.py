"""One engine for studies of small shops, and the simulated retailer at two seeds."""

from tests.conformance.engines import agree, duckdb_engine, spark_engine
from tests.measures.conftest import duck

__all__ = ["agree", "duck", "duckdb_engine", "spark_engine"]
