"""Counters: numbers rise, are given once, and become visible in their order."""

from threading import Event, Thread

from tuttuno.vault.counters import change_number, last, last_change, take
from tuttuno.vault.vault import open_vault


def test_numbers_are_given_in_blocks_from_one(vault):
    with vault.begin() as con:
        assert [take(con, "record", count) for count in (1, 3, 0, 2)] == [1, 2, 5, 5]
        assert take(con, "batch") == 1
        assert (last(con, "record"), last(con, "never")) == (6, 0)


def test_a_transaction_has_one_change_number(vault):
    for number in (1, 2):
        with vault.begin() as con:
            assert [change_number(con), change_number(con)] == [number, number]
            assert last_change(con) == number


def test_a_smaller_change_number_is_seen_before_a_larger_one(vault):
    vault = open_vault(vault.engine.url.render_as_string(hide_password=False), patience=30)
    taken, numbers = Event(), []

    def second():
        taken.wait(30)
        with vault.begin() as con:
            numbers.append(change_number(con))

    other = Thread(target=second)
    other.start()
    with vault.begin() as con:
        numbers.append(change_number(con))
        taken.set()
        other.join(0.3)
        assert numbers == [1]
    other.join(30)
    vault.close()
    assert numbers == [1, 2]
