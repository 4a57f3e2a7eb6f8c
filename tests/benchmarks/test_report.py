"""The page says what the result files say, and nothing of what was not measured."""

import json

import pytest

from benchmarks.report import look_up, measured_sizes, page

MACHINE = {
    "processor": "Acme 1",
    "cores": 2,
    "memory_gib": 8.0,
    "system": "Linux 6",
    "python": "3.11.7",
    "tuttuno": "0.1.0",
    "libraries": {"duckdb": "1.5.6"},
}


def result(folder, name, **found):
    (folder / f"{name}.json").write_text(json.dumps({"machine": MACHINE, **found}))


def measures(folder, people, ratio):
    times = {"best_ms": 100.0, "median_ms": 110.0}
    ratios = {"ratio": ratio, "ratio_of_medians": ratio, "ratio_of_cpu": ratio}
    one = {"tuttuno": times, "raw": times, **ratios}
    found = {"worst_ratio": ratio, "rounds": 5, "peak_mb": 900.0, "measures": {"coverage": one}}
    result(folder, f"measures_{people}", people=people, seed=7, **found)


def test_nothing_measured_is_an_empty_page(tmp_path):
    assert len(list(page(tmp_path))) == 2


def test_a_kept_promise_says_so(tmp_path):
    measures(tmp_path, 1_000_000, 1.1)
    assert "| 1.3 times | 1.10 times | yes |" in "\n".join(page(tmp_path))


def test_a_broken_promise_says_so(tmp_path):
    measures(tmp_path, 1_000_000, 1.31)
    assert "| 1.3 times | 1.31 times | no |" in "\n".join(page(tmp_path))


def test_a_promise_is_about_a_million_persons(tmp_path):
    measures(tmp_path, 100_000, 1.1)
    text = "\n".join(page(tmp_path))
    assert "## 100,000 persons" in text
    assert "Promises" not in text


def test_every_measure_has_its_row_and_the_machine_is_named(tmp_path):
    measures(tmp_path, 100_000, 1.25)
    text = "\n".join(page(tmp_path))
    assert "| `coverage` | 100 | 100 | 1.25 | 1.25 | 1.25 |" in text
    assert "Acme 1, 2 cores, 8.0 GiB, Linux 6, Python 3.11.7, DuckDB 1.5.6" in text


def test_sizes_come_smallest_first(tmp_path):
    for people in (1_000_000, 20_000):
        measures(tmp_path, people, 1.0)
    assert measured_sizes(tmp_path) == [20_000, 1_000_000]


def test_a_key_that_leads_nowhere_is_none():
    assert look_up({"help": 1}, "help.median_ms") is None


def lookups(folder, people, per_second):
    turn = {"server_cpu_ms": 0.71, "p50_ms": 4.0, "p95_ms": 9.0, "p99_ms": 12.5}
    turns = {"steady": turn | {"per_second": 1_000}, "full": turn | {"per_second": per_second}}
    result(folder, f"lookup_{people}", people=people, seed=7, workers=2, **turns)


def test_look_ups_must_be_many_and_each_quick(tmp_path):
    for per_second, kept in ((2_000, "yes"), (1_999, "no")):
        lookups(tmp_path, 1_000_000, per_second)
        text = "\n".join(page(tmp_path))
        assert f"| at least 2,000 a second | {per_second:,} a second | {kept} |" in text
        assert "| 20 ms | 12.5 ms | yes |" in text
        assert f"| full | {per_second:,} | 0.71 | 4.0 | 9.0 | 12.5 |" in text


def live(folder, single):
    one = {"bare_events_per_second": 10_000, "ratio": 0.5, "cpu_us_per_event": 99.6}
    one |= {"bare_cpu_us_per_event": 50.0, "p50_ms": 2.0, "p99_ms": 12.5}
    pressed = {
        "answers": {"200": 900, "429": 80, "503": 20},
        "unsent": 7,
        "p50_ms": 3.0,
        "p99_ms": 99.9,
    }
    result(
        folder, "collector", load_before=0.5, load_after=1.5, acknowledged=5_000, lost=0,
        single={**one, "events_per_second": single}, batch={**one, "events_per_second": 40_000},
        steady={**pressed, "asked_per_second": 1_000}, burst={**pressed, "asked_per_second": 10},
    )  # fmt: skip


@pytest.mark.parametrize(("single", "kept"), [(5_000, "yes"), (4_999, "no")])
def test_a_promise_may_be_a_lower_limit(tmp_path, single, kept):
    live(tmp_path, single)
    told = "\n".join(page(tmp_path))
    assert f"| at least 5,000 a second | {single:,} a second | {kept} |" in told


def test_what_was_turned_away_under_a_burst_stands_beside_what_was_kept(tmp_path):
    live(tmp_path, 5_000)
    told = "\n".join(page(tmp_path))
    assert "| 1,000 | 900 | 100 | 7 | 3 | 100 |" in told
    assert "| singly | 5,000 | 10,000 | 0.500 | 100 | 50 | 12 |" in told
    assert "0.5 to 1.5 processes wanted its 2 cores" in told


def settled(folder, p50):
    times = {"p50_ms": p50, "p95_ms": 1.9, "p99_ms": 4.6}
    bulk = {"records": 999_000, "persons": 400_000, "seconds": 99.0, "cpu_seconds": 98.0}
    result(
        folder, "settle", people=400_000, seed=7, bulk=bulk | {"peak_mb": 3_000.0}, one=times,
        one_processor=times, batched_per_second=2_628.1, batch=100, moved_by_reconcile=3,
    )  # fmt: skip


@pytest.mark.parametrize(("p50", "kept"), [(1.0, "yes"), (1.01, "no")])
def test_a_record_that_comes_alone_is_settled_in_time(tmp_path, p50, kept):
    settled(tmp_path, p50)
    told = "\n".join(page(tmp_path))
    assert f"| 1 ms | {p50:.2f} ms | {kept} |" in told
    assert "999,000 records of 400,000 persons" in told
    assert "moved 3 records" in told


def test_large_files_are_told_row_by_row(tmp_path):
    one = {"file": "shopify", "rows": 10_000, "seconds": 9.6, "cpu_seconds": 8.4, "peak_mb": 385}
    files = [one | {"megabytes": megabytes} for megabytes in (100, 1_000)]
    result(tmp_path, "connectors", files=files)
    told = "\n".join(page(tmp_path))
    assert "| `shopify` | 100 | 10,000 | 10 | 8 | 11.9 | 385 |" in told
    assert "| `shopify` | 1,000 | 10,000 | 10 | 8 | 119.0 | 385 |" in told


def test_a_very_large_file_is_told_by_what_a_row_costs(tmp_path):
    whole = {"rows": 50_000_000, "seconds": 301.2, "cpu_seconds": 350.0, "peak_mb": 2_385}
    result(tmp_path, "large", files={"csv": {"megabytes": 3_300, "whole": whole}})
    told = "\n".join(page(tmp_path))
    assert "| `sales.csv` | 3,300 | 50,000,000 | 301 | 350 | 7.0 | 2,385 |" in told
