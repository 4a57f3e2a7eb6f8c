"""What every command has in common, whatever its verb."""

import gc

import pytest


def looks():
    return sum(generation["collections"] for generation in gc.get_stats())


def test_a_command_does_not_look_through_all_it_holds_while_rows_come_in(tuttuno):
    gc.set_threshold(700)
    assert tuttuno("--version").code == 0
    before = looks()
    rows = [(number, str(number)) for number in range(40_000)]
    assert looks() - before <= 1
    del rows


@pytest.mark.parametrize(
    "group", [[], ["quarantine"], ["identity"], ["steward"], ["tracking-plan"], ["effect"]]
)
def test_what_each_verb_does_is_listed_in_whole_sentences_on_a_narrow_terminal(
    tuttuno, monkeypatch, group
):
    monkeypatch.setenv("COLUMNS", "60")
    said = tuttuno(*group, "--help")
    listed = said.out.partition("Commands:")[2]
    assert listed.count(".") >= 3
    assert "..." not in listed
