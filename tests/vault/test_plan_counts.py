"""Counts of the tracking plan: added up by day, alike in any order, and bounded in names."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from tuttuno.vault import plan_counts
from tuttuno.vault.plan_counts import (
    OTHER,
    Broken,
    Event,
    Events,
    EventTotal,
    PlanCounts,
    Violations,
    ViolationTotal,
    add_counts,
    event_totals,
    violation_totals,
)

DAY = datetime(2026, 5, 4, tzinfo=UTC)
NOON, EVENING = DAY + timedelta(hours=12), DAY + timedelta(hours=20)


def counted(name, *, day=DAY, at=NOON, place="price", example="m1", checked=3, broken=1):
    event = Event("web", name, day)
    violations = {Broken(event, place, "type"): Violations(broken, at, at, example)}
    return PlanCounts({event: Events(checked, broken)}, violations)


def test_counts_of_one_place_add_up(vault):
    with vault.begin() as con:
        add_counts(con, counted("Viewed"))
        add_counts(con, counted("Viewed", at=EVENING, example="m2", checked=2, broken=2))
    with vault.read() as con:
        assert event_totals(con) == [EventTotal("web", "Viewed", 5, 3)]
        assert violation_totals(con) == [
            ViolationTotal("web", "Viewed", "price", "type", 3, NOON, EVENING, "m2")
        ]


def test_the_order_of_counts_makes_no_difference(file_vault):
    told = [
        counted("Viewed", at=at, example=name)
        for at, name in ((NOON, "b"), (NOON, "a"), (DAY, "c"))
    ]
    seen = set()
    for order in permutations(told):
        with file_vault.engine.connect() as con:
            for each in order:
                add_counts(con, each)
            seen.add((*event_totals(con), *violation_totals(con)))
            con.rollback()
    assert seen == {
        (
            EventTotal("web", "Viewed", 9, 3),
            ViolationTotal("web", "Viewed", "price", "type", 3, DAY, NOON, "b"),
        )
    }


def test_days_are_told_apart(vault):
    before = DAY - timedelta(days=1)
    with vault.begin() as con:
        add_counts(con, counted("Viewed", day=before, at=before))
        add_counts(con, counted("Viewed"))
    with vault.read() as con:
        assert [each.checked for each in event_totals(con)] == [6]
        assert [each.checked for each in event_totals(con, since=DAY)] == [3]
        assert [each.first_at for each in violation_totals(con)] == [before]
        assert [each.first_at for each in violation_totals(con, since=DAY)] == [NOON]


def test_who_makes_up_ever_new_names_does_not_fill_the_disk(vault, monkeypatch):
    monkeypatch.setattr(plan_counts, "NAMES", 3)
    with vault.begin() as con:
        add_counts(con, counted("Viewed"))
        for number in range(4):
            add_counts(con, counted("Viewed", place=f"made up {number}"))
            add_counts(con, counted(f"Made up {number}"))
    with vault.read() as con:
        events = {each.event: each.checked for each in event_totals(con)}
        places = {(each.event, each.property): each.times for each in violation_totals(con)}
    assert events == {"Viewed": 15, OTHER: 12}
    assert places == {
        ("Viewed", "price"): 1, ("Viewed", "made up 0"): 1, ("Viewed", OTHER): 3, (OTHER, OTHER): 4,
    }  # fmt: skip


@pytest.mark.parametrize("place", ["", "price"])
def test_an_event_as_a_whole_needs_no_name_of_a_property(vault, place):
    with vault.begin() as con:
        add_counts(con, counted("Viewed", place=place))
    with vault.read() as con:
        assert [each.property for each in violation_totals(con)] == [place]
