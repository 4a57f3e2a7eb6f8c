"""Live events beside the plan: counted exactly as often as they are taken in, and all taken in."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.live import with_inbox
from tuttuno.schema.lake import TOUCH
from tuttuno.tasks import drain as draining
from tuttuno.tasks.back_up import back_up
from tuttuno.tasks.drain import drain
from tuttuno.tasks.restore import restore
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.plan_counts import EventTotal, event_totals, violation_totals

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
SETTINGS = """
[project]
name = "Shop"
[sources.web]
format = "segment"
currency = "EUR"
[sources.app]
format = "segment"
currency = "EUR"
[sources.vendure]
format = "json"
documents = [{ table = "people", columns = { record_id = "id" } }]
"""


@pytest.fixture
def shop(tmp_path):
    """A project with live sources, and its inbox."""
    with with_inbox(tmp_path / "project", SETTINGS) as both:
        yield both


def sent(name, event="Product Viewed", source="web", at=AT, **properties):
    said = {"product_id": "A", **properties}
    text = json.dumps(
        {"type": "track", "event": event, "timestamp": at.isoformat(), "properties": said}
    )
    return Message(source, name, "track", at, text, digest_of(text.encode()))


def put(shop, *messages):
    with shop[1].begin() as con:
        put_messages(con, messages)


def drained(shop):
    workspace, inbox = shop
    drain(inbox, workspace.intake(), root=workspace.root, sources=workspace.settings.sources)


def events(shop):
    with shop[1].read() as con:
        return [
            tuple(getattr(each, name) for name in EventTotal.__slots__)
            for each in event_totals(con)
        ]


def broken(shop):
    with shop[1].read() as con:
        return [
            (each.source, each.event, each.property, str(each.rule), each.times, each.example)
            for each in violation_totals(con)
        ]


def touches(shop):
    workspace = shop[0]
    engine = workspace.embedded()
    found = engine.run(workspace.lake.bind(engine, TOUCH))
    return sorted(found["touch_id"].to_pylist())


def test_an_event_that_breaks_the_plan_is_counted_and_taken_in(shop):
    put(shop, sent("1"), sent("2", price="59.90"), sent("3", "Shoe Tied"), sent("4", source="app"))
    drained(shop)
    assert touches(shop) == ["1", "2", "3", "4"]
    assert events(shop) == [
        ("app", "Product Viewed", 1, 0),
        ("web", "Product Viewed", 2, 1),
        ("web", "Shoe Tied", 1, 1),
    ]
    assert broken(shop) == [
        ("web", "Product Viewed", "price", "type", 1, "2"),
        ("web", "Shoe Tied", "", "unplanned_event", 1, "3"),
    ]


class Killed(BaseException):
    """Stands for a process that is gone."""


@pytest.mark.parametrize("point", ["ingest", "close_claim"])
def test_a_drain_that_dies_counts_nothing_and_the_next_counts_once(shop, monkeypatch, point):
    put(shop, sent("1"), sent("2", price="59.90"))

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(draining, point, die)
        with pytest.raises(Killed):
            drained(shop)
    assert events(shop) == []
    drained(shop)
    drained(shop)
    assert events(shop) == [("web", "Product Viewed", 2, 1)]


def test_in_any_order_and_however_often_it_is_sent_an_event_counts_once(shop, monkeypatch):
    monkeypatch.setattr(draining, "TOGETHER", 7)
    many = [
        sent(f"{n:02}", at=AT + timedelta(minutes=n), price="1" if n % 3 else 1) for n in range(20)
    ]
    dice = random.Random(7)  # noqa: S311 - an order need not be secret
    for _ in range(4):
        put(shop, *dice.sample(many, k=12))
        drained(shop)
    put(shop, *dice.sample(many, k=20))
    drained(shop)
    assert events(shop) == [("web", "Product Viewed", 20, 13)]
    assert broken(shop) == [("web", "Product Viewed", "price", "type", 13, "19")]


def test_a_restored_backup_counts_again_only_what_is_taken_in_again(shop, tmp_path):
    workspace, _ = shop
    put(shop, sent("1", price="1"))
    drained(shop)
    put(shop, sent("2", price="1"))
    back_up(workspace.stores, tmp_path / "backup.tar")
    drained(shop)
    restore(workspace.stores, tmp_path / "backup.tar", actor="t")
    drained(shop)
    assert events(shop) == [("web", "Product Viewed", 2, 2)]


def test_what_is_no_event_is_not_checked(shop):
    document = Message("vendure", "1", "customer", AT, '{"id": "c1"}', "d")
    bad = replace(sent("2"), rule="too_large", why="is larger than 32 KB")
    put(shop, document, bad, replace(sent("3"), body="[["))
    drained(shop)
    assert (events(shop), broken(shop)) == ([], [])


def test_no_value_of_an_event_is_kept_with_the_counts(shop):
    address = "anna@example.com"
    put(shop, sent(address, price=address, **{address: 1}), sent("2", f"Mail {address}"))
    drained(shop)
    assert address not in repr([*events(shop), *broken(shop)])
    assert {each[-1] for each in broken(shop)} == {"(other)", "2"}
