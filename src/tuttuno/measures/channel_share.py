"""What share of the purchases is online and what share in store, of all and of each buyer."""

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import FloatingValue, StringValue

from tuttuno.engine.semantics import count_where, ratio, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share
from tuttuno.measures.measure import Found, Measure, Question, Results, Steps
from tuttuno.measures.rows import Row, grouped
from tuttuno.vocab import Channel

#: Bands of the online share of a buyer's net spend: name and upper end, which belongs to it.
SHARE_BANDS: tuple[tuple[str, float], ...] = (
    ("0%", 0.0),
    ("0-5%", 0.05),
    ("5-20%", 0.20),
    ("20-50%", 0.50),
    ("50-80%", 0.80),
    ("80-95%", 0.95),
    ("95-100%", 1.0),
)
ALL_ONLINE, UNKNOWN_SHARE, ANONYMOUS = "100%", "unknown", "anonymous"
_BAND_ORDER = (*(name for name, _ in SHARE_BANDS), ALL_ONLINE, UNKNOWN_SHARE)

AMOUNTS = ("orders", "net", "units")


def channel_share(question: Question) -> Steps:
    """All sales in the window three times over: by side, by channel, and by kind of buyer.

    `side` and `channel` divide every sale, anonymous ones included, and give shares of net
    revenue, of orders and of units: they differ where one channel sells dearer goods.
    `persons` are the known buyers with an order there, so they add up to more than all.
    `online_share` divides the known buyers by the share of their own net spend that is
    online; its shares are those of known buyers. `unknown` is a buyer whose spend is not
    positive. `channels` is the mean number of channels a buyer uses, counted by weight: 1
    over the sum of squared shares of orders (inverse Herfindahl), `concentration` the mean
    of that sum. Null where there is nothing to divide.
    """
    used = _used(question)
    name, kept = question.shared("used", used)
    return Steps(
        kept={name: used},
        asked={"channels": _channels(question, kept), "parts": _parts(question, kept)},
    )


def _used(question: Question) -> ibis.Table:
    """One row for each person and channel; anonymous sales are one person, who is null."""
    sold = purchases(question)
    amounts = {"orders": sold.orders, "net": sold.net, "units": sold.quantity}
    used = sold.group_by(*question.keys, "person_id", "channel")
    sums = {name: amount.sum() for name, amount in amounts.items()}
    if question.view == "fulfilment":
        online = {f"{n}_online": total(amount, where=sold.online) for n, amount in amounts.items()}
        return used.agg(**sums, **online)
    # A channel lies on one side, so one flag does the work of three more sums.
    told = used.agg(**sums, online=sold.online.any())
    online = {f"{name}_online": ibis.ifelse(told.online, told[name], 0) for name in AMOUNTS}
    return told.mutate(**online).drop("online")


def _channels(question: Question, used: ibis.Table) -> ibis.Table:
    """Add up each channel: all sales, and the known buyers with an order in it."""
    buys = used.person_id.notnull() & (used.orders > 0)
    return used.group_by(*question.keys, "channel").agg(
        persons=count_where(buys), **{name: total(used[name]) for name in AMOUNTS}
    )


def _parts(question: Question, used: ibis.Table) -> ibis.Table:
    """Add up known buyers by their online share, and all anonymous sales."""
    sums = (*AMOUNTS, *(f"{name}_online" for name in AMOUNTS))
    person = used.group_by(*question.keys, "person_id").agg(
        **{name: used[name].sum() for name in sums}, squared=(used.orders * used.orders).sum()
    )
    told = person.mutate(part=_part(person), concentration=_concentration(person))
    buys = told.person_id.notnull() & (told.orders > 0)
    return told.group_by(*question.keys, "part").agg(
        persons=count_where(buys),
        persons_online=count_where(buys & (told.orders_online > 0)),
        persons_store=count_where(buys & (told.orders_online < told.orders)),
        concentration=told.concentration.sum(where=buys),
        effective=(1 / told.concentration).sum(where=buys),
        **{name: told[name].sum() for name in sums},
    )


def _part(person: ibis.Table) -> StringValue:
    online, total = person.net_online.cast("float64"), person.net.cast("float64")
    never = person.orders_online == 0
    always = person.orders_online == person.orders
    steps = ((online <= upper * total, name) for name, upper in SHARE_BANDS[1:])
    return ibis.cases(
        (person.person_id.isnull(), ANONYMOUS),
        (total <= 0, UNKNOWN_SHARE),
        (never, SHARE_BANDS[0][0]),
        (always, ALL_ONLINE),
        *steps,
        else_=SHARE_BANDS[-1][0],
    )


