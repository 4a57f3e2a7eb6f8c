import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.intake.versions import contested, fingerprint, judge

NEW, SAME, OLD, CLASH, BETTER = None, "duplicate", "older", "same_key_other_content", "correction"


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(threads=1, memory="300MB")
    yield made
    made.close()


def bound(engine, name, rows):
    """Rows of key, content, and when they were changed (a number, or None)."""
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    table = {
        "row": pa.array(range(1, len(rows) + 1), pa.int64()),
        "key": pa.array(columns[0], pa.string()),
        "content": pa.array(columns[1], pa.string()),
        "updated_at": pa.array(columns[2], pa.timestamp("us")),
    }
    return engine.bind(name, pa.table(table))


def verdicts(engine, arrived, there=()):
    rows, known = bound(engine, "arrived", arrived), bound(engine, "there", list(there))
    found = judge(engine, "judged", rows, known.drop("row"), key=["key"])
    told = engine.run(found.table).to_pylist()
    by_row = {row["row"]: row["verdict"] for row in told}
    assert len(by_row) == len(told) == sum(found.counts.values())
    return [by_row.get(row) for row in range(1, len(arrived) + 1)]


@pytest.mark.parametrize(
    ("there", "arrived", "wanted"),
    [
        pytest.param([], [("k", "a", None), ("j", "a", None)], [NEW, NEW], id="new"),
        pytest.param([("k", "a", None)], [("k", "a", None)], [SAME], id="again"),
        pytest.param([], [("k", "a", 1), ("k", "a", 1)], [NEW, SAME], id="twice in a file"),
        pytest.param([("k", "a", 1)], [("k", "b", 2)], [BETTER], id="later"),
        pytest.param([("k", "a", 2)], [("k", "b", 1)], [OLD], id="earlier"),
        pytest.param([("k", "a", 1)], [("k", "b", 1)], [CLASH], id="at the same time"),
        pytest.param([("k", "a", None)], [("k", "b", 1)], [CLASH], id="nothing to compare with"),
        pytest.param([("k", "a", 1)], [("k", "b", None)], [CLASH], id="nothing to compare"),
        pytest.param([], [("k", "a", None), ("k", "b", None)], [NEW, CLASH], id="first stays"),
        pytest.param([], [("k", "a", 1), ("k", "b", 2)], [OLD, NEW], id="two versions"),
        pytest.param([], [("k", "b", 2), ("k", "a", 1)], [NEW, OLD], id="two versions, turned"),
        pytest.param(
            [("k", "a", 1)],
            [("k", "b", 2), ("k", "c", 3), ("k", "c", 3), ("k", "d", 3)],
            [OLD, BETTER, SAME, CLASH],
            id="the latest of several",
        ),
        pytest.param([("j", "a", 1)], [("k", "a", 1)], [NEW], id="another key"),
    ],
)
def test_rows_that_meet_are_judged(engine, there, arrived, wanted):
    assert verdicts(engine, arrived, there) == wanted


versions = st.lists(
    st.tuples(st.sampled_from("jk"), st.integers(0, 4)), min_size=1, max_size=8
).map(lambda pairs: [(key, f"{key} as of {at}", at) for key, at in pairs])


def arrive(engine, deliveries):
    """Keep what one delivery after the other leaves behind."""
    there = {}
    for rows in deliveries:
        found = verdicts(engine, rows, list(there.values()))
        there |= {
            row[0]: row
            for row, verdict in zip(rows, found, strict=True)
            if verdict in {NEW, BETTER}
        }
    return there


@settings(max_examples=40, deadline=None)
@given(versions, st.randoms(use_true_random=False), st.integers(1, 4))
def test_neither_order_nor_division_nor_repetition_changes_the_end(engine, rows, chance, cuts):
    shuffled = rows * 2
    chance.shuffle(shuffled)
    size = max(1, len(shuffled) // cuts)
    deliveries = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    newest = {}
    for row in rows:
        newest[row[0]] = max(newest.get(row[0], row), row, key=lambda each: each[2])
    assert arrive(engine, [rows]) == newest
    assert arrive(engine, deliveries) == newest


def test_only_grains_that_occur_twice_are_looked_at(engine):
    def grains(name, keys):
        rows = bound(engine, name, [(key, "", None) for key in keys])
        return rows.select(grain=fingerprint(rows, ["key"]))

    alone = contested(engine, "met", grains("some", "ab"), grains("others", "cd"))
    assert alone is None
    met = contested(engine, "met", grains("some", "abbc"), grains("others", "cd"))
    assert engine.run(met).num_rows == 2


def test_a_fingerprint_tells_null_from_everything_else(engine):
    rows = bound(engine, "some", [(None, "", None), ("", None, None), ("None", "", None)])
    found = engine.run(rows.select(mark=fingerprint(rows, ["key", "content"])))
    assert len(set(found["mark"].to_pylist())) == 3
