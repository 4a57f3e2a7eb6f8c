"""What comes back, bought where and brought back where, and after how long."""

from collections.abc import Mapping

import ibis

from tuttuno.engine.semantics import count_where, days_between, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, group, grouped
from tuttuno.measures.window import in_window
from tuttuno.vocab import ONLINE


def returns(question: Question) -> Mapping[str, ibis.Table]:
    """Net value brought back in the window, by the channel that sold and the one that took back.

    A return belongs to the channel of the sale that it undoes, where the source names that
    sale, else to its own. The rate divides by what the selling channel sold in the same
    window, so goods sold before it and returned in it count above the line only. Days are
    from sale to return, of the returns whose sale is known: `dated` says how many those
    are. Null where nothing was sold, or no return names its sale. Anonymous sales count.
    """
    sold = purchases(question)
    amounts = sold.group_by(*question.keys, "channel", "document_channel").agg(
        sold=total(sold.net - sold.returned),
        returned=total(-sold.returned),
        receipts=count_where(sold.returned < 0),
    )
    return {"amounts": amounts, "days": _days(question, sold)}


def _days(question: Question, sold: ibis.Table) -> ibis.Table:
    """Count returns by the days since their sale; one receipt counts once for each sale."""
    back = sold.filter(sold.returned < 0).select(
        *question.keys, "source", "sale_id", "channel", "document_channel", "sold_on"
    )
    line = in_window(question, question.tables["sale_line"])
    line = line.filter(line.quantity < 0, line.returns_sale_id.notnull())
    named = line.select("source", "sale_id", "returns_sale_id").distinct()
    purchase = question.tables["purchase"]
    bought = purchase.filter(purchase.orders > 0).select(
        origin_source="source",
        origin_id="sale_id",
        origin_channel="channel",
        bought_on="sold_on",
    )
    pair = named.inner_join(bought, named.returns_sale_id == bought.origin_id)
    own = pair.source == pair.origin_source
    # Added up before the returns are joined: an engine might join those by channel alone.
    origin = pair.group_by("source", "sale_id", "returns_sale_id", channel="origin_channel").agg(
        bought_on=ibis.coalesce(pair.bought_on.max(where=own), pair.bought_on.max())
    )
    dated = back.inner_join(origin, ["source", "sale_id", "channel"])
    dated = dated.mutate(days=days_between(dated.bought_on, dated.sold_on))
    return dated.group_by(*question.keys, "channel", "document_channel", "days").agg(
        returns=dated.count()
    )


def _rates(question: Question, results: Results) -> Found:
    days = grouped(results["days"].to_pylist(), (*question.keys, "channel", "document_channel"))
    found: list[dict[str, Value]] = []
    by_split = grouped(results["amounts"].to_pylist(), question.keys)
    for at, rows in by_split.items():
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        sold: dict[str, float] = {}
        for row in rows:
            sold[row["channel"]] = sold.get(row["channel"], 0.0) + float(row["sold"])
        returned = float(sum(row["returned"] for row in rows))
        for row in sorted(rows, key=lambda row: (row["channel"], row["document_channel"])):
            if row["receipts"] or row["channel"] == row["document_channel"]:
                key = (*group(row, question.keys), row["channel"], row["document_channel"])
                shares = _row(row, sold[row["channel"]], returned, days.get(key, []))
                found.append({**split, **shares})
    return Found(found)


def _row(row: Row, sold: float, returned: float, days: list[Row]) -> dict[str, Value]:
    crosses = (row["channel"] in ONLINE) != (row["document_channel"] in ONLINE)
    value = float(row["returned"])
    return {
        "bought_in": row["channel"],
        "returned_in": row["document_channel"],
        "crosses": crosses,
        "sold": sold,
        "returned": value,
        "rate": share(value, sold),
        "returned_share": share(value, returned),
        "receipts": row["receipts"],
        "dated": sum(each["returns"] for each in days),
        "days_median": quantile(days, 0.5),
        "days_p90": quantile(days, 0.9),
    }


def quantile(days: list[Row], at: float) -> float | None:
    """Return the smallest number of days within which that share of returns had come."""
    everything = sum(row["returns"] for row in days)
    reached = 0
    for row in sorted(days, key=lambda row: int(row["days"])):
        reached += row["returns"]
        if reached >= at * everything:
            return float(row["days"])
    return None


RETURNS = Measure(
    label="Returns",
    unit="1",
    denominator="net value sold in the window by the channel that sold, before returns",
    source="usual in the trade; channel of the sale, because that is where the customer chose",
    columns=(
        AnswerColumn("bought_in", "Bought in"),
        AnswerColumn("returned_in", "Brought back to"),
        AnswerColumn("crosses", "Between online and store", "", "flag"),
        AnswerColumn("sold", "Sold by the channel", "EUR", "money"),
        AnswerColumn("returned", "Brought back", "EUR", "money"),
        AnswerColumn("rate", "Rate of the sold", "1", "share"),
        AnswerColumn("returned_share", "Share of all returns", "1", "share"),
        AnswerColumn("receipts", "Receipts with a return", "receipt", "count"),
        AnswerColumn("dated", "Returns with a known sale", "return", "count"),
        AnswerColumn("days_median", "Days to return, median", "day", "number"),
        AnswerColumn("days_p90", "Days to return, 9 of 10", "day", "number"),
    ),
    define=returns,
    finish=_rates,
    without=("side", "channel"),
)
