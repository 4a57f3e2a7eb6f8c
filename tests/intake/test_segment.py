"""Segment's events: orders to the cent, event time, and what a public key may never say."""

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from tests.intake.hostile import spoilt_lines
from tests.intake.project import Project, at, close, make_project
from tuttuno.intake.section import BadMapping
from tuttuno.schema.lake import PICKUP, SALE_LINE, TOUCH
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.batches import Counts

SHOP = {"format": "segment", "currency": "EUR", "tax": {"included": True, "rate": 0.22}}
WEB = mapping_for(None, "web", sources={"web": SHOP})
LATER = "2026-06-01T09:00:00Z"


def event(name="Product Viewed", *, call="track", at="2026-06-01T08:00:00Z", **more):
    told = {"type": call, "event": name, "timestamp": at, "messageId": f"m-{name}-{at}"}
    return {**told, "anonymousId": "device-1", "userId": "u1", "properties": {}, **more}


def order(name="Order Completed", at="2026-06-01T08:00:00Z", products=None, **properties):
    lines = [{"product_id": "A", "price": 59.9, "quantity": 2}, {"product_id": "B", "price": 10}]
    told = {"order_id": "W-1", "products": lines if products is None else products, **properties}
    return event(name, at=at, properties=told)


def through_the_door(one, *, public, received="2026-06-01T08:00:01+00:00", sent=None):
    door = {"public": public, "received_at": received, "sent_at": sent}
    return {"door": door, "event": one}


def take(project: Project, *events, mapping=WEB, name=None):
    project.given += 1
    path = project.files / (name or f"events_{project.given}.jsonl")
    path.write_text("".join(json.dumps(each) + "\n" for each in events))
    return {each.table: each.counts for each in project.take(path, mapping=mapping)}


def test_an_order_is_a_line_for_each_product_free_of_tax_to_the_cent(project):
    assert take(project, order())["sales"] == Counts(received=2, accepted=2)
    assert project.rows(SALE_LINE, "product_id", "quantity", "net", "vat", "channel") == [
        ("A", Decimal("2.000"), Decimal("98.20"), Decimal("21.60"), "web"),
        ("B", Decimal("1.000"), Decimal("8.20"), Decimal("1.80"), "web"),
    ]


@pytest.mark.parametrize(("said", "kept"), [("usd", "USD"), ("CHF", "CHF"), (None, "EUR")])
def test_a_currency_counts_however_it_is_written_and_the_source_s_where_it_is_missing(
    project, said, kept
):
    take(project, order(products=[{"product_id": "A", "price": 1}], currency=said))
    assert project.rows(SALE_LINE, "currency") == [kept]


@pytest.mark.parametrize("discount", ["0.01", "5", "129.79", "33.33"])
def test_the_discount_of_an_order_is_shared_without_losing_a_cent(project, discount):
    take(project, order(discount=discount))
    rows = project.rows(SALE_LINE, "gross", "discount", "net", "vat")
    assert sum(row[1] for row in rows) == Decimal(discount)
    assert all(gross - off == net + vat for gross, off, net, vat in rows)


def test_a_store_order_says_channel_store_and_associate(project):
    take(project, order(channel="store", store_id="FI01", associate_id="77"))
    assert set(project.rows(SALE_LINE, "channel", "store_id", "associate_id", "handover")) == {
        ("store", "FI01", "77", "carried")
    }


def test_a_return_takes_back_what_was_sold(project):
    one = [{"product_id": "A", "price": 59.9, "quantity": 1}]
    take(
        project, order(), order("Order Refunded", LATER, one), order("Return Completed", LATER, one)
    )
    back = [row for row in project.rows(SALE_LINE, "returns_sale_id", "quantity", "net") if row[0]]
    assert back == [("W-1", Decimal("-1.000"), Decimal("-49.10"))] * 2


def test_an_order_without_products_waits_in_quarantine_with_its_money(project):
    counts = take(project, event("Order Completed", properties={"order_id": "W-2", "total": 9}))
    assert counts["sales"] == Counts(received=1, quarantined=1)
    assert project.faults()[0][1:3] == ("product_id", "required")


