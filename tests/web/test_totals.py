"""The page of registers: days on which receipts and what was told differ, and why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from tuttuno.tasks.fiscal_totals import DayTotal


def day(number, told, receipts, untaxed=0):
    told = None if told is None else Decimal(told)
    return DayTotal("MI01", date(2026, 3, number), "EUR", told, Decimal(receipts), untaxed)


@dataclass
class Desk:
    days: tuple[DayTotal, ...]

    def totals(self):
        return self.days


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((), ["No register has told its totals yet", "tuttuno ingest registers/ --as registers"]),
        ((day(1, "9.00", "9.00"),), ["All receipts meet", "1 day was compared."]),
        ((day(1, "61.00", "36.60"),), ["on 1 day of a store", "24.40", "are missing"]),
        ((day(1, "9.00", "10.00"),), ["More receipts than were told"]),
        ((day(1, None, "10.00"), day(2, "9.00", "8.00", 3)),
         ["on 2 days", "No register was closed", "3 lines do not tell their tax"]),
    ],
)  # fmt: skip
def test_the_page_says_what_differs(app, admin, days, words):
    app.state.live = Desk(days)
    text = admin.get("/intake/totals").text
    assert [word for word in words if word not in text] == []
    assert ("compared." in text) == bool(days)
    assert ('<tr class="broken">' in text) == any(one.problem for one in days)


def test_a_server_without_doors_has_compared_nothing(admin):
    assert "No register has told its totals yet" in admin.get("/intake/totals").text
    assert 'href="/intake/totals"' in admin.get("/intake").text
