"""The plan as a project writes it: ours to begin with, extended or overridden, or not at all."""

import re

import pytest

from tuttuno.errors import BadInput
from tuttuno.intake.section import BadMapping
from tuttuno.intake.sources import segment, segment_orders
from tuttuno.intake.tracking.plan import Property, Type
from tuttuno.intake.tracking.reading import read_plan

SOURCES = {"web": {"format": "segment"}, "erp": {"format": "json"}}
OWN = {"meaning": "A size guide was opened", "owner": "web team"}


def plan(tmp_path, **declared):
    return read_plan(declared, root=tmp_path, sources=SOURCES)


def test_every_event_that_becomes_more_than_a_touch_is_planned(tmp_path):
    mapped = {
        *segment._KINDS, *segment._CONSENTS, *segment_orders._SOLD, *segment_orders._RETURNED,
        *segment_orders._ON_THE_WAY,
    }  # fmt: skip
    events = plan(tmp_path).events
    assert mapped - set(events) == set()
    assert {each.built_in for each in events.values()} == {True}
    assert [name for name, each in events.items() if not each.meaning] == []


def test_only_sources_of_events_are_checked(tmp_path):
    assert plan(tmp_path).sources == {"web"}


def test_a_project_adds_events_of_its_own(tmp_path):
    events = plan(tmp_path, events={"Size Guide Opened": OWN}).events
    assert (events["Size Guide Opened"].owner, events["Size Guide Opened"].built_in) == (
        "web team",
        False,
    )
    assert "Order Completed" in events


def test_a_project_overrides_a_property_of_ours_and_keeps_the_others(tmp_path):
    loose = {"properties": {"products[].product_id": ["string", "integer"]}}
    before = plan(tmp_path).events["Order Completed"]
    after = plan(tmp_path, events={"Order Completed": loose}).events["Order Completed"]
    changed = {
        path for path in after.properties if after.properties[path] != before.properties[path]
    }
    assert changed == {"products[].product_id"}
    assert after.properties["products[].product_id"] == Property((Type.STRING, Type.INTEGER))
    assert after.meaning == before.meaning


def test_a_project_takes_the_place_of_an_event_of_ours(tmp_path):
    own = {**OWN, "extends": False, "properties": {"id": "string"}}
    events = plan(tmp_path, events={"Order Completed": own}).events
    assert list(events["Order Completed"].properties) == ["id"]


def test_a_project_does_without_ours(tmp_path):
    assert list(plan(tmp_path, built_in=False, events={"Size Guide Opened": OWN}).events) == [
        "Size Guide Opened"
    ]


def test_one_owner_answers_for_all_that_have_none(tmp_path):
    events = plan(tmp_path, owner="crm team", events={"Size Guide Opened": OWN}).events
    assert {events[name].owner for name in ("Order Completed", "Cart Viewed")} == {"crm team"}
    assert events["Size Guide Opened"].owner == "web team"


def test_the_plan_may_stand_in_a_file_and_the_settings_have_the_last_word(tmp_path):
    said = '[events."A"]\nmeaning = "a"\nowner = "x"\n[events."B"]\nmeaning = "b"\nowner = "x"\n'
    (tmp_path / "plan.toml").write_text(said)
    events = plan(tmp_path, file="plan.toml", events={"B": {"owner": "y"}}).events
    assert [(events[name].meaning, events[name].owner) for name in "AB"] == [("a", "x"), ("b", "y")]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"eventz": {}}, "`tracking_plan.eventz` is not a setting"),
        ({"events": {"A": {"meaning": "m"}}}, "`tracking_plan.events.A.owner` is missing"),
        ({"events": {"A": {"owner": "o"}}}, "`tracking_plan.events.A.meaning` is missing"),
        ({"events": {"A": {**OWN, "like": "B"}}}, "'B' is no event that stands before it"),
        ({"properties": {"a": "text"}}, "`tracking_plan.properties.a.type` cannot be 'text'"),
        ({"properties": {"a..b": "string"}}, "is no path of keys"),
        ({"properties": {"a": {"pattern": "("}}}, "`tracking_plan.properties.a.pattern` must be"),
        ({"properties": {"a": {"enum": "x"}}}, "`tracking_plan.properties.a.enum` must be"),
        ({"properties": {"a": {"format": "mail"}}}, "properties.a.format` cannot be 'mail'"),
        ({"properties": {"a": {"minimum": "1"}}}, "properties.a.minimum` must be a number"),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path, declared, told):
    with pytest.raises(BadMapping, match=re.escape(told)):
        plan(tmp_path, **declared)


@pytest.mark.parametrize("text", [None, b"\xff", b"[events"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / "plan.toml").write_bytes(text)
    with pytest.raises(BadInput, match=r"plan\.toml"):
        plan(tmp_path, file="plan.toml")
