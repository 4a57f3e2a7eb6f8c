"""Decisions of stewards: they hold until they are taken back, and stay on record after that."""

from datetime import timedelta

import pytest

from tests.vault.rows import AT, key, people
from tuttuno.errors import NotFound
from tuttuno.vault import decisions, records
from tuttuno.vault.counters import last_change
from tuttuno.vault.decisions import Decision, Verdict

LATER = AT + timedelta(days=1)
ANNA, BEA = sorted((key("crm|7"), key("crm|8")))


def decide(con, verdict, at=AT, records=(ANNA, BEA)):
    return decisions.decide(con, records, verdict, author="anna", reason="she called", at=at)


@pytest.mark.parametrize("records", [(ANNA, BEA), (BEA, ANNA)], ids=["sorted", "swapped"])
def test_a_decision_holds_between_two_records_in_either_order(vault, records):
    with vault.begin() as con:
        number = decide(con, Verdict.CANNOT, records=records)
        made = Decision(number, ANNA, BEA, Verdict.CANNOT, "anna", "she called", AT, None, 1)
        assert decisions.decisions(con) == [made]
        assert decisions.decisions_on(con, BEA, ANNA) == [made]
        assert decisions.decisions_on(con, ANNA, key("crm|9")) == []


def test_the_later_decision_counts_and_the_earlier_stays_on_record(vault):
    with vault.begin() as con:
        first = decide(con, Verdict.CANNOT)
        decide(con, Verdict.MUST, records=(ANNA, key("crm|9")))
    with vault.begin() as con:
        seen = last_change(con)
        second = decide(con, Verdict.MUST, LATER)
        assert [one.decision_no for one in decisions.decisions(con)] == [first + 1, second]
        told = decisions.decisions(con, since_change=seen)
    assert [(one.decision_no, one.revoked_at) for one in told] == [(first, LATER), (second, None)]


def test_a_decision_can_be_taken_back(vault):
    with vault.begin() as con:
        number = decide(con, Verdict.MUST)
        seen = last_change(con)
    with vault.begin() as con:
        decisions.revoke(con, number, at=LATER)
        assert decisions.decisions(con) == []
        assert [one.revoked_at for one in decisions.decisions(con, since_change=seen)] == [LATER]


def test_a_decision_nobody_made_cannot_be_taken_back(vault):
    with vault.begin() as con, pytest.raises(NotFound, match="no decision 7"):
        decisions.revoke(con, 7, at=AT)


def test_a_pin_speaks_of_one_record_and_of_no_pair(vault):
    with vault.begin() as con:
        records.insert_records(con, people("7", "8"))
        pair = decide(con, Verdict.MUST)
        number = decisions.pin_detail(con, ANNA, "name", author="anna", reason="she said so", at=AT)
        made = Decision(
            number, ANNA, ANNA, Verdict.PIN, "anna", "she said so", AT, None, 1, "name"
        )  # fmt: skip
        assert decisions.pins_about(con, [ANNA, BEA]) == [made]
        assert decisions.decision_of(con, pair).field is None
        assert decisions.decided_pairs(con)["verdict"].to_pylist() == ["must"]
        everybody = records.record_states(con, None)["record_no"].combine_chunks()
        assert decisions.decided_pairs(con, everybody)["verdict"].to_pylist() == ["must"]
        decisions.revoke(con, number, at=LATER)
        assert decisions.pins_about(con, [ANNA]) == []
