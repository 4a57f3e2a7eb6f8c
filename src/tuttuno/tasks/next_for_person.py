"""Next for a person: what she may buy again and when, what may be new, what she only looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.checkdigit import shown
from tuttuno.measures.spans import months_before
from tuttuno.measures.suggesting import personal
from tuttuno.measures.suggesting.again import Had
from tuttuno.tasks.known_as import known_as
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.tasks.shelf import MONTHS, Assortment, Shelf, Thing
from tuttuno.tasks.show_person import Glance
from tuttuno.vault import audit, consents, persons
from tuttuno.vault.vault import Connection
from tuttuno.vocab import Purpose, Signal

#: Things in each list.
PLACES = 5

#: Days ahead for which buying again is foreseen.
AHEAD = 30

#: Less probable things are no suggestion.
LEAST_CHANCE = 0.02

_PERSON = ibis.param("int64")
_MONTHS = ibis.param("array<string>")

#: What tells most first: a wish is plainer than a look.
_PLAINEST = (Signal.WISHED.value, Signal.IN_CART.value, Signal.VIEWED.value)


@dataclass(frozen=True, slots=True)
class BuyAgain:
    """A thing she has had.

    Attributes:
        last_on: When she bought it last.
        times: Purchases in the last twelve months.
        days: After how long people who come back for it usually do.
        due_on: `last_on` and those days.
        chance: That she buys it within the next `AHEAD` days.
    """

    thing: Thing
    last_on: date
    times: int
    days: int
    due_on: date
    chance: float


@dataclass(frozen=True, slots=True)
class BuyNew:
    """A thing new to her.

    Attributes:
        because: The one of hers that speaks most for it.
        persons: Buyers of both, among those whom neighbours were learnt from.
        share: How many of the buyers of `because` have it.
    """

    thing: Thing
    because: Thing
    persons: int
    share: float


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A thing she looked at, put in a cart or wished for, and has not bought since."""

    thing: Thing
    signal: str
    last_on: date
    touches: int


@dataclass(frozen=True, slots=True)
class NextForPerson:
    """Three lists, best first; what she gave back is on none of them.

    Attributes:
        as_of: The last day with a sale in the release; None: nothing was ever sold.
        refused: True where she refuses profiling: then nothing is foreseen for her.
    """

    person_id: int
    shown_id: str
    as_of: date | None
    refused: bool
    again: tuple[BuyAgain, ...]
    new: tuple[BuyNew, ...]
    looked: tuple[LookedAt, ...]


