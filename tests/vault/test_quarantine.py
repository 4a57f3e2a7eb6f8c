"""Quarantine: bad rows are kept as they came, and each is settled once."""

from dataclasses import replace

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.vault.rows import AT, key
from tuttuno.vault import quarantine
from tuttuno.vault.quarantine import (
    Quarantined,
    QuarantineFilter,
    QuarantineState,
    RuleCount,
)
from tuttuno.vault.tables import QUARANTINE

ROW = Quarantined(
    batch=1,
    source="crm",
    table="people",
    file="people.csv",
    row=12,
    column="birth_date",
    rule="date",
    value="31.02.1980",
    message="not a day of the calendar",
    payload={"record_id": "7", "birth_date": "31.02.1980"},
    at=AT,
    record_key=key("crm|7"),
)
BARE = replace(ROW, row=None, column=None, value=None, payload=None, record_key=None, rule="shape")


@pytest.fixture
def held(vault):
    """A vault that holds four rows back."""
    sale = replace(BARE, source="shop", table="sales", batch=2)
    with vault.begin() as con:
        assert quarantine.put(con, [ROW, BARE]) == 2
        assert quarantine.put(con, [sale, sale]) == 2
    return vault


def numbers(vault, where=None, **page):
    with vault.read() as con:
        rows = quarantine.browse(con, where or QuarantineFilter(), **page)
    return [row.quarantine_no for row in rows]


def test_a_row_is_kept_as_it_came(held):
    with held.read() as con:
        rows = quarantine.browse(con, limit=2)
    assert rows == [replace(ROW, quarantine_no=1), replace(BARE, quarantine_no=2)]


def test_rows_come_in_bulk_as_well(vault):
    table = {"batch": [1, 1], "source": ["crm"] * 2, "table": ["people"] * 2, "row": [3, 4]}
    texts = {"file": ["a.csv"] * 2, "rule": ["date"] * 2, "message": ["m", "n"]}
    at = pa.array([AT, AT], pa.timestamp("us", "UTC"))
    with vault.begin() as con:
        assert quarantine.put(con, pa.table({**table, **texts, "at": at})) == 2
        rows = quarantine.browse(con)
    assert [(row.row, row.message, row.state) for row in rows] == [
        (3, "m", QuarantineState.OPEN),
        (4, "n", QuarantineState.OPEN),
    ]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        (QuarantineFilter(), [1, 2, 3, 4]),
        (QuarantineFilter(rule="shape"), [2, 3, 4]),
        (QuarantineFilter(rule="shape", source="crm"), [2]),
        (QuarantineFilter(table="sales"), [3, 4]),
        (QuarantineFilter(batch=1), [1, 2]),
        (QuarantineFilter(state=QuarantineState.RETRIED), []),
        (QuarantineFilter(state=None, rule="date"), [1]),
    ],
)
def test_rows_are_chosen_by_what_they_are(held, where, wanted):
    assert numbers(held, where) == wanted


def test_rows_are_paged_oldest_first(held):
    assert numbers(held, limit=2) == [1, 2]
    assert numbers(held, limit=2, after=2) == [3, 4]
    assert numbers(held, after=4) == []


def test_rules_are_counted_the_most_broken_first(held):
    with held.read() as con:
        counted = quarantine.count_by_rule(con)
    assert counted == [
        RuleCount("shop", "sales", "shape", 2),
        RuleCount("crm", "people", "date", 1),
        RuleCount("crm", "people", "shape", 1),
    ]


def test_a_settled_row_is_no_longer_open_and_says_who_took_it_in(held):
    with held.begin() as con:
        retried = QuarantineState.RETRIED
        assert quarantine.settle(con, [1, 3, 99, 1], retried, retried_by=8) == 2
        assert quarantine.settle(con, [2], QuarantineState.DISMISSED) == 1
        rows = quarantine.browse(con, QuarantineFilter(state=retried))
        assert rows[0] == replace(ROW, quarantine_no=1, state=retried, retried_by=8)
        assert quarantine.count_by_batch(con) == ({1: 2, 2: 2}, {8: 2})
        assert quarantine.count_by_rule(con) == [RuleCount("shop", "sales", "shape", 1)]
    assert numbers(held) == [4]


def test_what_was_held_before_is_known_by_what_it_says_whatever_became_of_it(vault):
    with vault.begin() as con:
        quarantine.put(con, [ROW, BARE])
        quarantine.settle(con, [1], QuarantineState.DISMISSED)
        later = replace(ROW, batch=2, row=99, file="grown.csv", rule="shape")
        assert quarantine.held_before(con, [later, replace(BARE, batch=2)]) == {ROW.content}
        others = [replace(later, source="shop"), replace(later, payload={"record_id": "8"})]
        assert quarantine.held_before(con, [*others, replace(later, table="sales")]) == set()
        assert quarantine.held_before(con, [ROW]) == set()


def test_a_page_of_open_rows_needs_no_sorting(file_vault):
    statement = sa.select(QUARANTINE.c.rule).where(QUARANTINE.c.state == "open")
    page = statement.where(QUARANTINE.c.quarantine_no > 5).order_by(QUARANTINE.c.quarantine_no)
    with file_vault.read() as con:
        text = str(page.compile(dialect=con.dialect))
        plan = con.exec_driver_sql(f"explain query plan {text}", ("open", 5)).all()
    assert [row[3] for row in plan] == [
        "SEARCH quarantine USING INDEX ix_quarantine_state (state=? AND rowid>?)"
    ]
