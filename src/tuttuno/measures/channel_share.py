"""What share of the purchases is online and what share in store, of all and of each buyer."""

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import FloatingValue, StringValue

from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share
from tuttuno.measures.measure import Found, Measure, Question, Results
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
_SIDES = ("online", "store")

CHANNELS = tuple(channel.value for channel in Channel)
AMOUNTS = ("orders", "net", "units")


def channel_share(question: Question) -> ibis.Table:
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
    person = _by_person(question)
    told = person.mutate(part=_part(person), concentration=_concentration(person))
    buys = told.person_id.notnull() & (told.orders > 0)
    sums = {
        f"{name}_{channel}": told[f"{name}_{channel}"].sum()
        for channel in CHANNELS
        for name in AMOUNTS
    }
    counts = {
        f"persons_{channel}": told.count(where=buys & (told[f"orders_{channel}"] > 0))
        for channel in CHANNELS
    }
    sides = {
        "persons_online": told.count(where=buys & (told.orders_online > 0)),
        "persons_store_side": told.count(where=buys & (told.orders_online < told.orders)),
        **{f"{name}_online": told[f"{name}_online"].sum() for name in AMOUNTS},
    }
    rows = told.group_by(*question.keys, "part").agg(
        persons=told.count(where=buys),
        concentration=told.concentration.sum(where=buys),
        effective=(1 / told.concentration).sum(where=buys),
        **sums,
        **counts,
        **sides,
    )
    return rows.order_by(*question.keys, "part")


def _by_person(question: Question) -> ibis.Table:
    """One row for each known person, and one for all anonymous sales together."""
    sold = purchases(question)
    amounts = {"orders": sold.orders, "net": sold.net, "units": sold.quantity}
    per_channel = {
        f"{name}_{channel}": amount.sum(where=sold.channel == channel).fill_null(0)
        for channel in CHANNELS
        for name, amount in amounts.items()
    }
    online = {
        f"{name}_online": amount.sum(where=sold.online).fill_null(0)
        for name, amount in amounts.items()
    }
    return sold.group_by(*question.keys, "person_id").agg(
        orders=sold.orders.sum(), net=sold.net.sum(), **per_channel, **online
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
    orders = person.orders.cast("float64").nullif(0.0)
    return sum((person[f"orders_{channel}"] / orders) ** 2 for channel in CHANNELS)


def _rows(question: Question, results: Results) -> Found:
    found: list[dict[str, Value]] = []
    for at, rows in grouped(results["rows"].to_pylist(), question.keys).items():
        split = dict(zip(question.keys, at, strict=True))
        found += [{**split, **row} for row in _splits(rows)]
    return Found(found)


def _splits(rows: Sequence[Row]) -> list[dict[str, Value]]:
    """Divide one value of the split three times over."""
    everything = _added(rows, CHANNELS) | {"persons": _sum(rows, "persons")}
    sides = {"online": _added(rows, ["online"])}
    sides["store"] = {
        **{name: everything[name] - sides["online"][name] for name in AMOUNTS},
        "persons": _sum(rows, "persons_store_side"),
    }
    channels = {name: _added(rows, [name]) for name in CHANNELS}
    known = [row for row in rows if row["part"] != ANONYMOUS]
    buyers = _added(known, CHANNELS) | {"persons": everything["persons"]}
    found = [_row("all", "all", everything, everything, _means(rows))]
    found += [_row("side", name, sides[name], everything) for name in _SIDES]
    found += [
        _row("channel", name, amounts, everything)
        for name, amounts in channels.items()
        if any(amounts.values())
    ]
    by_part = {row["part"]: row for row in known}
    for name in _BAND_ORDER:
        if name in by_part and by_part[name]["persons"]:
            row = by_part[name]
            part = _added([row], CHANNELS) | {"persons": float(row["persons"])}
            found.append(_row("online_share", name, part, buyers, _means([row])))
    return found


def _added(rows: Sequence[Row], names: Sequence[str]) -> dict[str, float]:
    return {
        amount: sum(_sum(rows, f"{amount}_{name}") for name in names)
        for amount in ("persons", *AMOUNTS)
    }


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
