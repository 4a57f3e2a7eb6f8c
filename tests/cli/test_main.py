"""What every command has in common, whatever its verb."""

import gc


def looks():
    return sum(generation["collections"] for generation in gc.get_stats())


def test_a_command_does_not_look_through_all_it_holds_while_rows_come_in(tuttuno):
    gc.set_threshold(700)
    assert tuttuno("--version").code == 0
    before = looks()
    rows = [(number, str(number)) for number in range(40_000)]
    assert looks() - before <= 1
    del rows
