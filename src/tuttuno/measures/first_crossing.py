"""How long it takes until a buyer of one side first buys on the other, or stops before that."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import ibis
from ibis.expr.types import IntegerValue, StringValue

from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.life_table import LifeTable, life_table
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.measures.spans import months_before
from tuttuno.measures.split import described, dimensions_asked
from tuttuno.measures.survival import OPEN

#: What ends the wait; `survival.OPEN` where nothing had.
CROSSED, LAPSED = 1, 2

_SILENT = "first_crossing.lapse_months"

#: Where a buyer can begin; who bought on both sides on her first day has nothing to cross.
_SIDES = ("store", "online")


def first_crossing(question: Question) -> ibis.Table:
    """Month by month after the first purchase: who first buys on the other side, who lapses.

    Those count whose first purchase, as far as sales are known, lies in the window; months
    are calendar months, the first one is 0, and a month that the window's end cuts is left
    out. `persons` were still waiting when the month began. `crossed` bought on the other side
    for the first time, `lapsed` had then bought nothing for as many whole months as the
    parameter says: they count as gone, whatever they do later. `hazard` is `crossed` divided
    by `persons`, with its 95 % interval. `crossed_share` is the share of all who began that
    have crossed by the end of the month, `lapsed_share` that have lapsed before; who is still
    waiting when the window ends counts as long as watched (Aalen and Johansen). One minus
    Kaplan-Meier would count the lapsed as still to come, and say more. `began` is the year
    of the first purchase. Null where nobody is left.
    """
    ever = replace(question, since=question.first_sale)
    month = _months(ever)
    last = _number_of(question)
    first_side = {
        side: month.first_on.min(where=month.online == (side == "online")) for side in _SIDES
    }
    person = month.group_by(*question.keys, "person_id").agg(
        began=month.nth.min(),
        began_on=month.first_on.min(),
        **{f"{side}_on": day for side, day in first_side.items()},
        **{f"{side}_nth": month.nth.min(where=month.online == (side == "online"))
           for side in _SIDES},
    )  # fmt: skip
    lapse = _lapses(question, month, last)
    keys = [*question.keys, "person_id"]
    told = lapse.rename({f"whose_{key}": key for key in keys})
    known = person.left_join(told, [person[key].identical_to(told[f"whose_{key}"]) for key in keys])
    since, until = ibis.literal(question.since), ibis.literal(question.until)
    known = known.filter(known.began_on >= since, known.began_on < until, known.began < last)
    at_store, at_online = known.store_on, known.online_on
    began_at = ibis.cases(
        (at_online.isnull(), "store"),
        (at_store.isnull(), "online"),
        (at_store < at_online, "store"),
        (at_online < at_store, "online"),
        else_="both",
    )
    other = ibis.ifelse(began_at == "store", known.online_nth, known.store_nth)
    cross = ibis.ifelse(other < last, other, ibis.null("int64"))
    known = known.mutate(side=began_at, cross=cross)
    crossed = known.cross.notnull() & (known.lapse.isnull() | (known.cross < known.lapse))
    cause = ibis.cases((crossed, CROSSED), (known.lapse.notnull(), LAPSED), else_=OPEN)
    end = ibis.cases((crossed, known.cross), (known.lapse.notnull(), known.lapse), else_=last - 1)
    ended = known.mutate(
        year=known.began_on.year().cast("string"), age=end - known.began, cause=cause
    )
    by = [*question.keys, "year", "side", "age", "cause"]
    return ended.group_by(*by).agg(persons=ended.count())


def _months(question: Question) -> ibis.Table:
    """Return one row for each known person, month and side with an order."""
    own = [one for one in dimensions_asked(question) if one.of != "person"]
    if not own and question.view == "demand":
        return _of_panel(question)
    sold = purchases(question)
    known = sold.filter(sold.person_id.notnull() & (sold.orders > 0))
    month = known.group_by(*question.keys, "person_id", "month", "online").agg(
        first_on=known.sold_on.min()
    )
    return month.mutate(nth=_nth(month.month))


def _of_panel(question: Question) -> ibis.Table:
    """Read the panel by month, once for each side."""
    panel = question.tables["person_month"]
    sides = []
    for side in _SIDES:
        day = panel[f"first_{side}_on"]
        own = panel.filter(day.notnull())
        sides.append(own.select("person_id", "month", online=ibis.literal(side == "online"),
                                first_on=own[f"first_{side}_on"]))  # fmt: skip
    month = ibis.union(*sides)
    month = month.mutate(nth=_nth(month.month))
    return described(question, month, of="person", table=question.tables["person"])


def _nth(month: StringValue) -> IntegerValue:
    """Number months one after the other."""
    return month.substr(0, 4).cast("int64") * 12 + month.substr(5, 2).cast("int64")


def _number_of(question: Question) -> int:
    """Return the number of the first month that is not watched to its end."""
    return question.until.year * 12 + question.until.month


def _lapses(question: Question, month: ibis.Table, last: int) -> ibis.Table:
    """Return in which month each person had been silent for long enough, the first time."""
    silent = int(question.params[_SILENT])
    keys = [*question.keys, "person_id"]
    each = month.select(*keys, "nth").distinct()
    after = each.nth.lead(1, default=last).over(group_by=keys, order_by=each.nth)
    gap = each.mutate(after=after, lapse=each.nth + silent)
    found = gap.filter(gap.after > gap.lapse, gap.lapse < last)
    return found.group_by(*keys).agg(lapse=found.lapse.min())


def _rows(question: Question, results: Results) -> Found:
    rows: list[dict[str, Value]] = []
    found = results["rows"].to_pylist()
    for key, part in grouped(found, question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        years = sorted({str(row["year"]) for row in part})
        for cohort in ("all", *(years if len(years) > 1 else ())):
            for side in _SIDES:
                own = [
                    row for row in part
                    if row["side"] == side and cohort in {"all", row["year"]}
                ]  # fmt: skip
                rows += [{**split, "began": cohort, "from": side, **row} for row in _table(own)]
    return Found(rows, _told(question, found))


def _table(own: Sequence[Row]) -> Iterator[dict[str, Value]]:
    """Yield the months that a life table has."""
    if not own:
        return
    columns = ([int(row[name]) for row in own] for name in ("age", "cause", "persons"))
    table = life_table(*columns, several=(CROSSED, LAPSED))
    for month in range(len(table.at_risk)):
        yield _month(table, month)


def _month(table: LifeTable, month: int) -> dict[str, Value]:
    waiting, crossed = int(table.at_risk[month]), int(table.ended[CROSSED][month])
    sure, shown = wilson(crossed, waiting), table.between(CROSSED, month)
    return {
        "age": month,
        "persons": waiting,
        "crossed": crossed,
        "lapsed": int(table.ended[LAPSED][month]),
        "hazard": share(crossed, waiting),
        "hazard_low": sure.low,
        "hazard_high": sure.high,
        "crossed_share": float(table.share[CROSSED][month]),
        "crossed_low": shown.low,
        "crossed_high": shown.high,
        "lapsed_share": float(table.share[LAPSED][month]),
    }


def _told(question: Question, found: Sequence[Row]) -> tuple[str, ...]:
    notes = []
    both = sum(int(row["persons"]) for row in found if row["side"] == "both")
    if both and not question.keys:
        notes.append(f"{both:,} buyers bought on both sides on their first day and are left out.")
    silent = int(question.params[_SILENT])
    if months_before(question.until, silent + 1) < question.since:
        notes.append(
            f"The window is shorter than the {silent} months of silence after which a buyer "
            "counts as lapsed: nobody can be seen to lapse in it."
        )
    if question.since <= question.first_sale:
        notes.append(f"Sales are known from {question.first_sale} on: earlier buyers seem new.")
    return tuple(notes)


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


FIRST_CROSSING = Measure(
    label="Until the other channel",
    unit="1",
    denominator="known buyers whose first purchase lies in the window; of a hazard, those still "
    "waiting when the month began",
    source="competing risks: Aalen and Johansen (1978), Scand. J. Statist. 5: 141-150; intervals: "
    "Marubini and Valsecchi (1995), section 10.3, and Wilson (1927)",
    columns=(
        AnswerColumn("began", "First bought in"),
        AnswerColumn("from", "First bought"),
        AnswerColumn("age", "Months since", "month", "count"),
        AnswerColumn("persons", "Still waiting", "person", "count"),
        AnswerColumn("crossed", "Crossed", "person", "count"),
        AnswerColumn("lapsed", "Lapsed", "person", "count"),
        _share("hazard", "Crossed, of those waiting"),
        _share("hazard_low", "Of those waiting, low"),
        _share("hazard_high", "Of those waiting, high"),
        _share("crossed_share", "Crossed until then"),
        _share("crossed_low", "Until then, low"),
        _share("crossed_high", "Until then, high"),
        _share("lapsed_share", "Lapsed before"),
    ),
    define=first_crossing,
    finish=_rows,
    params=(_SILENT,),
    without=("month", "quarter", "year", "side", "channel", "handover"),
    notes=("Who crosses is not drawn at random: the other channel need not have done anything.",),
)
