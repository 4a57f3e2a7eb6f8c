"""How generations and ages divide over the channel classes."""

import ibis

from tuttuno.engine.semantics import total
from tuttuno.mart.traits import AGE_BANDS, GENERATIONS
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.channel_class import class_of
from tuttuno.measures.facts import spend
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.vocab import ChannelClass

_SPLITS = (("generation", tuple(GENERATIONS)), ("age_band", tuple(AGE_BANDS)))
_CLASSES = tuple(each.value for each in ChannelClass)


def generations(question: Question) -> ibis.Table:
    """Known buyers of the window by birth cohort, and again by age band, and by channel class.

    Ages are those of the year of the last sale. The class is that of `channel_class`. The
    share is that of a class among the buyers of one age. Buyers without a year of birth are
    the rows whose part is null; a note says how many have one. A class in which an age has
    no buyer has no row.
    """
    buyer = spend(question)
    buyer = buyer.filter(buyer.orders > 0)
    buyer = buyer.mutate(kind=class_of(buyer))
    person = question.tables["person"]
    ages = person.select("generation", "age_band", own_id=person.person_id)
    told = buyer.left_join(ages, buyer.person_id == ages.own_id)
    return told.group_by(*question.keys, "generation", "age_band", "kind").agg(
        persons=told.count(), revenue=total(told.net), orders=total(told.orders)
    )


def _shares(question: Question, results: Results) -> Found:
    rows = results["rows"].to_pylist()
    found: list[dict[str, Value]] = []
    for at, own in sorted(grouped(rows, question.keys).items(), key=_known_first):
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        for name, order in _SPLITS:
            for part in (*order, None):
                of_part = [row for row in own if row[name] == part]
                found += [{**split, "split": name, "part": part, **r} for r in _classes(of_part)]
    known = sum(row["persons"] for row in rows if row["generation"] is not None)
    told = share(known, sum(row["persons"] for row in rows))
    notes = () if told is None else (f"The year of birth is known of {told:.1%} of the buyers.",)
    return Found(found, notes)


def _known_first(item: tuple[tuple[object, ...], object]) -> list[tuple[bool, str]]:
    return [(value is None, str(value)) for value in item[0]]


def _classes(rows: list[Row]) -> list[dict[str, Value]]:
    everybody = sum(row["persons"] for row in rows)
    found: list[dict[str, Value]] = []
    for kind in _CLASSES:
        own = [row for row in rows if row["kind"] == kind]
        if not own:
            continue
        persons = sum(row["persons"] for row in own)
        sure = wilson(persons, everybody)
        found.append(
            {
                "class": kind,
                "persons": persons,
                "persons_share": share(persons, everybody),
                "low": sure.low,
                "high": sure.high,
                "revenue": float(sum(row["revenue"] for row in own)),
                "orders": sum(row["orders"] for row in own),
            }
        )
    return found


GENERATIONS_MEASURE = Measure(
    label="Generations",
    unit="person",
    denominator="known buyers of the same generation or age band in the window",
    source="asked by the trade; generations as the Pew Research Center draws the lines (2019)",
    columns=(
        AnswerColumn("split", "Divided by"),
        AnswerColumn("part", "Part"),
        AnswerColumn("class", "Class"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        AnswerColumn("persons_share", "Share of the part's buyers", "1", "share"),
        AnswerColumn("low", "Share, low", "1", "share"),
        AnswerColumn("high", "Share, high", "1", "share"),
        AnswerColumn("revenue", "Net revenue", "EUR", "money"),
        AnswerColumn("orders", "Orders", "order", "count"),
    ),
    define=generations,
    finish=_shares,
    without=("generation", "age_band", "side", "channel", "handover"),
)
