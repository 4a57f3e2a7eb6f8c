"""A thousand orders of arrival: whatever comes first, however often and in how many pieces.

Many customers have the same day, and their events arrive all mixed up: that is as many orders of
arrival in one project. What one of them makes different makes the whole project different.
"""

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from tests.vault.rows import ties_of
from tuttuno.schema.lake import PICKUP, SALE_LINE, TOUCH
from tuttuno.tasks.drain import drain
from tuttuno.vault.consents import read_consents
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.records import read_records
from tuttuno.workspace import make_workspace, open_workspace

pytestmark = pytest.mark.storm

CUSTOMERS, PROJECTS = 250, 4

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SETTINGS = """
[project]
name = "Shop"
[sources.web]
format = "segment"
currency = "EUR"
server_keys = ["server-key"]
[sources.app]
format = "segment"
currency = "EUR"
server_keys = ["app-key"]
"""
LINES = [{"product_id": "A", "price": "9.90"}, {"product_id": "B", "price": 5, "quantity": 2}]


#: What a day comes to: rows of each table.
COMES_TO = {"touch": 5, "sale_line": 5, "pickup": 0, "consent": 2, "record": 2}

#: What is known of a person, less the numbers of its rows.
KNOWN = ("source", "record_id", "email", "given_name", "family_name")


def told(name, event, minute, *, source="web", **more):
    at = (NOON + timedelta(minutes=minute)).isoformat()
    body = {"event": event, "messageId": name, "timestamp": at, **more}
    body.setdefault("type", "track")
    text = json.dumps(body)
    received = NOON + timedelta(hours=1)
    about = {"public": False}
    digest = digest_of(text.encode())
    return Message(source, name, "track", received, text, digest, received, about=about)


def events(who):
    """A customer's day: looks, an order that changes and is undone, who she is, what she allows."""
    anna, order_id = {"userId": f"anna{who}", "anonymousId": f"d{who}"}, f"W-{who}"
    order = {"order_id": order_id, "products": LINES}
    more = {"order_id": order_id, "products": [{**LINES[0], "quantity": 3}, LINES[1]]}
    undone = {"order_id": order_id, "return_id": f"R-{who}", "products": LINES[:1]}
    news = {"purpose": "marketing", "channel": "email", "notice_version": "1"}
    traits = {"email": f"anna{who}@example.it", "firstName": "Anna"}
    named = {"type": "identify", **anna}
    seen, either = "Product Viewed", {"product_id": "B"}
    alone = {"anonymousId": f"d{who}", "properties": {"product_id": "A"}}
    return [
        told(f"v1-{who}", seen, 0, **alone),
        told(f"v2-{who}", seen, 1, **anna, properties=either),
        told(f"o1-{who}", "Order Completed", 2, **anna, properties=order),
        told(f"o2-{who}", "Order Updated", 3, **anna, properties=more),
        told(f"r1-{who}", "Order Refunded", 4, **anna, properties=undone),
        told(f"i1-{who}", "", 5, **named, traits=traits),
        told(f"i2-{who}", "", 6, **named, traits={**traits, "lastName": "Rossi"}),
        told(f"c1-{who}", "Consent Given", 7, **anna, properties=news),
        told(f"c2-{who}", "Consent Withdrawn", 8, **anna, properties=news),
        told(f"v1-{who}", seen, 9, source="app", userId=f"anna{who}"),
        told(f"o1-{who}", "Order Completed", 9, source="app", **anna, properties=order),
    ]


def arrival(days, chance):
    """The events once to five times each, in an order of their own, in one to four pieces."""
    sent = [each for day in days for each in day for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    cuts = sorted(chance.sample(range(1, len(sent)), chance.randrange(4)))
    return [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]


def orders_of(pieces):
    """In which order each customer's events came, those that came again included."""
    came = {}
    for each in (each for piece in pieces for each in piece):
        name, who = each.message_id.split("-")
        came.setdefault(who, []).append((each.source, name))
    return [tuple(each) for each in came.values()]


def end_of(root, pieces):
    """What a project holds when the pieces were taken in one after the other."""
    place = open_workspace(root)
    inbox, intake = place.inbox(), place.intake()
    for piece in pieces:
        with inbox.begin() as con:
            put_messages(con, piece)
        done = drain(inbox, intake, root=root, sources=place.settings.sources)
        assert [each for each in done.reports if each.counts.difference] == []
    held = {table.name: rows(intake, table) for table in (TOUCH, SALE_LINE, PICKUP)}
    with place.vault.read() as con:
        held["consent"] = plain(read_consents(con), "record_no", "batch")
        held["record"] = plain(read_records(con, KNOWN))
    held["ties"] = sorted(map(repr, ties_of(place.vault)))
    with inbox.read() as con:
        counted = [each.counts for each in doors_by_hour(con)]
    assert [each for each in counted if each.difference] == []
    assert sum(each.received for each in counted) == sum(map(len, pieces))
    assert sum(each.accepted for each in counted) == 11 * CUSTOMERS
    inbox.close()
    intake.engine.close()
    place.vault.close()
    return held


def rows(intake, table):
    return plain(intake.engine.run(intake.lake.bind(intake.engine, table)), "batch")


def plain(found, *without):
    kept = [name for name in found.column_names if name not in without]
    return sorted(found.select(kept).to_pylist(), key=repr)


def digest(held):
    return sha256(repr(held).encode()).hexdigest()


def test_in_whatever_order_events_arrive_the_end_is_the_same(tmp_path):
    blank = make_workspace(tmp_path / "blank", settings=SETTINGS)
    blank.inbox().close()
    blank.vault.close()
    days, orders, ends = [events(who) for who in range(CUSTOMERS)], set(), set()
    for seed in range(PROJECTS):
        root = tmp_path / "project"
        shutil.copytree(blank.root, root)  # one key, so that surrogates are the same
        pieces = arrival(days, random.Random(seed))  # noqa: S311 - a seed
        orders.update(orders_of(pieces))
        held = end_of(root, pieces)
        shutil.rmtree(root)
        assert {name: len(held[name]) for name in COMES_TO} == {
            name: rows * CUSTOMERS for name, rows in COMES_TO.items()
        }
        ends.add(digest(held))
        assert len(ends) == 1, seed
    assert len(orders) == CUSTOMERS * PROJECTS