def test_a_pick_up_is_followed_from_the_order_to_the_counter_in_any_order(project):
    where = {"store_id": "FI01", "handover": "collected", "placed_at": "2026-06-01T08:00:00Z"}
    way = [
        order(**where),
        order("Order Ready", LATER, [], **where),
        order("Order Collected", "2026-06-01T11:00:00Z", [], **where, ready_at=LATER),
    ]
    for told in permutations(way):
        for one in told:
            take(project, one)
    columns = ("sale_id", "store_id", "placed_at", "ready_at", "collected_at")
    assert project.rows(PICKUP, *columns) == [
        ("W-1", "FI01", at("2026-06-01T08:00"), at("2026-06-01T09:00"), at("2026-06-01T11:00"))
    ]
    assert set(project.rows(SALE_LINE, "handover")) == {"collected"}


def test_events_come_to_touches_under_the_words_of_the_measures(project):
    viewed = event(properties={"product_id": "A"})
    page = event("", call="page", context={"campaign": {"name": "saldi"}})
    take(project, viewed, {**page, "messageId": "p"}, event("Wishlist Shared", at=LATER))
    assert project.rows(TOUCH, "kind", "product_id", "campaign_id") == [
        ("page_view", None, "saldi"),
        ("product_view", "A", None),
        ("wishlist_shared", None, None),
    ]


def test_a_trusted_identify_ties_what_it_names_and_a_public_one_only_its_own_device(project):
    traits = {"email": "Giulia@Example.it", "phone": "+39 340 1000000", "firstName": "Giulia"}
    said = event("", call="identify", traits=traits)
    take(project, through_the_door({**said, "userId": "victim"}, public=True))
    take(project, through_the_door({**said, "messageId": "2"}, public=False))
    assert project.identifiers("web", "victim") == [("device", "device-1")]
    assert ("email", "giulia@example.it") in project.identifiers("web", "u1")
    assert project.record("web", "u1").fields["given_name"] == "Giulia"
    assert set(project.record("web", "victim").fields.values()) == {None}


