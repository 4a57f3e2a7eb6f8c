"""Events beside the tracking plan: each rule is found, at its property, once, without a value."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.intake.tracking.check import Checked, Checker, Violation
from tuttuno.intake.tracking.plan import Rule
from tuttuno.intake.tracking.reading import read_plan

SOURCES = {"web": {"format": "segment"}, "till": {"format": "segment"}}
SIZES = {
    "meaning": "A size guide was opened", "owner": "web team", "sources": ["web"],
    "properties": {
        "size": {"type": "string", "required": True, "enum": ["S", "M", "L"]},
        "code": {"type": "string", "pattern": "^SKU[0-9]+$"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "height": {"type": "integer", "minimum": 40, "maximum": 250, "unit": "cm"},
        "fits": "boolean",
        "seen[].code": {"type": "string", "required": True},
        "shop.lane": {"type": ["string", "integer"], "required": True},
        "free": {},
    },
}  # fmt: skip


def checker(**more):
    declared = {"events": {"Size Guide Opened": SIZES, **more}}
    return Checker(read_plan(declared, root=Path(), sources=SOURCES))


def broken(properties, *, name="Size Guide Opened", source="web"):
    event = {"type": "track", "event": name, "properties": properties}
    found = checker().check(event, source=source)
    return {(each.property, each.rule.value) for each in found.violations}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, set()),
        ({"code": "SKU1", "day": "2026-05-04", "at": "2026-05-04T10:00:00Z"}, set()),
        ({"height": 180.0, "fits": False, "free": [1, {"a": 2}], "shop": {"lane": 3}}, set()),
        ({"size": "XXL"}, {("size", "enum")}),
        ({"size": 3}, {("size", "type")}),
        ({"size": None}, {("size", "required")}),
        ({"code": "sku1"}, {("code", "pattern")}),
        ({"day": "4/5/2026"}, {("day", "format")}),
        ({"at": "yesterday"}, {("at", "format")}),
        ({"height": 39}, {("height", "minimum")}),
        ({"height": 251}, {("height", "maximum")}),
        ({"height": True}, {("height", "type")}),
        ({"height": 180.5}, {("height", "type")}),
        ({"fits": 1}, {("fits", "type")}),
        ({"seen": [{"code": "a"}, {}, {}]}, {("seen[].code", "required")}),
        ({"seen": [{"code": "a", "b": 1}]}, {("seen[].b", "unplanned_property")}),
        ({"shop": {}}, {("shop.lane", "required")}),
        ({"shop": {"lane": 1.5}}, {("shop.lane", "type")}),
        ({"shoe": 1}, {("shoe", "unplanned_property")}),
        ({"anna@example.com": 1}, {("(other)", "unplanned_property")}),
    ],
)
def test_each_rule_is_found_at_its_property(said, expected):
    assert broken({"size": "S", **said}) == expected


def test_what_is_missing_altogether_is_missing_once():
    assert broken({}) == {("size", "required")}


def test_an_event_of_no_plan_is_unplanned():
    found = checker().check({"type": "track", "event": "Shoe Tied"}, source="web")
    assert found == Checked("Shoe Tied", (Violation("", Rule.UNPLANNED_EVENT),))


def test_an_event_that_another_source_agreed_on_is_unplanned():
    assert broken({"size": "S"}, source="till") == {("", "unplanned_event")}


@pytest.mark.parametrize("name", ["mail anna@example.com", "call 3331234567", "x" * 200, "a\nb"])
def test_names_that_may_tell_who_sends_are_not_kept(name):
    assert checker().check({"type": "track", "event": name}, source="web").name == "(other)"


def test_calls_are_checked_only_where_they_are_planned():
    said = {"type": "identify", "traits": {"email": 3}}
    assert checker().check(said, source="web") == Checked("identify", ())
    planned = {"identify": {"meaning": "m", "owner": "o", "properties": {"email": "string"}}}
    found = checker(**planned).check(said, source="web")
    assert found == Checked("identify", (Violation("email", Rule.TYPE),))


def test_what_only_the_door_knows_of_an_event_counts():
    assert checker().check({}, source="web", kind="page") == Checked("page", ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(said=JSON, name=st.sampled_from(["Order Completed", "Size Guide Opened"]))
def test_whatever_is_sent_is_checked_and_no_value_is_told(said, name):
    found = checker().check({"event": name, "properties": said}, source="web", kind="track")
    assert found.name == name
    assert len(set(found.violations)) == len(found.violations) <= 50
