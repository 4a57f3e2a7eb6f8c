"""The ledger: every row that arrived is accounted for, by source and hour."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.rows import AT
from tuttuno.errors import NotFound
from tuttuno.vault import batches
from tuttuno.vault.batches import BatchStatus, Counts

MINUTE = timedelta(minutes=1)
COUNTS = st.builds(Counts, *[st.integers(0, 10**9)] * 6)


def batch(vault, counts=None, *, source="crm", at=AT, digest="d", **end):
    with vault.begin() as con:
        number = batches.open_batch(
            con, source=source, table="people", file="people.csv", digest=digest, at=at
        )
        if counts is not None:
            batches.close_batch(con, number, counts, at + MINUTE, **end)
    return number


def ledger(vault, **where):
    with vault.read() as con:
        return batches.ledger_by_hour(con, **where)


@pytest.mark.parametrize(
    ("counts", "difference"),
    [
        pytest.param(Counts(), 0, id="nothing-arrived"),
        pytest.param(Counts(15, 1, 2, 3, 4, 5), 0, id="all-five-outcomes"),
        pytest.param(Counts(16, 1, 2, 3, 4, 5), 1, id="one-lost"),
        pytest.param(Counts(14, 1, 2, 3, 4, 5), -1, id="one-too-many"),
    ],
)
def test_the_difference_is_what_is_unaccounted_for(counts, difference):
    assert counts.difference == difference


@given(COUNTS, COUNTS)
def test_differences_add_up_as_counts_do(one, other):
    assert (one + other).difference == one.difference + other.difference


def test_a_batch_is_announced_then_accounted_for(vault):
    number = batch(vault)
    with vault.begin() as con:
        opened = batches.batch_of(con, number)
        assert (opened.status, opened.counts, opened.closed_at) == (
            BatchStatus.OPEN,
            Counts(),
            None,
        )
        assert batches.open_batches(con) == [opened]
        batches.close_batch(con, number, Counts(3, 2, 1), AT + MINUTE)
        closed = batches.batch_of(con, number)
        assert batches.open_batches(con) == []
    assert (closed.status, closed.counts) == (BatchStatus.DONE, Counts(3, 2, 1))
    assert (closed.opened_at, closed.closed_at) == (AT, AT + MINUTE)
    assert (closed.source, closed.table, closed.file) == ("crm", "people", "people.csv")


def test_a_refused_file_says_why(vault):
    number = batch(vault, Counts(), status=BatchStatus.REFUSED, reason="no column `record_id`")
    with vault.read() as con:
        assert batches.batch_of(con, number).reason == "no column `record_id`"
        assert batches.batch_of(con, number).status is BatchStatus.REFUSED


def test_a_batch_that_was_never_opened_cannot_be_closed(vault):
    with vault.begin() as con, pytest.raises(NotFound, match="no batch has number 7"):
        batches.close_batch(con, 7, Counts(), AT)


def test_batches_are_paged_latest_first(vault):
    numbers = [batch(vault) for _ in range(5)]
    with vault.read() as con:
        first = [one.batch for one in batches.batches(con, limit=2)]
        then = [one.batch for one in batches.batches(con, limit=9, before=first[-1])]
    assert (first, then) == (numbers[:2:-1], numbers[2::-1])


def test_what_was_accepted_since_a_moment_is_added_up_over_the_latest_batches(vault):
    for turn in range(4):
        batch(vault, Counts(9, 1 + turn), at=AT + turn * MINUTE)
    batch(vault, at=AT + 9 * MINUTE)
    with vault.read() as con:
        since = {most: batches.accepted_since(con, AT + MINUTE, most=most) for most in (9, 2, 1)}
        assert since == {9: 3 + 4, 2: 4, 1: 0}
        assert batches.accepted_since(con, AT + 10 * MINUTE, most=9) == 0


def test_a_file_that_came_before_is_known_by_its_content(vault):
    mine = [batch(vault, digest="same"), batch(vault, digest="other"), batch(vault, digest="same")]
    with vault.read() as con:
        assert [one.batch for one in batches.batches_of_digest(con, "same")] == [mine[0], mine[2]]


def test_the_ledger_adds_up_by_source_and_hour(vault):
    for minutes, source, counts in (
        (0, "crm", Counts(5, 5)),
        (29, "crm", Counts(3, 1, 2)),
        (30, "crm", Counts(1, 1)),
        (31, "shop", Counts(2, 0, 0, 1, 0, 0)),
    ):
        batch(vault, counts, source=source, at=AT + minutes * MINUTE)
    batch(vault, source="shop")
    nine, ten = AT - 30 * MINUTE, AT + 30 * MINUTE
    assert [(line.source, line.hour, line.counts) for line in ledger(vault)] == [
        ("crm", ten, Counts(1, 1)),
        ("shop", ten, Counts(2, 0, 0, 1)),
        ("crm", nine, Counts(8, 6, 2)),
    ]
    assert batches.total(ledger(vault)) == Counts(11, 7, 2, 1)
    assert batches.total(ledger(vault)).difference == 1
    assert [line.hour for line in ledger(vault, source="shop")] == [ten]
