"""The golden record: each rule takes the value it names, and a unit comes from one record."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.errors import BadInput, Unknown
from tuttuno.identity.golden import (
    DETAILS,
    GoldenSettings,
    Rule,
    golden_record,
    said,
)
from tuttuno.vault.decisions import Decision, Verdict

CODE = "RSSMRA80A01H501U"  # born on 1 January 1980, a man
COLUMNS = {column for detail in DETAILS for column in detail.columns}


def row(key, source="crm", day=None, **told):
    at = None if day is None else datetime(2026, 1, day, tzinfo=UTC)
    dates = {"created_at": None, "updated_at": at}
    empty = dict.fromkeys(COLUMNS)
    return {"record_key": key, "source": source, **dates, **empty, **told}


def best(rows, field, pins=(), **section):
    found = golden_record(rows, GoldenSettings.read(section), pins)
    return next((one for one in found if one.detail.name == field), None)


def chosen(rows, field, pins=(), **section):
    return best(rows, field, pins, **section).chosen.record_key


def pin(number, key, field="name"):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Decision(number, key, key, Verdict.PIN, "anna", "she said so", at, None, 1, field)


PHONES = [
    row("a", "shop", 3, phone="333 1112223"),
    row("b", "crm", 1, phone="+39 333 4445556"),
    row("c", "card", 2, phone="333-4445556"),
]


@pytest.mark.parametrize(
    ("rule", "key"),
    [("most_recent", "a"), ("most_frequent", "c"), ("verified_first", "c"), ("most_trusted", "b")],
)
def test_each_rule_takes_the_value_it_names(rule, key):
    assert chosen(PHONES, "phone", phone=rule, trust=["crm", "card"]) == key


def test_the_default_phone_is_the_one_told_last_and_says_so():
    found = best(PHONES, "phone")
    assert (found.chosen.record_key, found.chosen.same, len(found.told)) == ("a", 1, 3)
    assert said(found.rule, 1, 3, verified=False) == "told last"
    assert [one.record_key for one in found.told] == ["a", "c", "b"]


def test_an_address_is_one_unit_and_never_put_together():
    old = row("old", day=1, address="Via Roma 1", city="Firenze", postal_code="50121")
    town = row("town", day=5, city="Milano")
    found = best([old, town], "address")
    assert found.chosen.values == ("Via Roma 1", "50121", "Firenze", None, None)
    assert chosen([town], "address") == "town"


def test_half_a_name_goes_behind_a_whole_one():
    rows = [row("half", day=9, given_name="Anna"),
            row("whole", day=1, given_name="Anna", family_name="Rossi")]  # fmt: skip
    assert chosen(rows, "name") == "whole"


def test_a_valid_tax_code_confirms_birth_date_and_gender():
    rows = [
        row("code", day=1, tax_code=CODE, birth_date=date(1980, 1, 1), gender="male"),
        row("b", "shop", 2, birth_date=date(1980, 2, 1), gender="female"),
        row("c", "card", 3, birth_date=date(1980, 2, 1), gender="female"),
    ]
    assert chosen(rows, "birth_date") == "code" == chosen(rows, "gender")
    assert chosen(rows[1:], "birth_date") == "c"
    rows[0]["tax_code"] = "RSSMRA80A01H501A"
    assert chosen(rows, "birth_date") == "c"
    assert not best(rows, "tax_code").chosen.verified


def test_a_pin_goes_before_every_rule_and_the_later_of_two_holds():
    assert chosen(PHONES, "phone", [pin(1, "b", "phone")]) == "b"
    assert chosen(PHONES, "phone", [pin(1, "b", "phone"), pin(2, "c", "phone")]) == "c"
    assert chosen(PHONES, "phone", [pin(1, "b", "email")]) == "a"


def test_a_pin_on_a_record_that_tells_nothing_any_more_is_passed_over():
    assert chosen([row("silent"), *PHONES], "phone", [pin(1, "silent", "phone")]) == "a"


def test_what_nobody_tells_is_absent():
    assert best(PHONES, "email") is None
    assert golden_record([], GoldenSettings()) == ()


@given(st.permutations(PHONES), st.sampled_from(list(Rule)))
def test_the_order_of_the_records_does_not_matter(rows, rule):
    assert best(rows, "phone", phone=rule) == best(PHONES, "phone", phone=rule)


def test_the_values_are_not_in_the_words_of_a_log():
    assert "333" not in repr(best(PHONES, "phone"))


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"fone": "most_recent"}, "fone"),
        ({"phone": "newest"}, "newest"),
        ({"trust": "crm"}, "list of sources"),
    ],
)
def test_a_setting_that_is_in_no_list_is_refused(section, words):
    with pytest.raises((Unknown, BadInput), match=words):
        GoldenSettings.read(section)
