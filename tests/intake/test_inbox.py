"""The inbox at work: answered when on the disk, shared flushes, refusal when too much waits."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from time import monotonic

import pytest
from msgspec.structs import replace

from tuttuno.errors import Unavailable
from tuttuno.intake.inbox import Inbox, InboxFull
from tuttuno.vault.batches import Counts
from tuttuno.vault.beside import inbox_path, open_inbox
from tuttuno.vault.door_hours import Verdict, doors_by_hour
from tuttuno.vault.inbox import Message, digest_of
from tuttuno.vault.inbox_claims import claim, close_claim, count_waiting
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)


@pytest.fixture
def file_vault(tmp_path):
    """An empty vault in a file."""
    made = open_vault(f"sqlite:///{tmp_path}/vault.sqlite", patience=0.2)
    migrate(made)
    yield made
    made.close()


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def vault(request):
    """An empty vault in a file, then one in a server."""
    if request.param == "file":
        yield request.getfixturevalue("file_vault")
        return
    made = open_vault(request.getfixturevalue("postgres_url"), patience=5)
    migrate(made)
    yield made
    made.close()


def message(name, body="{}"):
    return Message("web", name, "track", AT, body, digest_of(body.encode()))


def test_what_was_answered_is_there(vault):
    with Inbox(vault) as inbox:
        answers = [inbox.put([message(str(n))]) for n in range(200)]
        assert {verdict for each in answers for verdict in each.result(30)} == {Verdict.ACCEPTED}
        with vault.read() as con:
            assert count_waiting(con) == 200


def test_the_log_goes_to_its_place_while_the_doors_are_open(file_vault, monkeypatch):
    monkeypatch.setattr("tuttuno.intake.inbox._MOVED", 0.01)
    before, until = file_vault.path.stat().st_size, monotonic() + 30
    with Inbox(file_vault) as inbox:
        inbox.put([message(str(n), f'"{"x" * 500}"') for n in range(200)]).result(30)
        while file_vault.path.stat().st_size == before:
            assert monotonic() < until
            Event().wait(0.01)


def test_whoever_waits_for_the_disk_is_one_of_a_crowd_until_he_is_answered(file_vault, monkeypatch):
    monkeypatch.setattr("tuttuno.intake.inbox.CROWD", 2)
    with Inbox(file_vault) as inbox:
        with file_vault.begin():
            first = inbox.put([message("a"), message("b")])
            assert not inbox.crowded
            second = inbox.put([message("c")])
            assert inbox.crowded
        for answer in (first, second):
            assert set(answer.result(30)) == {Verdict.ACCEPTED}
        assert not inbox.crowded


def test_many_threads_that_send_the_same_are_counted_once(vault):
    with Inbox(vault) as inbox, ThreadPoolExecutor(8) as pool:
        names = [str(n % 100) for n in range(500)]
        answers = list(pool.map(lambda name: inbox.put([message(name)]).result(30), names))
    assert [each[0] for each in answers].count(Verdict.ACCEPTED) == 100
    with vault.read() as con:
        (hour,) = doors_by_hour(con)
        assert (hour.counts.received, hour.counts.duplicate, hour.counts.difference) == (
            500,
            400,
            0,
        )


#: A collector of its own: it keeps two hundred messages, ten at a time, and says what it heard.
COLLECTOR = """
import sys, datetime
from tuttuno.intake.inbox import Inbox
from tuttuno.vault.inbox import Message, digest_of
from tuttuno.vault.vault import open_vault

at = datetime.datetime(2026, 5, 4, 10, tzinfo=datetime.UTC)
told = [Message("web", str(n), "track", at, "{}", digest_of(b"{}")) for n in range(200)]
with Inbox(open_vault(sys.argv[1])) as inbox:
    waiting = [inbox.put(told[start : start + 10]) for start in range(0, 200, 10)]
    print(*(each for answer in waiting for each in answer.result(60)))
