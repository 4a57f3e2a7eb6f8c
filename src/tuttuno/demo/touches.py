"""Contacts that are no sale: what people look at, open, like, ask."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo import campaigns, keys
from tuttuno.demo.arrays import DAY, NONE, Ints, choose, digits, join, moments, plain, words
from tuttuno.demo.baskets import Lines
from tuttuno.demo.campaigns import Contacts
from tuttuno.demo.known import Known
from tuttuno.demo.people import People
from tuttuno.demo.trips import APP, MARKETPLACE, PHONE_CALL, STORE, Trips
from tuttuno.demo.world import World

KINDS = (
    "page_view", "product_view", "search", "cart", "email_open", "email_click", "call", "complaint",
    "social_like", "social_comment", "social_share", "social_mention", "review", "wishlist",
)  # fmt: skip
VIEW, PRODUCT, SEARCH, CART, OPEN, CLICK, CALL, COMPLAINT, LIKE, COMMENT, SHARE, MENTION, REVIEW = (
    range(13)
)
WISH = 13
SOURCES = ("shop", "app", "newsletter", "crm", "social")
CHANNELS = ("web", "app", "email", "phone", "social")


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry per touch; positions or `NONE`. `record` is a kind of record to name."""

    kind: Ints
    source: Ints
    channel: Ints
    at: Ints
    person: Ints
    record: Ints
    device: Ints
    handle: Ints
    product: Ints
    campaign: Ints


