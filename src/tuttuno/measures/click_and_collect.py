"""How click & collect goes: how many choose it, how fast it is ready, who fetches it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import ibis
from ibis.expr.types import BooleanValue, TimestampValue

from tuttuno.engine.semantics import count_where, seconds_between
from tuttuno.mart.purchase import ONLINE_CHANNELS
from tuttuno.measures.answer import AnswerColumn
from tuttuno.measures.collecting import CANCELLED, COLLECTED, EXPIRED, NEVER_READY, READY, kpis
from tuttuno.measures.facts import purchases
from tuttuno.measures.measure import Measure, Question, Steps
from tuttuno.measures.survival import OPEN
from tuttuno.measures.window import in_window
from tuttuno.vocab import CancelledBy

_MINUTE = 60
_DAY = 24 * 60 * _MINUTE


def click_and_collect(question: Question) -> Steps:
    """Online orders of the window to be fetched in a store, from the order to the till.

    `adoption` divides them by all online orders; split by store, by those of the whole chain.
    `ready_hours` is the time from order to ready by which half were ready, orders still
    in work included; `promise_kept` the share ready when promised, of those whose promise
    was due. From ready on, three ends compete: `collected_24h` and so on are the shares that
    had been fetched, cancelled or expired by then (Aalen-Johansen). `cancelled` divides by
    the orders, `no_show` (expired) by those that were ready; both leave out orders too young
    to have ended, which `immature` counts. `attached` is the share of collections with a
    store purchase of the same person in the same store from 15 minutes before to 2 hours
    after, `attached_anyway` the same a week earlier, `attached_extra` the difference.
    `new_buyers` is the share of known buyers for whom it was the first purchase day ever.
    Null where there is nothing to divide, or nobody was watched so long. Hours are hours of
    the clock, not of opening.
    """
    order = _orders(question)
    fetched = _fetched(question, order)
    name, kept = question.shared("fetched", fetched)
    counts = {"online_orders": order.count()}
    online = order.group_by(*question.keys).agg(**counts) if question.keys else order.agg(**counts)
    return Steps(
        kept={name: fetched},
        asked={
            "online": online,
            "groups": _groups(question, kept),
            "ready": _until_ready(question, kept),
            "ended": _until_ended(question, kept),
            "attached": _attached(question, kept),
        },
    )


def _orders(question: Question) -> ibis.Table:
    sold = purchases(replace(question, view="demand"))
    order = sold.filter(sold.channel.isin(ONLINE_CHANNELS), sold.orders > 0)
    return order.select(*question.keys, "source", "sale_id", "person_id", "sold_on")


def _fetched(question: Question, order: ibis.Table) -> ibis.Table:
    """The orders to be fetched in a store, with their way and whether the buyer is new."""
    pickup = question.tables["pickup"].drop("batch", "updated_at")
    pickup = pickup.rename(pickup_store_id="store_id")
    told = order.inner_join(pickup, ["source", "sale_id"])
    person = question.tables["person"]
    first = person.select(own_id="person_id", first_ever="first_on")
    return told.left_join(first, told.person_id == first.own_id).drop("own_id")


def _now(question: Question) -> TimestampValue:
    """The moment up to which orders were watched: the end of the last day with a sale."""
    end = datetime.combine(question.last_sale + timedelta(days=1), time())
    return ibis.literal(end, type="timestamp(6)")


def _groups(question: Question, fetched: ibis.Table) -> ibis.Table:
    now = _now(question)
    days = int(question.params["click_and_collect.mature_days"])
    ended = ibis.coalesce(fetched.collected_at, fetched.cancelled_at, fetched.expired_at)
    old = seconds_between(fetched.placed_at, now) >= days * _DAY
    ready_at = ibis.coalesce(fetched.ready_at, fetched.collected_at)
    was_ready = ready_at.notnull()
    due = fetched.promised_at.notnull() & ((fetched.promised_at <= now) | was_ready)
    called_off = old & fetched.cancelled_at.notnull()
    counts: Mapping[str, BooleanValue] = {
        "due": due,
        "kept": due & (ready_at <= fetched.promised_at),
        "old": old,
        "old_ready": old & was_ready,
        "expired": old & was_ready & fetched.expired_at.notnull() & fetched.collected_at.isnull(),
        "cancelled": called_off,
        "by_customer": called_off & (fetched.cancelled_by == CancelledBy.CUSTOMER.value),
        "by_retailer": called_off & (fetched.cancelled_by == CancelledBy.RETAILER.value),
        "immature": ~old & ended.isnull(),
        "known": fetched.person_id.notnull(),
        "new": fetched.first_ever == fetched.sold_on,
        "collections": fetched.collected_at.notnull() & fetched.person_id.notnull(),
    }
    sums = {name: count_where(condition) for name, condition in counts.items()}
    sums |= {"orders": fetched.count(), "buyers": fetched.person_id.nunique()}
    grouped = fetched.group_by(*question.keys) if question.keys else fetched
    return grouped.agg(**sums)


def _until_ready(question: Question, fetched: ibis.Table) -> ibis.Table:
    """Count orders by minutes from order to ready, to an end before it, or to now."""
    ready = ibis.coalesce(fetched.ready_at, fetched.collected_at)
    ended = ibis.coalesce(fetched.cancelled_at, fetched.expired_at)
    until = ibis.coalesce(ready, ended, _now(question))
    cause = ibis.cases((ready.notnull(), READY), (ended.notnull(), NEVER_READY), else_=OPEN)
    told = fetched.select(*question.keys, minutes=_minutes(fetched.placed_at, until), cause=cause)
    return told.group_by(*question.keys, "minutes", "cause").agg(orders=told.count())


def _until_ended(question: Question, fetched: ibis.Table) -> ibis.Table:
    """Count orders by minutes from ready to collected, cancelled, expired, or to now."""
    ready = fetched.filter(fetched.ready_at.notnull())
    until = ibis.coalesce(ready.collected_at, ready.cancelled_at, ready.expired_at, _now(question))
    cause = ibis.cases(
        (ready.collected_at.notnull(), COLLECTED),
        (ready.cancelled_at.notnull(), CANCELLED),
        (ready.expired_at.notnull(), EXPIRED),
        else_=OPEN,
    )
    told = ready.select(*question.keys, minutes=_minutes(ready.ready_at, until), cause=cause)
    return told.group_by(*question.keys, "minutes", "cause").agg(orders=told.count())


def _minutes(since: TimestampValue, until: TimestampValue) -> ibis.Value:
    """Whole minutes; clocks that disagree do not make a wait negative."""
    return ibis.greatest(seconds_between(since, until) // _MINUTE, 0)


def _attached(question: Question, fetched: ibis.Table) -> ibis.Table:
    """Count collections with a store purchase around them, and around the same hour before."""
    taken = fetched.filter(fetched.collected_at.notnull(), fetched.person_id.notnull())
    days = int(question.params["click_and_collect.placebo_days"])
    # Nothing was collected before the window; the days allow for clocks and time zones.
    early = question.since - timedelta(days=days + 3)
    purchase = in_window(
        replace(question, since=early, until=date.max), question.tables["purchase"]
    )
    visit = purchase.filter(~purchase.online, purchase.orders > 0, purchase.person_id.notnull())
    visit = visit.select(visitor="person_id", visited="store_id", bought_at="sold_at")
    pair = taken.inner_join(
        visit, [taken.person_id == visit.visitor, taken.pickup_store_id == visit.visited]
    )
    params = question.params
    low = -int(params["click_and_collect.attached_before"]) * _MINUTE
    high = int(params["click_and_collect.attached_after"]) * _MINUTE
    ago = days * _DAY
    later = seconds_between(pair.collected_at, pair.bought_at)
    pair = pair.mutate(attached=later.between(low, high), anyway=(later + ago).between(low, high))
    pair = pair.filter(pair.attached | pair.anyway)
    each = pair.group_by(*question.keys, "source", "sale_id").agg(
        attached=pair.attached.any(), anyway=pair.anyway.any()
    )
    sums = {
        "attached": count_where(each.attached),
        "anyway": count_where(each.anyway),
        "both": count_where(each.attached & each.anyway),
    }
    return each.group_by(*question.keys).agg(**sums) if question.keys else each.agg(**sums)


def _hours(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "hour", "number")


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


CLICK_AND_COLLECT = Measure(
    label="Click & collect",
    unit="",
    denominator="online orders of the window; see each column",
    source="asked by the trade; competing ends after Aalen and Johansen (1978)",
    columns=(
        AnswerColumn("orders", "Orders to collect", "order", "count"),
        AnswerColumn("online_orders", "Online orders", "order", "count"),
        _share("adoption", "Share of online orders"),
        _share("adoption_low", "Share of online orders, low"),
        _share("adoption_high", "Share of online orders, high"),
        AnswerColumn("buyers", "Known buyers", "person", "count"),
        _share("new_buyers", "First purchase ever"),
        _hours("ready_hours", "Order to ready, half"),
        _hours("ready_hours_p90", "Order to ready, 9 of 10"),
        _share("promise_kept", "Ready when promised"),
        _share("promise_low", "Ready when promised, low"),
        _share("promise_high", "Ready when promised, high"),
        _hours("dwell_hours", "Ready to collected, half"),
        _share("collected_24h", "Collected within 24 h"),
        _share("collected_48h", "Collected within 48 h"),
        _share("collected_72h", "Collected within 72 h"),
        _share("collected_168h", "Collected within 7 days"),
        _share("cancelled_168h", "Cancelled within 7 days of ready"),
        _share("expired_168h", "Expired within 7 days of ready"),
        _share("cancelled", "Cancelled"),
        _share("cancelled_by_customer", "Cancelled by the customer"),
        _share("cancelled_by_retailer", "Cancelled by the retailer"),
        _share("no_show", "Ready and never fetched"),
        _share("attached", "Bought more at the collection"),
        _share("attached_anyway", "Bought at the same hour before"),
        _share("attached_extra", "Bought more because of it"),
        _share("extra_low", "Bought more because of it, low"),
        _share("extra_high", "Bought more because of it, high"),
        AnswerColumn("immature", "Orders still on their way", "order", "count"),
    ),
    define=click_and_collect,
    finish=kpis,
    params=(
        "click_and_collect.mature_days",
        "click_and_collect.attached_before",
        "click_and_collect.attached_after",
        "click_and_collect.placebo_days",
    ),
    without=("side", "handover"),
)