"""


@pytest.mark.postgres
def test_collectors_of_several_processes_keep_each_message_once(postgres_url):
    vault = open_vault(postgres_url, patience=5)
    migrate(vault)
    words = [sys.executable, "-c", COLLECTOR, postgres_url]
    several = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [each.communicate(timeout=120)[0].split() for each in several]
    with vault.read() as con:
        waiting = count_waiting(con)
        (hour,) = doors_by_hour(con)
    vault.close()
    assert sorted(told[0] + told[1]) == ["accepted"] * 200 + ["duplicate"] * 200
    assert (waiting, hour.counts) == (200, Counts(received=400, accepted=200, duplicate=200))


def test_tasks_of_a_loop_are_answered_each_with_its_own_verdicts(vault):
    async def send(inbox):
        told = [[message("a")], [message("a"), message("b")], [message("c", "1"), message("c")]]
        return await asyncio.gather(*(inbox.keep(each) for each in told))

    with Inbox(vault) as inbox:
        assert asyncio.run(send(inbox)) == [
            ["accepted"], ["duplicate", "accepted"], ["accepted", "quarantined"],
        ]  # fmt: skip


def test_a_task_that_has_gone_keeps_no_other_waiting(file_vault):
    async def send(inbox):
        gone = asyncio.create_task(inbox.keep([message("a")]))
        await asyncio.wait([gone], timeout=0)
        gone.cancel()
        return await inbox.keep([message("b")])

    with Inbox(file_vault) as inbox:
        assert asyncio.run(send(inbox)) == [Verdict.ACCEPTED]
    with file_vault.read() as con:
        assert count_waiting(con) == 2


@pytest.mark.parametrize(("came", "busy"), [(4_100, True), (3_900, False)])
def test_an_inbox_is_busy_when_two_thousand_messages_come_a_second(file_vault, came, busy):
    with Inbox(file_vault) as inbox:
        inbox.close()  # so that nobody else looks
        inbox._came = came
        inbox._looked = monotonic() - 2
        inbox._look()
        assert inbox.busy is busy


def test_beyond_the_bound_nothing_is_accepted_until_something_was_taken_in(file_vault):
    with Inbox(file_vault, bound=3) as inbox:
        inbox.put([message("a"), message("b")]).result(30)
        with pytest.raises(InboxFull, match="2 messages wait") as full:
            inbox.put([message("c"), message("d")])
        assert full.value.retry_after > 0
        with file_vault.begin() as con:
            close_claim(con, claim(con, limit=9, at=AT), AT)
        inbox._looked = float("-inf")
        inbox._look()
        assert inbox.put([message("c"), message("d")]).result(30) == [Verdict.ACCEPTED] * 2


def test_a_message_that_breaks_the_program_takes_no_other_with_it(file_vault):
    with Inbox(file_vault) as inbox:
        poison = replace(message("b"), body="\ud800")
        answers = [inbox.put([each]) for each in (message("a"), poison, message("c"))]
        assert answers[0].result(30) == answers[2].result(30) == [Verdict.ACCEPTED]
        with pytest.raises(UnicodeEncodeError):
            answers[1].result(30)


def test_when_the_disk_does_not_answer_the_sender_hears_it(file_vault):
    with Inbox(file_vault) as inbox, file_vault.begin():
        answer = inbox.put([message("a")])
        with pytest.raises(Unavailable, match="keeps the vault busy"):
            answer.result(30)


def test_a_closed_inbox_has_written_all_and_takes_no_more(file_vault):
    inbox = Inbox(file_vault)
    answers = [inbox.put([message(str(n))]) for n in range(50)]
    inbox.close()
    assert all(each.done() for each in answers)
    with pytest.raises(InboxFull):
        inbox.put([message("late")])


def test_an_event_is_kept_while_somebody_writes_into_the_vault_for_long(file_vault):
    beside = open_inbox(file_vault)
    with file_vault.begin(), Inbox(beside) as inbox:
        assert inbox.put([message("a")]).result(30) == [Verdict.ACCEPTED]
    beside.close()
    assert inbox_path(file_vault.path).stat().st_mode & 0o077 == 0
