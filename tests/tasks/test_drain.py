"""Drain: what came through live doors is in vault and lake exactly once, whoever dies at work."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from tests.live import with_inbox
from tuttuno.schema.lake import SALE_LINE, TOUCH
from tuttuno.tasks import drain as draining
from tuttuno.tasks.back_up import back_up
from tuttuno.tasks.drain import drain
from tuttuno.tasks.quarantine import retry
from tuttuno.tasks.restore import restore
from tuttuno.vault import quarantine
from tuttuno.vault.batches import batches
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.inbox_claims import count_waiting, drained_through
from tuttuno.vault.inbox_names import file_names
from tuttuno.vault.quarantine import QuarantineFilter
from tuttuno.vault.tables import MESSAGE

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
SETTINGS = """
[project]
name = "Shop"
[sources.web]
format = "segment"
currency = "EUR"
write_keys = ["public-key"]
[sources.app]
format = "segment"
currency = "EUR"
"""


@pytest.fixture
def shop(tmp_path):
    """A project with two live sources, and its inbox."""
    with with_inbox(tmp_path / "project", SETTINGS) as both:
        yield both


def viewed(name, source="web", **more):
    body = {"type": "track", "event": "Product Viewed", "messageId": name,
            "timestamp": "2026-05-04T09:59:00Z", "anonymousId": "d1", **more}  # fmt: skip
    text = json.dumps(body, indent=2)
    return Message(source, name, "track", AT, text, digest_of(text.encode()), AT)


def bought(name):
    lines = [{"product_id": "A", "price": 10, "quantity": 2}, {"product_id": "B", "price": 5}]
    return viewed(name, event="Order Completed", properties={"order_id": name, "products": lines})


def put(inbox, *messages):
    with inbox.begin() as con:
        put_messages(con, messages)


def drained(shop, **more):
    workspace, inbox = shop
    return drain(
        inbox, workspace.intake(), root=workspace.root, sources=workspace.settings.sources, **more
    )


def rows(shop, table):
    engine = shop[0].embedded()
    found = engine.run(shop[0].lake.bind(engine, table))
    return sorted(found.drop_columns("batch").to_pylist(), key=repr)


def held(shop):
    with shop[0].vault.read() as con:
        return [(each.source, each.table, each.rule) for each in quarantine.browse(con)]


def law(shop):
    with shop[0].vault.read() as con:
        return [each.counts.difference for each in batches(con, limit=1_000)]


def test_what_waits_comes_into_the_lake_under_its_source(shop):
    put(shop[1], viewed("1"), viewed("1", source="app"), bought("W-1"))
    done = drained(shop)
    assert done.messages == 3
    assert [(row["source"], row["touch_id"]) for row in rows(shop, TOUCH)] == [
        ("app", "1"),
        ("web", "1"),
    ]
    assert [row["product_id"] for row in rows(shop, SALE_LINE)] == ["A", "B"]
    with shop[1].read() as con:
        assert count_waiting(con) == 0
    assert drained(shop).messages == 0
    assert set(law(shop)) == {0}


def test_the_names_of_what_leaves_the_inbox_are_filed_a_few_at_a_time(shop, monkeypatch):
    monkeypatch.setattr(draining, "TOGETHER", 3)
    monkeypatch.setattr(draining, "_NAMES", 2)
    put(shop[1], *(viewed(f"m{n}") for n in range(7)))
    assert drained(shop).messages == 7
    with shop[1].begin() as con:
        assert file_names(con, most=9) == 0
        assert con.scalar(sa.select(sa.func.count()).select_from(MESSAGE)) == 7


def test_more_than_one_claim_is_taken_in_by_one_drain(shop, monkeypatch):
    monkeypatch.setattr(draining, "TOGETHER", 2)
    put(shop[1], *(viewed(str(n)) for n in range(5)))
    assert drained(shop).messages == 5
    assert len(rows(shop, TOUCH)) == 5


class Killed(BaseException):
    """Stands for a process that is gone."""


@pytest.mark.parametrize("point", ["ingest", "close_claim", "close_batch"])
def test_a_drain_that_dies_anywhere_is_finished_by_the_next(shop, monkeypatch, point):
    put(shop[1], viewed("1"), bought("W-1"), viewed("x", source="gone"))

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(draining, point, die)
        with pytest.raises(Killed):
            drained(shop)
    put(shop[1], viewed("2"))
    drained(shop)
    assert [row["touch_id"] for row in rows(shop, TOUCH)] == ["1", "2"]
    assert len(rows(shop, SALE_LINE)) == 2
    assert held(shop) == [("gone", "events", "unknown_source")]
    with shop[1].read() as con:
        assert count_waiting(con) == 0
        assert drained_through(con) == 4
    assert set(law(shop)) == {0}


def test_what_a_door_found_bad_goes_to_quarantine_with_its_body(shop):
    put(shop[1], replace(viewed("1"), rule="too_large", why="is larger than 32 KB"))
    drained(shop)
    with shop[0].vault.read() as con:
        (row,) = quarantine.browse(con)
    assert (row.rule, row.message, row.payload["message_id"]) == (
        "too_large", "is larger than 32 KB", "1",
    )  # fmt: skip
    assert json.loads(row.payload["body"])["event"] == "Product Viewed"


def test_messages_of_which_no_row_can_be_made_are_held_one_by_one(shop):
    put(shop[1], replace(viewed("1"), body='{"a": 1, "a": 2}'), replace(viewed("2"), body="[["))
    drained(shop)
    drained(shop)
    assert held(shop) == [("web", "events", "refused")] * 2


def again(shop, **only):
    workspace = shop[0]
    return retry(
        QuarantineFilter(**only),
        root=workspace.root,
        intake=workspace.intake(),
        sources=workspace.settings.sources,
    )


def test_messages_of_a_source_that_has_a_name_again_are_taken_in_whole(shop):
    mail = {"email": "anna@example.it", "note": "x" * 50_000}
    said = viewed("i", type="identify", userId="anna", traits=mail)
    put(
        shop[1],
        replace(bought("W-1"), about={"public": False}),
        replace(said, about={"public": False}),
    )
    workspace, inbox = shop
    some = {"app": workspace.settings.sources["app"]}
    drain(inbox, workspace.intake(), root=workspace.root, sources=some)
    assert held(shop) == [("web", "events", "unknown_source")] * 2
    assert again(shop, rule="refused") == again(shop, table="sales") == ()
    assert [(each.table, each.counts.accepted) for each in again(shop)] == [
        ("people", 1), ("sales", 2), ("touches", 1),
    ]  # fmt: skip
    assert held(shop) == []
    assert [row["product_id"] for row in rows(shop, SALE_LINE)] == ["A", "B"]
    assert again(shop) == ()
    assert set(law(shop)) == {0}


def test_messages_that_still_make_no_row_stay_where_they_are(shop):
    put(shop[1], replace(viewed("1"), body='{"a": 1, "a": 2}'))
    drained(shop)
    (report,) = again(shop)
    assert report.refused
    assert held(shop) == [("web", "events", "refused")]


def test_the_ledger_of_hours_and_the_lake_agree(shop):
    many = [viewed(str(n)) for n in range(20)]
    put(shop[1], *many, *many[:5])
    drained(shop)
    with shop[0].vault.read() as con:
        accepted = sum(each.counts.accepted for each in batches(con))
    assert accepted == len(rows(shop, TOUCH)) == 20


def test_what_waits_is_in_a_backup_and_waits_again_after_it(shop, tmp_path):
    workspace, inbox = shop
    put(inbox, viewed("1"))
    back_up(workspace.stores, tmp_path / "backup.tar")
    drained(shop)
    put(inbox, viewed("2"))
    restore(workspace.stores, tmp_path / "backup.tar", actor="t")
    assert rows(shop, TOUCH) == []
    assert drained(shop).messages == 1
    assert [row["touch_id"] for row in rows(shop, TOUCH)] == ["1"]
