"""Whatever is done to a table in whatever order, it holds what a plain dictionary would."""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.lake.conftest import SALE, held
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.lake.store import Lake

MONTHS = ["2026-01", "2026-02", "2026-03"]
GRAIN = st.tuples(st.sampled_from(["till", "web", None]), st.integers(1, 4))
SALES = st.dictionaries(GRAIN, st.sampled_from(MONTHS), max_size=5)
MONTH_SETS = st.sets(st.sampled_from(MONTHS))


class LakeIsADictionary(RuleBasedStateMachine):
    """The lake beside a dictionary from grain to month, for every version."""

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="lake-"))
        self.lake, self.engine = Lake(self.root), DuckDBEngine(threads=1, memory="500MB")
        self.sales, self.versions = {}, {}

    def rows(self, sales):
        names = ("source", "number", "month")
        listed = [dict(zip(names, (*grain, month), strict=True)) for grain, month in sales.items()]
        return self.engine.bind("new", pa.Table.from_pylist(listed, schema=SALE.arrow))

    @rule(sales=SALES)
    def append_what_is_new(self, sales):
        new = {grain: month for grain, month in sales.items() if grain not in self.sales}
        self.lake.append(SALE, self.rows(new), engine=self.engine)
        self.sales = self.sales | new

    @rule(sales=SALES)
    def merge(self, sales):
        self.lake.merge(SALE, self.rows(sales), engine=self.engine)
        self.sales = self.sales | sales

    @rule(sales=SALES, months=MONTH_SETS)
    def replace_months(self, sales, months):
        kept = {grain: month for grain, month in self.sales.items() if month not in months}
        new = {g: month for g, month in sales.items() if month in months and g not in kept}
        self.lake.replace(SALE, self.rows(new), engine=self.engine, partitions=months)
        self.sales = kept | new

    @rule(sales=SALES)
    def replace_all(self, sales):
        self.lake.replace(SALE, self.rows(sales), engine=self.engine)
        self.sales = sales

    @rule(numbers=st.lists(st.integers(1, 5), max_size=2))
    def delete(self, numbers):
        values = pa.array(numbers, pa.int64())
        gone = self.lake.delete(SALE, "number", values, engine=self.engine)
        kept = {grain: month for grain, month in self.sales.items() if grain[1] not in numbers}
        assert gone == len(self.sales) - len(kept)
        self.sales = kept

    @rule()
    def vacuum(self):
        self.lake.vacuum({"sale": list(self.versions)})

    @invariant()
    def holds_the_same(self):
        version = self.lake.version(SALE)
        if version is not None:
            self.versions[version] = self.expected()
        assert held(self.lake, self.engine) == self.expected()
        assert self.lake.rows(SALE) == len(self.sales)

    def expected(self):
        return sorted(((*grain, month) for grain, month in self.sales.items()), key=repr)

    def teardown(self):
        versions = sorted(self.versions)
        for version in versions:
            assert held(self.lake, self.engine, version=version) == self.versions[version]
        for before, after in pairwise(versions):
            self.check_changes(before, after)
        self.engine.close()
        shutil.rmtree(self.root)

    def check_changes(self, before, after):
        """Months with other rows are told as changed; no other claim is made."""
        differing = set(self.versions[before]) ^ set(self.versions[after])
        told = self.lake.changed_partitions(SALE, before, after)
        assert {month for _, _, month in differing} <= told


TestLakeIsADictionary = LakeIsADictionary.TestCase
TestLakeIsADictionary.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
