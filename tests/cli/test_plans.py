"""`tuttuno tracking-plan`: the plan, events of a file beside it, and what live events broke."""

import json

import pytest

from tests.cli.test_drain import put

SETTINGS = """
[project]
name = "Shop"
[sources.web]
format = "segment"
currency = "EUR"
[tracking_plan]
built_in = false
[tracking_plan.events."Order Completed"]
meaning = "She bought"
owner = "web team"
sources = ["web"]
[tracking_plan.events."Order Completed".properties]
order_id = { type = "string", required = true, pattern = "^W-" }
"products[].price" = { type = "number", minimum = 0, unit = "EUR" }
"products[].product_id" = "string"
"""


@pytest.fixture
def project(tuttuno, tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS)
    tuttuno("init", tmp_path / "project", "--from", tmp_path / "settings.toml")
    return tmp_path / "project"


def plan(tuttuno, project, *words):
    return tuttuno("-C", project, "tracking-plan", *words)


def bought(**properties):
    return {"type": "track", "event": "Order Completed", "properties": properties}


def test_the_plan_is_listed_with_owner_and_meaning(tuttuno, project):
    (one,) = json.loads(plan(tuttuno, project, "list", "--json").out)
    assert (one["event"], one["owner"], one["sources"]) == ("Order Completed", "web team", ["web"])
    assert one["properties"]["products[].price"] == {
        "types": ["number"], "minimum": 0.0, "unit": "EUR",
    }  # fmt: skip
    assert "She bought" in plan(tuttuno, project, "list").out
    assert "from 0; in EUR" in plan(tuttuno, project, "list", "Order Completed").out
    assert plan(tuttuno, project, "list", "Order Complete").code == 4


@pytest.mark.parametrize(
    "write",
    [
        json.dumps,
        lambda events: json.dumps({"batch": events}),
        lambda events: "\n".join(map(json.dumps, events)),
    ],
)
def test_events_of_a_file_are_checked_before_they_are_sent(tuttuno, project, tmp_path, write):
    file = tmp_path / "events.json"
    file.write_text(write([bought(order_id="W-1"), bought(order_id="7")]))
    done = plan(tuttuno, project, "check", file, "--json")
    assert done.code == 3
    assert json.loads(done.out)["files"][0]["violations"] == [
        {"number": 2, "event": "Order Completed", "property": "order_id", "rule": "pattern"}
    ]
    assert "1 of 2 events break the plan" in done.err


def test_a_plan_that_is_kept_ends_well(tuttuno, project, tmp_path):
    file = tmp_path / "events.json"
    file.write_text(json.dumps(bought(order_id="W-1")))
    assert plan(tuttuno, project, "check", file, "--source", "web").code == 0
    assert plan(tuttuno, project, "check", file, "--source", "app").code == 3
    assert "the plan has 1 events and 3 properties" in plan(tuttuno, project, "check").out


@pytest.mark.parametrize("text", ["", "[1]", "{", None])
def test_a_file_without_events_is_refused_by_name(tuttuno, project, tmp_path, text):
    file = tmp_path / "events.json"
    if text is not None:
        file.write_text(text or "nothing")
    done = plan(tuttuno, project, "check", file)
    assert done.code == (4 if text is None else 3)
    assert "events.json" in done.err


def test_what_live_events_broke_is_listed_with_its_share(tuttuno, project):
    put(project, "W-1")
    put(project, "M-2")
    tuttuno("-C", project, "drain")
    done = plan(tuttuno, project, "violations")
    assert "50.0%" in done.out
    assert "1 of 2 events break the plan (50.0%)" in done.err
    found = json.loads(plan(tuttuno, project, "violations", "--json", "--rule", "pattern").out)
    assert [(each["property"], each["example"]) for each in found["violations"]] == [
        ("order_id", "M-2")
    ]
    nothing = plan(tuttuno, project, "violations", "--since", "2026-05-05", "--json").out
    assert json.loads(nothing)["share"] is None
    assert tuttuno("-C", project, "verify").code == 0
