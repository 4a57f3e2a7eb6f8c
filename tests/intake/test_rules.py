from datetime import UTC, datetime

import pytest

from tests.intake.project import NOW, Project
from tuttuno.intake.rules import rules_of
from tuttuno.schema.exchange import EXCHANGE
from tuttuno.schema.lake import SALE_LINE
from tuttuno.vault.batches import Counts

GOOD = {
    "source": "till", "sale_id": "R1", "line_no": "1", "sold_at": "2026-01-10", "channel": "store",
    "store_id": "S1", "product_id": "P1", "quantity": "1", "net": "10.00", "currency": "EUR",
}  # fmt: skip


def line(**changes):
    return ",".join(f'"{value}"' for value in (GOOD | changes).values())


BAD_SALES = [
    ("sale_id", "", "required"),
    ("line_no", "1.5", "type"),
    ("line_no", "-1", "range"),
    ("line_no", "99999999999", "type"),
    ("sold_at", "10/01/2026", "type"),
    ("sold_at", "1849-12-31", "too_early"),
    ("sold_at", "0000-01-01", "too_early"),
    ("sold_at", "2026-06-03", "future"),
    ("sold_at", "9999-12-31", "future"),
    ("channel", "shop", "vocabulary"),
    ("channel", "Store", "vocabulary"),
    ("quantity", "1.0005", "type"),
    ("quantity", "1,5", "type"),
    ("net", "10.005", "type"),
    ("net", "NaN", "type"),
    ("net", "-10", "sign"),
    ("currency", "EURO", "currency"),
    ("currency", "", "required"),
]


def test_each_broken_promise_is_told_with_row_column_rule_and_value(project: Project):
    rows = [line(sale_id=f"R{i}") for i in range(3)]
    bad = [line(**{"sale_id": f"B{i}", column: value})
           for i, (column, value, _) in enumerate(BAD_SALES)]  # fmt: skip
    text = "\n".join([",".join(GOOD), rows[0], *bad, *rows[1:]]) + "\n"
    report = project.take_text("sales", text)
    assert report.counts == Counts(received=len(bad) + 3, accepted=3, quarantined=len(bad))
    assert project.faults() == [
        (row, column, rule, value or None) for row, (column, value, rule) in enumerate(BAD_SALES, 2)
    ]


def test_a_sale_in_a_store_must_say_which(project: Project):
    text = "\n".join([",".join(GOOD), line(store_id=""), line(store_id="", channel="web")])
    assert project.take_text("sales", text + "\n").counts.quarantined == 1
    assert project.faults() == [(1, "store_id", "store_required", None)]


def test_a_row_at_fault_is_kept_as_it_came(project: Project):
    text = "\n".join([",".join(GOOD) + ",note", line(net="x") + ',"keep, me"']) + "\n"
    project.take_text("sales", text)
    (kept,) = project.quarantine()
    assert kept.payload == GOOD | {"net": "x", "note": "keep, me"}
    assert kept.message == "is not an amount with a decimal dot and at most two decimals"


def test_a_row_counts_once_however_much_is_wrong_with_it(project: Project):
    text = "\n".join([",".join(GOOD), line(net="x", quantity="y", channel="z")]) + "\n"
    assert project.take_text("sales", text).counts == Counts(received=1, quarantined=1)
    assert project.faults() == [(1, "channel", "vocabulary", "z")]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("country", "Italy", "country"),
        ("country", "ZZ", "country"),
        ("gender", "donna", "vocabulary"),
        ("birth_date", "1849-12-31", "range"),
        ("birth_date", "2026-06-03", "future"),
        ("birth_date", "31/12/1980", "type"),
        ("given_name", "An\x07na", "control_sign"),
        ("given_name", "x" * 4097, "length"),
        ("updated_at", "2030-01-01", "future"),
    ],
)
def test_what_a_person_cannot_be_waits_in_quarantine(project: Project, column, value, rule):
    report = project.take_text("people", f'source,record_id,{column}\ncrm,7,"{value}"\n')
    assert report.counts == Counts(received=1, quarantined=1)
    assert [each.rule for each in project.quarantine()] == [rule]
    assert project.record("crm", "7") is None


def test_what_is_planned_may_lie_in_the_future(project: Project):
    report = project.take_text(
        "pickups",
        "source,sale_id,store_id,placed_at,promised_at\n"
        "shop,W1,S1,2026-05-31,2026-12-24\nshop,W2,S1,2026-05-31,2999-12-24\n",
    )
    assert report.counts == Counts(received=2, accepted=1, quarantined=1)
    assert [each.column for each in project.quarantine()] == ["promised_at"]


def test_tomorrow_is_a_wrong_clock_and_the_day_after_is_a_mistake(project: Project):
    rows = [line(sale_id="R1", sold_at="2026-06-02T11:59"),
            line(sale_id="R2", sold_at="2026-06-02T12:01")]  # fmt: skip
    project.take_text("sales", "\n".join([",".join(GOOD), *rows]) + "\n")
    assert datetime(2026, 6, 1, 12, tzinfo=UTC) == NOW
    assert project.rows(SALE_LINE, "sale_id") == ["R1"]


@pytest.mark.parametrize("value", ["TRUE", "yes", "1", ""])
def test_a_consent_is_never_guessed(project: Project, value):
    report = project.take_text(
        "consents",
        f"source,record_id,purpose,granted,at\ncrm,7,marketing,{value},2026-01-01T10:00:00Z\n",
    )
    assert report.counts.accepted == (1 if value == "TRUE" else 0)


@pytest.mark.parametrize("table", EXCHANGE, ids=lambda table: table.name)
def test_every_column_that_must_be_there_has_a_rule_that_says_so(table):
    rules = {(rule.column, rule.name) for rule in rules_of(table, now=NOW)}
    assert {(name, "required") for name in table.required} <= rules
