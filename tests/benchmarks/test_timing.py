"""Calls are timed in turns; percentiles are timings that were seen."""

from benchmarks.timing import best_and_median, in_turn, percentiles


def test_calls_take_turns_so_that_a_busy_moment_meets_all_of_them():
    heard = []
    in_turn({"a": lambda: heard.append("a"), "b": lambda: heard.append("b")}, rounds=3)
    assert heard == ["a", "b"] * 3


def test_every_round_is_timed():
    assert {name: len(s) for name, s in in_turn({"a": int, "b": int}, rounds=4).items()} == {
        "a": 4,
        "b": 4,
    }


def test_processor_time_is_told_beside_the_clock_on_the_wall():
    ((busy,), (idle,)) = in_turn(
        {"busy": lambda: sum(range(2_000_000)), "idle": int}, rounds=1
    ).values()
    assert busy.cpu_seconds > 100 * idle.cpu_seconds
    assert busy.seconds > idle.seconds


def test_the_best_and_the_median_are_in_milliseconds():
    assert best_and_median([0.004, 0.001, 0.002]) == {"best_ms": 1.0, "median_ms": 2.0}


def test_one_slow_request_of_ten_is_the_p95():
    found = percentiles([0.001] * 9 + [0.5])
    assert (found["p50_ms"], found["p95_ms"], found["n"]) == (1.0, 500.0, 10)


def test_one_slow_request_of_a_hundred_is_the_worst_and_not_the_p99():
    found = percentiles([0.5] + [0.001] * 99)
    assert (found["p99_ms"], found["worst_ms"]) == (1.0, 500.0)
