"""The tracking plan on its page, in the API and in the metrics: each share with its denominator."""

import json
from datetime import UTC, datetime

import pytest
from web_fakes import token_of

from tests.live import SETTINGS
from tuttuno.intake.section import BadMapping
from tuttuno.tasks.drain import drain
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.web.app import create_app
from tuttuno.workspace import make_workspace, open_workspace

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
PLAN = """
[tracking_plan]
owner = "crm team"
[tracking_plan.events."Size Guide Opened"]
meaning = "A size guide was opened"
properties = { size = { type = "string", required = true, enum = ["S", "M"] } }
"""


@pytest.fixture
def place(tmp_path):
    """A project with a plan."""
    workspace = make_workspace(tmp_path / "project", settings=SETTINGS + PLAN)
    yield workspace
    workspace.vault.close()


@pytest.fixture
def broken(place):
    """Four events have come, and three of them break the plan."""
    said = [("web", "Size Guide Opened", {"size": size}) for size in ("S", "XXL", None)]
    said.append(("app", "Shoe <b>Tied</b>", {}))
    inbox = place.inbox()
    with inbox.begin() as con:
        for number, (source, event, properties) in enumerate(said):
            text = json.dumps({"type": "track", "event": event, "properties": properties})
            name = f"m{number}"
            put_messages(
                con, [Message(source, name, "track", AT, text, digest_of((text + name).encode()))]
            )
    drain(inbox, place.intake(), root=place.root, sources=place.settings.sources, patience=30)
    inbox.close()


def page(reader, query=""):
    return " ".join(reader.get(f"/intake/tracking-plan{query}").text.split())


def test_before_any_event_the_page_shows_the_plan(reader):
    text = page(reader)
    assert "No event was checked against the tracking plan yet." in text
    assert "Nothing was broken." in text
    assert "A size guide was opened" in text
    assert 'href="/intake/tracking-plan"' in reader.get("/intake").text


@pytest.mark.usefixtures("broken")
def test_the_page_says_what_was_broken_of_how_many(reader):
    text = page(reader)
    assert "75% of 4 events break the tracking plan." in text
    assert "<b>3</b> <span>of 4 events break at least one rule</span>" in text
    assert text.count("33.3%") == 2
    assert "Shoe &lt;b&gt;Tied&lt;/b&gt;" in text
    assert ">m1<" in text
    assert "crm team" in text


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("?source=app", "100% of 1 event breaks the tracking plan."),
        ("?event=Size+Guide+Opened", "66.7% of 3 events break the tracking plan."),
        ("?since=2026-05-05", "No event was checked against the tracking plan yet."),
        ("?source=web&rule=type", "66.7% of 3 events break the tracking plan."),
    ],
)
def test_the_page_is_filtered_by_its_address(reader, query, title):
    assert title in page(reader, query)


@pytest.mark.usefixtures("broken")
def test_the_page_speaks_italian(reader):
    form = {"language": "it", "csrf": token_of(reader.get("/"))}
    reader.post("/preferences", data=form)
    text = page(reader)
    assert "Il 75 % di 4 eventi non rispetta il piano di tracciamento." in text


@pytest.mark.usefixtures("broken")
def test_the_api_tells_plan_and_violations(reader):
    found = reader.get("/api/v1/tracking-plan?rule=enum").json()
    assert (found["checked"], found["violating"], found["share"]) == (4, 3, 0.75)
    assert found["violations"] == [
        {
            "source": "web", "event": "Size Guide Opened", "property": "size", "rule": "enum",
            "times": 1, "first_at": "2026-05-04T10:00:00Z", "last_at": "2026-05-04T10:00:00Z",
            "example": "m1", "checked": 3, "share": 1 / 3, "owner": "crm team",
        }
    ]  # fmt: skip
    (planned,) = [each for each in found["plan"] if each["event"] == "Size Guide Opened"]
    assert planned == {
        "event": "Size Guide Opened", "meaning": "A size guide was opened", "owner": "crm team",
        "sources": [], "built_in": False,
        "properties": {"size": {"types": ["string"], "required": True, "enum": ["S", "M"]}},
    }  # fmt: skip


def test_a_day_that_is_none_is_refused(reader):
    assert reader.get("/api/v1/tracking-plan?since=may").status_code == 400


def test_a_plan_that_cannot_be_read_keeps_the_server_from_starting(place):
    file = place.root / "tuttuno.toml"
    file.write_text(file.read_text("utf-8") + "[tracking_plan.events.A]\nmeaning = 1\n", "utf-8")
    with pytest.raises(BadMapping, match=r"tracking_plan\.events\.A\.meaning"):
        create_app(open_workspace(place.root))


@pytest.mark.usefixtures("broken")
def test_the_metrics_count_events_and_rules(reader):
    lines = reader.get("/metrics").text.splitlines()
    told = [line for line in lines if line.startswith("tuttuno_plan")]
    assert told == [
        'tuttuno_plan_events_total{source="app",outcome="kept"} 0',
        'tuttuno_plan_events_total{source="app",outcome="broken"} 1',
        'tuttuno_plan_events_total{source="web",outcome="kept"} 1',
        'tuttuno_plan_events_total{source="web",outcome="broken"} 2',
        'tuttuno_plan_violations_total{source="app",rule="unplanned_event"} 1',
        'tuttuno_plan_violations_total{source="web",rule="enum"} 1',
        'tuttuno_plan_violations_total{source="web",rule="required"} 1',
    ]
