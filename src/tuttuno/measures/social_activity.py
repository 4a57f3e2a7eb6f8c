"""How active known buyers are on social media, and whether the active buy differently."""

from collections.abc import Iterator, Mapping, Sequence

import ibis

from tuttuno.engine.semantics import count_where, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.channel_class import class_of
from tuttuno.measures.facts import spend
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.vocab import ChannelClass

#: Buyers by how often they were active in the window: from one bound on up to the next.
LEVELS: Mapping[str, int] = {"inactive": 0, "once": 1, "several": 2, "often": 5}


def social_activity(question: Question) -> Mapping[str, ibis.Table]:
    """Known buyers of the window by how often they were active on social media in it.

    A touch on the social channel counts: a like, comment, share or mention, a review; a
    purchase there does not. `inactive` buyers have none, `once` one, `several` two to four,
    `often` five and more; `active` is all but those, `all` everybody. Only those are
    known to be active whose handle or record is known to be theirs: `persons_share` is a
    floor. Orders and net are those of the window in all channels; `spend_ratio` compares the
    net per buyer with that of the inactive. Null where there is nobody to compare.
    """
    buyer = spend(question)
    buyer = buyer.filter(buyer.orders > 0)
    active = _active(question)
    told = buyer.left_join(active, buyer.person_id == active.whose)
    touches = told.touches.fill_null(0)
    level = ibis.cases(
        *((touches >= least, name) for name, least in reversed(list(LEVELS.items())) if least),
        else_="inactive",
    )
    told = told.mutate(level=level, seen=touches, kind=class_of(told))
    rows = told.group_by(*question.keys, "level").agg(
        persons=told.count(),
        touches=total(told.seen),
        orders=total(told.orders),
        revenue=total(told.net),
        both=count_where(told.kind == ChannelClass.BOTH.value),
        orders_online=total(told.orders_online),
    )
    return {"rows": rows, "active": active.agg(persons=active.count())}


def _active(question: Question) -> ibis.Table:
    """Count what each person did on social media in the window."""
    day = question.tables["social"]
    own = day.filter(day.day >= question.since, day.day < question.until)
    return own.group_by(whose="person_id").agg(touches=total(own.touches))


def _rows(question: Question, results: Results) -> Found:
    rows: list[dict[str, Value]] = []
    for at, own in grouped(results["rows"].to_pylist(), question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        rows += [{**split, **row} for row in _levels(own)]
    if question.keys or question.where:
        return Found(rows)
    (active,) = results["active"].to_pylist()
    known = sum(int(row["persons"] or 0) for row in rows if row["level"] == "active")
    return Found(rows, (_told(int(active["persons"]), known),))


def _told(active: int, known: int) -> str:
    return (
        f"{active:,} people were active on social media in the window; {known:,} of them are known "
        "to have bought in it."
    )


def _levels(found: Sequence[Row]) -> Iterator[dict[str, Value]]:
    by_level = {row["level"]: [row] for row in found}
    active = [row for row in found if row["level"] != "inactive"]
    groups = {"all": list(found), "active": active} | {
        level: by_level.get(level, []) for level in LEVELS
    }
    everybody = sum(row["persons"] for row in found)
    inactive = groups["inactive"]
    usual = share(_added(inactive, "revenue"), _added(inactive, "persons"))
    for level, own in groups.items():
        persons = int(_added(own, "persons"))
        each = share(_added(own, "revenue"), persons)
        sure = wilson(persons, everybody)
        yield {
            "level": level,
            "persons": persons,
            "persons_share": share(persons, everybody),
            "low": sure.low,
            "high": sure.high,
            "touches": int(_added(own, "touches")),
            "orders_per_person": share(_added(own, "orders"), persons),
            "revenue_per_person": each,
            "spend_ratio": share(each, usual) if each is not None and usual else None,
            "both_share": share(_added(own, "both"), persons),
            "online_orders_share": share(_added(own, "orders_online"), _added(own, "orders")),
        }


def _added(rows: Sequence[Row], name: str) -> float:
    return float(sum(row[name] for row in rows))


SOCIAL_ACTIVITY = Measure(
    label="Social activity",
    unit="person",
    denominator="known buyers with at least one order in the window",
    source="asked by the trade: how active are customers on social media, and do they buy "
    "differently; levels are a house default",
    columns=(
        AnswerColumn("level", "Activity"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        AnswerColumn("persons_share", "Share of buyers", "1", "share"),
        AnswerColumn("low", "Share of buyers, low", "1", "share"),
        AnswerColumn("high", "Share of buyers, high", "1", "share"),
        AnswerColumn("touches", "Touches", "touch", "count"),
        AnswerColumn("orders_per_person", "Orders per buyer", "order", "number"),
        AnswerColumn("revenue_per_person", "Net revenue per buyer", "EUR", "money"),
        AnswerColumn("spend_ratio", "Times the inactive", "1", "number"),
        AnswerColumn("both_share", "In both channels", "1", "share"),
        AnswerColumn("online_orders_share", "Orders online", "1", "share"),
    ),
    define=social_activity,
    finish=_rows,
    without=("side", "channel", "handover", "month", "quarter", "year"),
    notes=(
        (
            "Who likes a retailer buys more there and says so more; the difference is no effect "
            "of social media."
        ),
    ),
)
