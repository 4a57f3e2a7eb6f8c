"""Work side by side: a few pieces at a time, and one that fails ends all."""

from threading import Barrier, Event

import pytest

from tuttuno.errors import Unavailable
from tuttuno.tasks.side_by_side import Stopped, beside, side_by_side

PATIENCE = 30


def nothing():
    """Stop nothing: no step waits for anything."""


def test_two_pieces_are_under_way_at_once_and_a_third_waits_for_a_lane():
    meeting, came = Barrier(2), []

    def meet(name):
        def piece(_halt):
            meeting.wait(PATIENCE)
            came.append(name)

        return piece

    side_by_side([meet("a"), meet("b"), lambda _halt: came.append("c")], stop=nothing)
    assert came[0] != "c"
    assert sorted(came) == ["a", "b", "c"]


def test_what_is_under_way_is_stopped_when_a_piece_fails_and_what_waits_never_begins():
    waiting, stopped, ended = Event(), Event(), []

    def under_way(halt):
        waiting.set()
        stopped.wait(PATIENCE)
        try:
            halt()
        except Stopped:
            ended.append("stopped")
            raise

    def fails(_halt):
        waiting.wait(PATIENCE)
        raise Unavailable("the disk is full")

    def begins(halt):
        halt()
        ended.append("began")

    with pytest.raises(Unavailable, match="the disk is full"):
        side_by_side([under_way, fails, begins], stop=stopped.set)
    assert stopped.is_set()
    assert ended == ["stopped"]


def test_an_interruption_stops_the_lanes(monkeypatch):
    stopped, ended = Event(), []

    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    def under_way(halt):
        stopped.wait(PATIENCE)
        try:
            halt()
        except Stopped:
            ended.append("stopped")

    monkeypatch.setattr("tuttuno.tasks.side_by_side.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        side_by_side([under_way], stop=stopped.set)
    assert stopped.is_set()
    assert ended == ["stopped"]


def test_work_beside_something_else_has_ended_when_that_has():
    meeting, came = Barrier(2), []

    def work():
        meeting.wait(PATIENCE)
        came.append("beside")

    with beside(work):
        meeting.wait(PATIENCE)
    assert came == ["beside"]


def test_what_work_beside_makes_can_be_waited_for():
    begun = Event()

    def work():
        begun.wait(PATIENCE)
        return "made"

    with beside(work) as made:
        begun.set()
        assert made() == "made"


def test_work_that_fails_beside_something_else_fails_at_its_end():
    came = []

    def work():
        raise Unavailable("the disk is full")

    with pytest.raises(Unavailable, match="the disk is full"), beside(work):
        came.append("else")
    assert came == ["else"]


def test_what_fails_itself_is_not_hidden_by_work_beside_it():
    def work():
        raise Unavailable("the disk is full")

    with pytest.raises(KeyError, match="it"), beside(work):
        raise KeyError("it")