def next_for_person(
    person_id: int, at: Glance, *, actor: str, clock: Clock = utc_now
) -> NextForPerson:
    """Make the lists of a person from the release; the look is recorded.

    Neighbours and intervals are learnt at the first asking of a release and kept for it. Of
    whom the last word on profiling was a refusal no list is made.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with at.vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=actor, action="person.next", subject=str(person), at=clock())
        refused = _refuses_profiling(con, person)
    opened = at.opened
    shelf = opened.once(Shelf)
    until = shelf.last_sale
    if until is None or refused:
        return NextForPerson(person, shown(person), until, refused, (), (), ())
    months = at.months_of(opened, person)
    bought = _bought(opened, person, months)
    given_back = _given_back(bought, _returns(opened, person, months))
    looked = _looked(opened, person, shelf, bought, given_back)
    learned = shelf.learned(at.params) if bought else None
    lists = _lists(bought, given_back, learned, shelf) if learned else ((), ())
    return NextForPerson(person, shown(person), until, refused, *lists, looked)


def _refuses_profiling(con: Connection, person: int) -> bool:
    """Return whether her last word on profiling, on any record, was a refusal."""
    keys = pa.array(known_as(con, [person])[person].sources, pa.string())
    told = [one for one in consents.consents_of(con, keys) if one.purpose == Purpose.PROFILING]
    last = max(told, key=lambda one: (one.at, not one.granted), default=None)
    return last is not None and not last.granted


def _bought(opened: OpenRelease, person: int, months: Sequence[str]) -> list[dict[str, Any]]:
    if not months:
        return []
    return opened.ask(opened.once(_her_products), {_PERSON: person, _MONTHS: list(months)})


def _her_products(opened: OpenRelease) -> ibis.Table:
    bought = opened.tables["product_channel"]
    mine = bought.filter(bought.person_id == _PERSON, _MONTHS.contains(bought.month))
    return mine.select(
        "month", "channel", "product_id", "first_on", "last_on", "lines", "quantity", "net"
    )


def _returns(
    opened: OpenRelease, person: int, months: Sequence[str]
) -> Mapping[tuple[str, str], float]:
    """Return the value of what she gave back, by month and channel."""
    if not months:
        return {}
    rows = opened.ask(opened.once(_her_returns), {_PERSON: person, _MONTHS: list(months)})
    return {(row["month"], row["channel"]): float(row["returned"]) for row in rows}


def _her_returns(opened: OpenRelease) -> ibis.Table:
    purchase = opened.tables["purchase"]
    mine = purchase.filter(
        purchase.person_id == _PERSON, _MONTHS.contains(purchase.month), purchase.returned < 0
    )
    return mine.group_by("month", "channel").agg(returned=mine.returned.sum())


def _given_back(
    bought: Sequence[Mapping[str, Any]], returns: Mapping[tuple[str, str], float]
) -> frozenset[str]:
    """Return what she gave back, and what she may have.

    A row of a month nets what came and went. Where rows of returns alone do not account for all
    that went in a month and channel, anything bought there then may be what was given back.
    """
    alone: dict[tuple[str, str], float] = {}
    for row in bought:
        if row["lines"] == 0:
            key = (row["month"], row["channel"])
            alone[key] = alone.get(key, 0.0) + float(row["net"])
    doubtful = {key for key, value in returns.items() if value - alone.get(key, 0.0) < -_CENT / 2}
    return frozenset(
        row["product_id"]
        for row in bought
        if row["lines"] == 0 or row["quantity"] <= 0 or (row["month"], row["channel"]) in doubtful
    )


_CENT = 0.01


def _lists(
    bought: Sequence[Mapping[str, Any]],
    given_back: Collection[str],
    learned: Assortment,
    shelf: Shelf,
) -> tuple[tuple[BuyAgain, ...], tuple[BuyNew, ...]]:
    """Make the lists of what to buy again and of what is new."""
    own = _own(bought, given_back, learned)
    ever = {row["product_id"] for row in bought}
    never = np.array([learned.place[key] for key in ever if key in learned.place], np.int64)
    found = personal.again(own, learned.of, ahead=AHEAD, places=PLACES)
    days = {int(thing): at for at, thing in enumerate(own.thing)}

    def thing(place: int) -> Thing:
        return shelf.thing(learned.things[place])

    def last(place: int) -> date:
        return learned.since + timedelta(days=int(own.last[days[place]]))

    again = tuple(
        BuyAgain(
            thing=thing(one.thing),
            last_on=last(one.thing),
            times=int(own.times[days[one.thing]]),
            days=round(one.days),
            due_on=last(one.thing) + timedelta(days=round(one.days)),
            chance=one.chance,
        )
        for one in found
        if one.chance >= LEAST_CHANCE
    )
    fresh = personal.fresh(own.thing, never, learned.of, places=PLACES)
    new = tuple(
        BuyNew(thing(one.thing), thing(one.because), one.persons, one.share) for one in fresh
    )
    return again, new


def _own(
    bought: Sequence[Mapping[str, Any]], given_back: Collection[str], learned: Assortment
) -> Had:
    """Return her purchases of the months that were learnt from, without what she gave back."""
    times: dict[int, tuple[int, date, date]] = {}
    since = learned.since.isoformat()[:7]
    for row in bought:
        at = learned.place.get(row["product_id"])
        if at is None or row["product_id"] in given_back or row["month"] < since:
            continue
        count, first, last = times.get(at, (0, row["first_on"], row["last_on"]))
        times[at] = (
            count + row["lines"], min(first, row["first_on"]), max(last, row["last_on"])
        )  # fmt: skip
    things = sorted(times)
    return Had(
        person=np.zeros(len(things), np.int64),
        thing=np.array(things, np.int64),
        times=np.array([times[at][0] for at in things], np.int64),
        first=np.array([(times[at][1] - learned.since).days for at in things], np.int64),
        last=np.array([(times[at][2] - learned.since).days for at in things], np.int64),
    )


def _looked(
    opened: OpenRelease,
    person: int,
    shelf: Shelf,
    bought: Sequence[Mapping[str, Any]],
    given_back: Collection[str],
) -> tuple[LookedAt, ...]:
    """Return what she looked at in twelve months and has not bought since, latest first."""
    rows = opened.ask(opened.once(_her_interests), {_PERSON: person})
    until = shelf.last_sale or date.max
    since = months_before(until + timedelta(days=1), MONTHS)
    last_bought: dict[str, date] = {}
    for row in bought:
        if row["last_on"] is not None:
            last = last_bought.get(row["product_id"], row["last_on"])
            last_bought[row["product_id"]] = max(last, row["last_on"])
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["day"] >= since and row["product_id"] not in given_back:
            told.setdefault(row["product_id"], []).append(row)
    found = [
        LookedAt(
            thing=shelf.thing(key),
            signal=min((one["signal"] for one in own), key=_PLAINEST.index),
            last_on=max(one["day"] for one in own),
            touches=sum(one["touches"] for one in own),
        )
        for key, own in told.items()
        if last_bought.get(key, date.min) < min(one["day"] for one in own)
    ]
    found.sort(key=lambda one: (one.last_on.toordinal(), one.touches, one.thing.product_id))
    return tuple(reversed(found[-PLACES:]))


def _her_interests(opened: OpenRelease) -> ibis.Table:
    interest = opened.tables["interest"]
    mine = interest.filter(interest.person_id == _PERSON, interest.product_id.notnull())
    return mine.select("product_id", "signal", "day", "touches")