@pytest.mark.parametrize("where", ["traits", "context"])
def test_what_identify_says_of_a_person_counts_in_either_place(project, where):
    home = {"street": "Via Roma 1", "city": "Torino", "postalCode": "10121", "country": "it"}
    traits = {"email": "giulia@example.it", "address": home, "plan": "gold"}
    said = {"traits": traits} if where == "traits" else {"context": {"traits": traits}}
    take(project, through_the_door(event("", call="identify", **said), public=False))
    kept = project.record("web", "u1").fields
    assert [kept[each] for each in ("address", "city", "postal_code", "country")] == [
        "Via Roma 1", "Torino", "10121", "IT",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Order Completed", "Loyalty Card Scanned", "Product Viewed"])
def test_no_event_with_a_public_key_says_whose_an_address_or_card_is(project, name):
    named = {"email": "anna@example.it", "phone": "+39055123456", "loyalty_card": "299000"}
    lines = [{"product_id": "A", "price": "1"}]
    said = event(name, properties={"order_id": "1", "products": lines, **named}, traits=named)
    take(project, through_the_door(said, public=True))
    assert {kind for kind, _ in project.identifiers("web", "u1")} <= {"device"}


def test_a_card_shown_at_the_till_is_a_visit_of_its_holder(project):
    shown = {"loyalty_card": "2990001", "store_id": "FI01"}
    take(
        project,
        through_the_door(
            event("Loyalty Card Scanned", userId=None, properties=shown), public=False
        ),
    )
    assert project.rows(TOUCH, "kind", "channel", "store_id") == [("card_scan", "store", "FI01")]
    assert ("loyalty_card", "2990001") in project.identifiers("web", "card:2990001")


def test_a_public_key_may_refuse_and_never_agree(project):
    said = {"purpose": "marketing", "channel": "email"}
    take(project, through_the_door(event("Consent Given", properties=said), public=True))
    assert project.rows(TOUCH, "kind") == ["consent_given"]
    take(project, through_the_door(event("Consent Withdrawn", properties=said), public=True))
    assert [each.counts for each in project.ledger() if each.table == "consents"] == [
        Counts(received=1, accepted=1)
    ]
    take(project, through_the_door(event("Consent Given", at=LATER, properties=said), public=False))
    assert [each.counts.accepted for each in project.ledger() if each.table == "consents"] == [1, 1]


@pytest.mark.parametrize(
    ("hours", "flag"),
    [(0, None), (-5, "clock"), (48, "clock")],
)
def test_a_wrong_clock_is_put_right_by_the_moment_of_sending(project, hours, flag):
    off = timedelta(hours=hours)
    happened = datetime(2026, 6, 1, 8, tzinfo=UTC)
    said = event(at=(happened + off).isoformat())
    sent = (happened + off + timedelta(seconds=5)).isoformat()
    take(
        project,
        through_the_door(said, public=True, received="2026-06-01T08:00:05+00:00", sent=sent),
    )
    assert project.rows(TOUCH, "at") == [at("2026-06-01T08:00")]
    assert flags(project) == [flag]


def test_a_late_try_of_a_client_that_keeps_its_moment_is_no_wrong_clock(project):
    library = {"library": {"name": "@rudderstack/rudder-sdk-node"}}
    said = through_the_door(
        event(context=library), public=False,
        received="2026-06-01T10:00:00+00:00", sent="2026-06-01T08:00:01Z",
    )  # fmt: skip
    take(project, said)
    assert project.rows(TOUCH, "at") == [at("2026-06-01T08:00")]


def flags(project):
    with project.work.vault.read() as con:
        kept = con.exec_driver_sql("select payload from attribute order by grain").scalars().all()
    return [json.loads(each).get("time_flag") for each in kept] or [None]


def test_what_happened_long_ago_or_tomorrow_is_flagged(project):
    take(project, through_the_door(event(at="2026-04-01T08:00:00Z"), public=True))
    take(project, through_the_door(event(at="2026-06-01T20:00:00Z"), public=True))
    assert sorted(flags(project)) == ["ancient", "future"]
    counts = take(project, through_the_door(event(at="2100-01-01T08:00:00Z"), public=True))
    assert counts["touches"] == Counts(received=1, quarantined=1)


def test_without_a_moment_of_its_own_an_event_happened_when_it_came(project):
    said = event()
    del said["timestamp"]
    take(project, through_the_door(said, public=True, received="2026-06-01T07:30:00+00:00"))
    assert project.rows(TOUCH, "at") == [at("2026-06-01T07:30")]


def test_a_million_digits_of_an_id_are_kept(project):
    take(project, event(userId=12345678901234567890))
    assert project.record("web", "12345678901234567890").record_id == "12345678901234567890"


def test_every_order_of_arrival_ends_in_the_same_tables(tmp_path, empty_vault):
    told = [order(), order("Order Updated", LATER, total=1), event(), event(at=LATER),
            order("Order Refunded", LATER, [{"product_id": "A", "price": 59.9}])]  # fmt: skip
    ends = []
    for seed in range(6):
        fresh = make_project(tmp_path / str(seed), empty_vault)
        shuffled = [*told, *told]
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - a seed, to be repeated
        for start in range(0, len(shuffled), 3):
            take(fresh, *shuffled[start : start + 3])
        fresh.law()
        ends.append([fresh.content(table) for table in (SALE_LINE, TOUCH)])
        close(fresh)
    assert all(end == ends[0] for end in ends)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_wrong_with_events_is_accounted_for(project, seed):
    sound = (order(discount="1"), event(), event("", call="identify", traits={"email": "a@b.it"}))
    told = "\n".join(spoilt_lines(through_the_door(one, public=False), 40, seed) for one in sound)
    path = project.files / "spoilt.jsonl"
    path.write_bytes(told.encode("utf-8", "surrogatepass"))
    project.take(path, mapping=WEB)
    project.law()
    assert sum(each.counts.received for each in project.ledger()) >= 120


@pytest.mark.parametrize(
    ("said", "key"),
    [({"channel": "moon"}, "sources.web.channel"), ({"tax": {"column": "x"}}, "sources.web.tax")],
)
def test_a_setting_that_cannot_be_is_named(said, key):
    with pytest.raises(BadMapping, match=key):
        mapping_for(None, "web", sources={"web": {"format": "segment", **said}})
