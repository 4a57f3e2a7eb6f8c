"""The card of a person is read out of the months in which she bought, and tells all of it."""

from dataclasses import replace

import pytest

from tuttuno.errors import NotFound
from tuttuno.tasks import bought
from tuttuno.tasks.active_months import _Calendar, months_asked, months_remembered
from tuttuno.tasks.known_as import known_as
from tuttuno.tasks.show_person import Glance, show_person
from tuttuno.tasks.show_receipt import Sale, show_receipt


@pytest.fixture(scope="module")
def workspace(shop, tmp_path_factory):
    """A copy that looks may be recorded in."""
    with shop.copied(tmp_path_factory.mktemp("cards")) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def opened(workspace):
    return workspace.reading().current()


@pytest.fixture(scope="module")
def glance(workspace, opened):
    return Glance(workspace.vault, opened, {}, "EUR", months_of=months_remembered)


@pytest.fixture(scope="module")
def purchases(opened):
    """All rows of everybody who is known, by person."""
    table = opened.tables["purchase"]
    found = {}
    for row in opened.engine.run(table.filter(table.person_id.notnull())).to_pylist():
        found.setdefault(row["person_id"], []).append(row)
    return found


def test_the_months_of_everybody_are_those_of_the_purchases(opened, purchases):
    for person, rows in list(purchases.items())[::7]:
        told = tuple(sorted({row["month"] for row in rows}, reverse=True))
        assert months_remembered(opened, person) == told
        assert months_asked(opened, person) == told


def test_more_months_than_a_word_has_bits_are_kept_apart(opened, purchases, monkeypatch):
    monkeypatch.setattr("tuttuno.tasks.active_months._BITS", 5)
    calendar = _Calendar(opened)
    person = max(purchases, key=lambda one: len({row["month"] for row in purchases[one]}))
    assert calendar.of(person) == months_asked(opened, person)


def test_who_never_bought_has_no_month(opened):
    assert months_remembered(opened, 10**12) == () == months_remembered(opened, -1)


@pytest.mark.parametrize("at_once", [1, 12])
def test_the_timeline_is_all_that_was_bought_latest_first(glance, purchases, monkeypatch, at_once):
    monkeypatch.setattr(bought, "_MONTHS_AT_ONCE", at_once)
    monkeypatch.setattr(bought, "ENOUGH", 10**6)
    monkeypatch.setattr(bought, "RECEIPTS", 10**6)
    person = max(purchases, key=lambda one: len(purchases[one]))
    card = show_person(person, glance, actor="anna")
    rows = sorted(purchases[person], key=lambda row: row["sold_at"], reverse=True)
    assert [(one.sale_id, one.net) for one in card.timeline] == [
        (row["sale_id"], float(row["net"])) for row in rows
    ]
    assert card.events == len(rows)


def test_a_long_life_is_cut_to_its_latest_receipts_and_counted(glance, purchases, monkeypatch):
    monkeypatch.setattr(bought, "RECEIPTS", 3)
    monkeypatch.setattr(bought, "_MONTHS_AT_ONCE", 1)
    person = max(purchases, key=lambda one: len(purchases[one]))
    card = show_person(person, glance, actor="anna")
    assert len(card.timeline) == 3
    assert card.events == card.orders > 3
    latest = max(row["sold_at"] for row in purchases[person]).date()
    assert abs((card.timeline[0].day - latest).days) <= 1


def test_months_before_a_card_is_full_enough_are_not_read(glance, purchases, monkeypatch):
    monkeypatch.setattr(bought, "ENOUGH", 2)
    monkeypatch.setattr(bought, "_MONTHS_AT_ONCE", 1)
    person = max(purchases, key=lambda one: len(purchases[one]))
    months = sorted({row["month"] for row in purchases[person]}, reverse=True)
    shown = [one.month for one in show_person(person, glance, actor="anna").timeline]
    assert len(shown) >= 2
    assert set(shown) == set(months[: len(set(shown))])
    assert len(set(shown)) < len(months)


def test_a_receipt_is_found_with_a_wrong_month_too(glance, purchases):
    person, rows = next(iter(purchases.items()))
    for month in ("", "1999-01", rows[0]["month"]):
        sale = Sale(rows[0]["source"], rows[0]["sale_id"], month)
        assert show_receipt(person, sale, glance, actor="anna").lines
    with pytest.raises(NotFound):
        show_receipt(person, Sale("till", "no such"), glance, actor="anna")


def test_many_are_named_as_each_of_them_alone(workspace, purchases):
    people = sorted(purchases)[:20]
    with workspace.vault.read() as con:
        together = known_as(con, [*people, 10**12])
        alone = {one: known_as(con, [one])[one] for one in people}
    assert {one: together[one] for one in people} == alone
    assert together[10**12].name is None
    assert any(one.name for one in alone.values())


def test_each_identifier_is_told_with_its_systems(glance, workspace, purchases):
    for person in sorted(purchases)[:20]:
        with workspace.vault.read() as con:
            systems = set(known_as(con, [person])[person].sources.values())
        card = show_person(person, glance, actor="anna")
        assert all(one.sources and set(one.sources) <= systems for one in card.identifiers)


def test_totals_are_in_the_currency_that_she_paid_in_whatever_the_project_says(glance, purchases):
    swiss = replace(glance, currency="CHF")
    assert show_person(min(purchases), swiss, actor="test").currency == "EUR"
