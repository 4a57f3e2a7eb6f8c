"""Likeness weighed by an engine: the same weights and the same persons as in this process."""

from functools import partial

import numpy as np
import pytest

from tests.identity.likeness.lists import two_lists
from tests.identity.shop import Shop
from tuttuno.identity.likeness.look import of_all
from tuttuno.identity.likeness.spread import weighed_by
from tuttuno.identity.matching.quality import quality_of


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    """Each engine in turn."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def shop(tmp_path):
    """Two lists that share no identifier, taken in and not yet looked at."""
    made = Shop(tmp_path / "vault.sqlite")
    yield made
    made.vault.close()


def persons(shop, weigher):
    """The person of every record, told apart anew by a weigher, in the order of records."""
    run = shop.resolve(full=True, weigher=weigher)
    ids = shop.ids()
    return run, np.array([ids[name] for name in sorted(ids)])


class Watched:
    """Weighs in this process and by an engine, and holds the two against each other."""

    def __init__(self, engine):
        self.engine = engine
        self.pairs = 0

    def __call__(self, kept, rows, pairs):
        here, there = of_all(kept, rows, pairs), weighed_by(self.engine, kept, rows, pairs, few=0)
        self.pairs = len(pairs[0])
        assert np.array_equal(here.one, there.one)
        assert np.array_equal(here.other, there.other)
        assert np.array_equal(here.weight, there.weight)
        assert np.array_equal(here.near, there.near)
        for name, bits in here.parts.items():
            assert np.array_equal(bits, there.parts[name]), name
        for name, level in here.levels.items():
            assert np.array_equal(level, there.levels[name]), name
        return there


def test_an_engine_weighs_every_pair_as_this_process_does(shop, engine):
    rows, _ = two_lists(1_300)
    shop.keep_rows(rows)
    weigher = Watched(engine)
    run, _ = persons(shop, weigher)
    assert weigher.pairs > 700
    assert run.metrics["ties_by_likeness"] > 600


def test_a_few_pairs_are_weighed_in_this_process(shop):
    rows, _ = two_lists(60)
    shop.keep_rows(rows)
    run, _ = persons(shop, partial(weighed_by, None))
    assert run.metrics["ties_by_likeness"] > 20


@pytest.mark.storm
@pytest.mark.spark
def test_spark_ends_with_the_same_persons_on_fifty_thousand_records(shop, spark_engine):
    rows, _ = two_lists(31_500)
    shop.keep_rows(rows)
    _, here = persons(shop, of_all)
    run, there = persons(shop, partial(weighed_by, spark_engine, few=0))
    assert len(here) >= 50_000
    assert run.metrics["ties_by_likeness"] > 15_000
    assert quality_of(there, here).f1 >= 0.999
    assert run.metrics["moved"] == 0
