"""Identity runs: the next one starts where the last one that succeeded had read to."""

import pytest

from tests.vault.rows import AT
from tuttuno.errors import NotFound
from tuttuno.vault import runs
from tuttuno.vault.runs import Run, RunStatus


def test_a_run_remembers_how_far_it_had_read(vault):
    with vault.begin() as con:
        number = runs.open_run(con, config_hash="c1", change=17, at=AT)
        assert runs.last_run(con) is None
        runs.close_run(con, number, metrics={"persons": 3, "pairs": {"email": 2}})
        done = Run(number, "c1", 17, RunStatus.DONE, AT, {"persons": 3, "pairs": {"email": 2}})
        assert runs.last_run(con) == done


def test_a_run_that_failed_is_no_start_for_the_next(vault):
    with vault.begin() as con:
        first, second = (runs.open_run(con, config_hash="c", change=at, at=AT) for at in (1, 2))
        runs.close_run(con, first, metrics={})
        runs.close_run(con, second, metrics={}, status=RunStatus.FAILED)
        assert runs.last_run(con).run_no == first
        assert [run.run_no for run in runs.runs(con)] == [second, first]
        assert [run.run_no for run in runs.runs(con, limit=1)] == [second]


def test_a_run_that_was_never_opened_cannot_be_closed(vault):
    with vault.begin() as con, pytest.raises(NotFound, match="no identity run 7"):
        runs.close_run(con, 7, metrics={})
