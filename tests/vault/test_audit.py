"""The audit log: who saw whom can be asked from either side."""

import pytest

from tests.vault.rows import AT
from tuttuno.vault import audit
from tuttuno.vault.audit import AuditEntry


@pytest.fixture
def looked(vault):
    """Three looks of two people at two persons."""
    with vault.begin() as con:
        for actor, subject in (("anna", "7"), ("bea", "7"), ("anna", "8")):
            audit.append(con, actor=actor, action="person.show", subject=subject, at=AT)
    return vault


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({}, [3, 2, 1]),
        ({"subject": "7"}, [2, 1]),
        ({"actor": "anna"}, [3, 1]),
        ({"actor": "anna", "subject": "7"}, [1]),
        ({"limit": 1}, [3]),
        ({"before": 3}, [2, 1]),
    ],
)
def test_looks_are_found_by_who_and_at_whom(looked, where, wanted):
    with looked.read() as con:
        assert [entry.seq for entry in audit.entries(con, **where)] == wanted


def test_a_line_says_all_that_was_told(vault):
    detail = {"fields": ["email"], "why": "call"}
    with vault.begin() as con:
        audit.append(con, actor="anna", action="person.reveal", subject="7", at=AT, detail=detail)
        entry = AuditEntry(1, AT, "anna", "person.reveal", "7", detail)
        assert audit.entries(con) == [entry]


def test_a_look_that_fails_is_not_on_record(vault):
    with pytest.raises(LookupError):
        _look_and_fail(vault)
    with vault.read() as con:
        assert audit.entries(con) == []


def _look_and_fail(vault):
    with vault.begin() as con:
        audit.append(con, actor="anna", action="person.show", subject="7", at=AT)
        raise LookupError
