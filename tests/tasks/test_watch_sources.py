"""Sources that are watched: silence and too little are said once, and so is that all is well."""

from datetime import UTC, datetime, timedelta

import pytest

from tuttuno.intake.expected import Alarm, Expected, Trouble
from tuttuno.tasks.watch_sources import Watch, alarms_at
from tuttuno.vault.batches import Counts, LedgerHour
from tuttuno.vault.door_hours import Heard
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
EXPECTED = {"web": Expected(silent_hours=2, least_a_day=10)}


def hour(back, received):
    at = AT.replace(minute=0) - timedelta(hours=back)
    return LedgerHour("web", at, Counts(received=received, duplicate=received))


@pytest.mark.parametrize(
    ("hours", "trouble"),
    [(2.0, []), (2.01, [Alarm("web", Trouble.SILENT, pytest.approx(2.01), 2)])],
)
def test_a_source_is_silent_after_its_hours(hours, trouble):
    heard = [Heard("web", AT - timedelta(hours=hours))]
    assert list(alarms_at(EXPECTED, [hour(1, 10)], heard, AT)) == trouble


@pytest.mark.parametrize(
    ("hours", "seen"),
    [
        pytest.param([hour(1, 4), hour(24, 6)], None, id="all-of-the-last-day"),
        pytest.param([hour(1, 4), hour(25, 6)], 4, id="the-day-before-does-not-count"),
        pytest.param([hour(0, 20), hour(1, 9)], 9, id="nor-an-hour-that-is-not-over"),
        pytest.param([], 0, id="nothing-at-all"),
    ],
)
def test_a_day_is_the_last_twenty_four_whole_hours(hours, seen):
    found = [each.seen for each in alarms_at(EXPECTED, hours, [Heard("web", AT)], AT)]
    assert found == ([] if seen is None else [seen])


def test_who_was_never_heard_is_silent_and_of_whom_nothing_is_expected_is_not():
    (silent,) = alarms_at({"web": Expected(silent_hours=2), "app": Expected()}, [], [], AT)
    assert str(silent) == "web has never been heard, and 2 hours were expected"


def test_what_is_wrong_is_said_once_and_so_is_that_it_is_well_again(tmp_path, monkeypatch):
    monkeypatch.setattr("tuttuno.tasks.watch_sources.PAUSE", 0.0)
    inbox = open_vault(f"sqlite:///{tmp_path}/inbox.sqlite")
    migrate(inbox)
    said, expected = [], {"web": Expected(silent_hours=2)}
    watch = Watch(inbox, expected, say=lambda what, *_: said.append(what), clock=lambda: AT)
    watch()
    watch()
    with inbox.begin() as con:
        put_messages(con, [Message("web", "a", "track", AT, "{}", digest_of(b"{}"))])
    watch()
    inbox.close()
    assert said == [
        "alarm: web has never been heard, and 2 hours were expected",
        "well again: web was silent",
    ]
