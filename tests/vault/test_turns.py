"""Turns: first come, first served, and whoever gives up holds nobody up."""

import threading

import pytest

from tuttuno.errors import Unavailable
from tuttuno.vault.turns import Turns


def queued(turns, number):
    """Wait until that many threads stand in the queue."""
    while len(turns._queue) < number:
        threading.Event().wait(0.001)


def test_whoever_asks_first_goes_first():
    turns, order = Turns(), []

    def work(name):
        with turns.mine(30):
            order.append(name)

    crew = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    with turns.mine(30):
        for at, one in enumerate(crew):
            one.start()
            queued(turns, at + 2)
    for one in crew:
        one.join()
    assert order == list(range(6))


def test_whoever_gives_up_is_no_longer_waited_for():
    turns = Turns()
    with turns.mine(30):
        with pytest.raises(Unavailable, match="busy"), turns.mine(0.01):
            pass
        assert len(turns._queue) == 1
    with turns.mine(0.01):
        pass


def test_an_error_ends_the_turn():
    turns = Turns()
    with pytest.raises(KeyError), turns.mine(30):
        raise KeyError
    with turns.mine(0.01):
        pass
