"""The log tells versions across checkpoints, and nothing about rows but their number."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lake.conftest import SALE
from tuttuno.lake.log import CHECKPOINT_EVERY


@pytest.fixture
def engine(duckdb_engine):
    return duckdb_engine


def test_an_old_version_is_read_across_checkpoints(lake, engine, rows):
    for number in range(2 * CHECKPOINT_EVERY + 3):
        lake.append(SALE, rows(("till", number, "2026-01")), engine=engine)
    assert list((lake.folder(SALE) / "_delta_log").glob("*.checkpoint.parquet"))
    assert lake.rows(SALE, 5) == 5
    assert lake.changed_partitions(SALE, 5, lake.version(SALE)) == {"2026-01"}
    assert [each.number for each in lake.history(SALE)] == list(range(lake.version(SALE), -1, -1))


def test_the_log_holds_no_value_of_any_row(lake, engine, rows):
    canary = "CANARY-7f3a"
    for number in range(CHECKPOINT_EVERY + 1):
        lake.append(SALE, rows((canary, 424242 + number, "2026-01")), engine=engine)
    lake.delete(SALE, "source", pa.array([canary]), engine=engine)
    log = lake.folder(SALE) / "_delta_log"
    texts = [path.read_text("utf-8") for path in log.glob("*.json")]
    texts += [str(pq.read_table(path).to_pylist()) for path in log.glob("*.parquet")]
    assert len(texts) == CHECKPOINT_EVERY + 4
    assert not [text for text in texts if canary in text or "4242" in text]