def _concentration(person: ibis.Table) -> FloatingValue:
    """Sum of squared shares of orders over channels; null for a buyer without an order."""
    return ratio(person.squared, person.orders * person.orders)


def _rows(question: Question, results: Results) -> Found:
    channels = grouped(results["channels"].to_pylist(), question.keys)
    found: list[dict[str, Value]] = []
    for at, parts in grouped(results["parts"].to_pylist(), question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        found += [{**split, **row} for row in _splits(parts, channels[at])]
    return Found(found)


def _splits(parts: Sequence[Row], channels: Sequence[Row]) -> list[dict[str, Value]]:
    """Divide one value of the split three times over."""
    known = {row["part"]: row for row in parts if row["part"] != ANONYMOUS}
    everything = _added(parts)
    buyers = _added(list(known.values()))
    online = {name: _sum(parts, f"{name}_online") for name in ("persons", *AMOUNTS)}
    store = {name: everything[name] - online[name] for name in AMOUNTS}
    store["persons"] = _sum(parts, "persons_store")
    found = [_row("all", "all", everything, everything, _means(parts))]
    found += [_row("side", "online", online, everything), _row("side", "store", store, everything)]
    of_channel = {row["channel"]: row for row in channels}
    found += [
        _row("channel", each.value, _added([of_channel[each.value]]), everything)
        for each in Channel
        if each.value in of_channel
    ]
    found += [
        _row("online_share", name, _added([known[name]]), buyers, _means([known[name]]))
        for name in _BAND_ORDER
        if name in known and known[name]["persons"]
    ]
    return found


def _added(rows: Sequence[Row]) -> dict[str, float]:
    return {name: _sum(rows, name) for name in ("persons", *AMOUNTS)}


def _sum(rows: Sequence[Row], column: str) -> float:
    return float(sum(row[column] for row in rows))


def _means(rows: Sequence[Row]) -> dict[str, float | None]:
    persons = _sum(rows, "persons")
    return {
        "concentration": share(sum(row["concentration"] or 0.0 for row in rows), persons),
        "channels": share(sum(row["effective"] or 0.0 for row in rows), persons),
    }


def _row(
    split: str,
    part: str,
    amounts: Mapping[str, float],
    whole: Mapping[str, float],
    means: Mapping[str, float | None] | None = None,
) -> dict[str, Value]:
    return {
        "split": split,
        "part": part,
        "persons": int(amounts["persons"]),
        "persons_share": share(amounts["persons"], whole["persons"]),
        "revenue": amounts["net"],
        "revenue_share": share(amounts["net"], whole["net"]),
        "orders": int(amounts["orders"]),
        "orders_share": share(amounts["orders"], whole["orders"]),
        "units": amounts["units"],
        "units_share": share(amounts["units"], whole["units"]),
        **(means or {"concentration": None, "channels": None}),
    }


CHANNEL_SHARE = Measure(
    label="Channel shares",
    unit="1",
    denominator="side, channel: all sales in the window, anonymous ones included; "
    "online_share: known buyers with at least one order in it",
    source="asked by the trade: what share of each buyer's purchases is online and what share "
    "in store; concentration after Herfindahl and Hirschman",
    columns=(
        AnswerColumn("split", "Divided by"),
        AnswerColumn("part", "Part"),
        AnswerColumn("persons", "Known buyers", "person", "count"),
        AnswerColumn("persons_share", "Share of known buyers", "1", "share"),
        AnswerColumn("revenue", "Net revenue", "EUR", "money"),
        AnswerColumn("revenue_share", "Share of revenue", "1", "share"),
        AnswerColumn("orders", "Orders", "order", "count"),
        AnswerColumn("orders_share", "Share of orders", "1", "share"),
        AnswerColumn("units", "Pieces", "piece", "number"),
        AnswerColumn("units_share", "Share of pieces", "1", "share"),
        AnswerColumn("concentration", "Mean concentration", "1", "number"),
        AnswerColumn("channels", "Mean number of channels", "channel", "number"),
    ),
    define=channel_share,
    finish=_rows,
    without=("side", "channel"),
)
