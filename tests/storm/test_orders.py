"""A thousand orders of arrival: whatever comes first, however often and in how many pieces."""

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
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.records import read_records
from tuttuno.workspace import make_workspace, open_workspace

pytestmark = pytest.mark.storm

ORDERS = 1_000

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


def events():
    """A customer's day: looks, an order that changes and is undone, who she is, what she allows."""
    anna = {"userId": "anna", "anonymousId": "d1"}
    order = {"order_id": "W-1", "products": LINES}
    more = {"order_id": "W-1", "products": [{**LINES[0], "quantity": 3}, LINES[1]]}
    undone = {"order_id": "W-1", "return_id": "R-1", "products": LINES[:1]}
    news = {"purpose": "marketing", "channel": "email", "notice_version": "1"}
    traits = {"email": "anna@example.it", "firstName": "Anna"}
    return [
        told("v1", "Product Viewed", 0, anonymousId="d1", properties={"product_id": "A"}),
        told("v2", "Product Viewed", 1, **anna, properties={"product_id": "B"}),
        told("o1", "Order Completed", 2, **anna, properties=order),
        told("o2", "Order Updated", 3, **anna, properties=more),
        told("r1", "Order Refunded", 4, **anna, properties=undone),
        told("i1", "", 5, type="identify", **anna, traits=traits),
        told("i2", "", 6, type="identify", **anna, traits={**traits, "lastName": "Rossi"}),
        told("c1", "Consent Given", 7, **anna, properties=news),
        told("c2", "Consent Withdrawn", 8, **anna, properties=news),
        told("v1", "Product Viewed", 9, source="app", userId="anna"),
        told("o1", "Order Completed", 9, source="app", userId="anna", properties=order),
    ]


def arrival(chance):
    """The events once to five times each, in an order of their own, in one to four pieces."""
    sent = [each for each in events() for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    cuts = sorted(chance.sample(range(1, len(sent)), chance.randrange(4)))
    return [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]


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
    ends = set()
    for seed in range(ORDERS):
        root = tmp_path / "project"
        shutil.copytree(blank.root, root)  # one key, so that surrogates are the same
        held = end_of(root, arrival(random.Random(seed)))  # noqa: S311 - a seed
        shutil.rmtree(root)
        assert (len(held["touch"]), len(held["record"])) == (5, 2)
        ends.add(digest(held))
        assert len(ends) == 1, seed