def make(
    world: World,
    block: int,
    crowd: tuple[People, Known],
    bought: tuple[Trips, Lines],
    contacts: Contacts,
) -> pa.Table:
    """Write the touches of one block of people inside the window."""
    rng = world.rng(block, "touches")
    people, known = crowd
    parts = [
        _browsing(world, rng, known, bought),
        _looking(world, world.rng(block, "looks"), known, bought),
        _mails(world, rng, contacts),
        _social(world, rng, known),
        _calls(world, rng, known),
    ]
    names = Seen.__dataclass_fields__
    seen = Seen(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    return _table(world, block, people, seen)


def _seen(kind: Ints, at: Ints, person: Ints, **known: Ints) -> Seen:
    nothing = np.full(len(kind), NONE)
    blank = dict.fromkeys(
        ("source", "channel", "record", "device", "handle", "product", "campaign"), nothing
    )
    return Seen(kind=kind, at=at, person=person, **{**blank, **known})


def _browsing(
    world: World, rng: np.random.Generator, known: Known, bought: tuple[Trips, Lines]
) -> Seen:
    """Let buyers look around in the hour before an online order; not all are signed in."""
    trips, lines = bought
    settings = world.settings
    here = (trips.channel != STORE) & (trips.channel != MARKETPLACE) & (trips.channel != PHONE_CALL)
    orders = np.flatnonzero(here)
    views = rng.poisson(settings("touches.views_per_order"), len(orders))
    carts = rng.random(len(orders)) < settings("touches.cart_per_order")
    trip = np.concatenate([np.repeat(orders, views), orders[carts]])
    size = len(trip)
    kind = np.full(size, CART)
    looked = choose(rng, [0.3, 0.55, 0.15], int(views.sum()))
    kind[: len(looked)] = looked
    first = np.searchsorted(lines.trip, trip)
    person = trips.person[trip]
    in_app = (trips.channel[trip] == APP) & known.app[person]
    signed_in = known.account[person] & (rng.random(size) < 0.55)
    record = np.where(signed_in, keys.ACCOUNT, NONE)
    since = np.maximum(trips.at[trip] - rng.integers(20, 3_000, size), world.calendar.start * DAY)
    return _seen(
        kind,
        since,
        person,
        source=in_app.astype(np.int64),
        channel=in_app.astype(np.int64),
        record=np.where(in_app, keys.APP, record),
        device=person,
        product=np.where((kind == PRODUCT) | (kind == CART), lines.product[first], NONE),
    )


def _looking(
    world: World, rng: np.random.Generator, known: Known, bought: tuple[Trips, Lines]
) -> Seen:
    """Let account holders look without buying, and look up what they then buy in a store."""
    trips, lines = bought
    settings, start = world.settings, world.calendar.start * DAY
    holders = np.flatnonzero(known.account)
    if not (len(holders) and lines.count):
        return _seen(*(np.array([], np.int64),) * 3)
    idle = int(rng.poisson(settings("touches.looks_per_account") * len(holders)))
    line = rng.integers(0, lines.count, idle)
    later = trips.at[lines.trip[line]] + rng.integers(0, 60, idle) * DAY
    in_store = trips.channel[lines.trip] == STORE
    own = in_store & known.account[trips.person[lines.trip]]
    ahead = np.flatnonzero(own & (rng.random(lines.count) < settings("touches.looked_up")))
    before = trips.at[lines.trip[ahead]] - rng.integers(1, 10, len(ahead)) * DAY
    at = np.maximum(np.concatenate([later, before]), start)
    kind = choose(rng, [0.7, 0.08, 0.12, 0.1], len(at))
    kind = np.array([PRODUCT, CART, WISH, SEARCH])[kind]
    product = lines.product[np.concatenate([line, ahead])]
    return _seen(
        kind,
        at,
        np.concatenate([rng.choice(holders, idle), trips.person[lines.trip[ahead]]]),
        source=np.zeros(len(at), np.int64),
        channel=np.zeros(len(at), np.int64),
        record=np.full(len(at), keys.ACCOUNT),
        product=np.where(kind == SEARCH, NONE, product),
    )


def _mails(world: World, rng: np.random.Generator, contacts: Contacts) -> Seen:
    """Let some of those written to open, and some of those click."""
    sent = np.flatnonzero(contacts.treated)
    opened = sent[rng.random(len(sent)) < world.settings("touches.mail_open")]
    clicked = opened[rng.random(len(opened)) < world.settings("touches.mail_click")]
    row = np.concatenate([opened, clicked])
    kind = np.where(np.arange(len(row)) < len(opened), OPEN, CLICK)
    wait = rng.exponential(9 * 3_600, len(row)).astype(np.int64) % (3 * DAY)
    return _seen(
        kind,
        contacts.at[row] + 60 + wait,
        contacts.person[row],
        source=np.full(len(row), 2),
        channel=np.full(len(row), 2),
        record=np.full(len(row), keys.ACCOUNT),
        campaign=contacts.campaign[row],
    )


def _social(world: World, rng: np.random.Generator, known: Known) -> Seen:
    """Let a few people be loud on social media."""
    settings, calendar = world.settings, world.calendar
    active = (known.crm | known.app) & (
        rng.random(len(known.crm)) < settings("touches.social_active")
    )
    who = np.flatnonzero(active)
    times = rng.geometric(1 / settings("touches.social_per_person"), len(who))
    person = np.repeat(who, times)
    month = rng.integers(0, calendar.months, len(person))
    kind = LIKE + choose(rng, [0.62, 0.2, 0.1, 0.05, 0.03], len(person))
    return _seen(
        kind,
        calendar.moments(rng, month, online=True),
        person,
        source=np.full(len(person), 4),
        channel=np.full(len(person), 4),
        handle=person,
    )


def _calls(world: World, rng: np.random.Generator, known: Known) -> Seen:
    """Let some known customers ring the service desk."""
    who = np.flatnonzero(
        known.crm & (rng.random(len(known.crm)) < world.settings("touches.calls") * 5)
    )
    month = rng.integers(0, world.calendar.months, len(who))
    return _seen(
        np.where(rng.random(len(who)) < 0.15, COMPLAINT, CALL),
        world.calendar.moments(rng, month, online=False),
        who,
        source=np.full(len(who), 3),
        channel=np.full(len(who), 3),
        record=np.full(len(who), keys.CRM),
    )


def _table(world: World, block: int, people: People, seen: Seen) -> pa.Table:
    order = np.argsort(seen.at, kind="stable")
    inside = order[seen.at[order] < world.calendar.end * DAY]
    rows = {name: getattr(seen, name)[inside] for name in Seen.__dataclass_fields__}
    size, count = len(inside), people.count
    number = people.number
    kinds = (keys.ACCOUNT, keys.APP, keys.CRM)
    pool = pa.concat_arrays([keys.key(kind, number) for kind in kinds])
    place = {kind: at * count for at, kind in enumerate(kinds)}
    shift = np.array([place.get(kind, 0) for kind in range(len(keys.SOURCES))])
    record = np.where(rows["record"] < 0, NONE, rows["person"] + shift[rows["record"]])
    serial = block * 10**7 + np.arange(size)
    return pa.table(
        {
            "source": words(SOURCES, rows["source"]),
            "touch_id": join(pa.scalar("t"), digits(serial, 10)),
            "at": moments(rows["at"]),
            "kind": words(KINDS, rows["kind"]),
            "channel": words(CHANNELS, rows["channel"]),
            "record_id": plain(pool, record),
            "email": pa.nulls(size, pa.string()),
            "device_id": plain(keys.device(number), rows["device"]),
            "social_handle": plain(keys.handle(number), rows["handle"]),
            "store_id": pa.nulls(size, pa.string()),
            "product_id": words(world.products.ids, rows["product"]),
            "campaign_id": words(campaigns.names(world), rows["campaign"]),
            "properties": pa.nulls(size, pa.string()),
        }
    )
