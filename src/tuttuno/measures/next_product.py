"""What the buyers will buy next: the same again, something new, or on the other side."""

from collections.abc import Iterator, Mapping
from datetime import date

import ibis
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tuttuno.engine.semantics import days_between, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.articles import articles
from tuttuno.measures.buying.fitting import NotIdentified
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results, Steps
from tuttuno.measures.spans import months_before
from tuttuno.measures.suggesting.again import intervals
from tuttuno.measures.suggesting.bought import Bought, parts
from tuttuno.measures.suggesting.lists import Tried
from tuttuno.measures.suggesting.neighbours import Near, Taste, nearest
from tuttuno.measures.suggesting.trial import tried_again, tried_new

#: What a list holds: things bought before, things that are new, and new ones on a side for
#: those who bought on the other.
LISTS = ("repeat", "novel", "to_online", "to_store")

#: Neighbours of a thing that count, and rows of each list in the answer.
_NEIGHBOURS, _MOST = 50, 50

#: Persons added to the root of the persons with each thing, so that small counts do not lead.
TASTE_SHRUNK = 10.0

#: Said where no product is bought by enough.
_NONE = "No product was bought by enough known buyers to say what goes with it."

_LEAST, _PLACES, _MONTHS = (
    "next_product.persons",
    "next_product.places",
    "next_product.tried_months",
)


def next_product(question: Question) -> Steps:
    """What known buyers of the window will probably buy next, and how well that is foreseen.

    `repeat` is what she had before: `days` is the mean time between two purchases of a thing
    by one person, as far as the window shows both, `share` how many of its buyers bought it
    again. `novel` is what others bought who bought the same: `score` is the cosine of the two
    things' buyers, shrunk, `persons` have both, and `share` divides them by those with
    `given`. `to_online` is the same for what was bought in stores and what goes with it
    online, whichever came first, `to_store` the other way round. Things of fewer buyers than
    the parameter are left out, and who bought more than five hundred different things.

    The row `all` of a list tries it: made from what was sold before the last months only,
    `hit_rate` is the share of people who then bought something from their list, among the
    `tried` who bought anything that could have been on it, with its 95 % interval;
    `popular_rate` is the same of the best-selling things (for `repeat`: the best-selling of
    those she had; tried on people who had more than a list holds). At most five thousand
    are tried. Null where there is nothing to try.
    """
    cut = cut_before(question)
    bought = articles(question)
    bought = bought.filter(bought.person_id.notnull(), bought.lines > 0)
    before = bought.first_on < cut
    rows = bought.group_by(*question.keys, "person_id", "product_id", "online").agg(
        times=bought.lines.sum(),
        first=bought.first_on.min(),
        last=bought.last_on.max(),
        past_times=total(bought.lines, where=before),
        past_last=bought.last_on.max(where=before),
    )
    own_name, own = question.shared("own", rows)
    buyers = own.group_by("product_id").agg(persons=own.person_id.nunique())
    buyers = buyers.filter(buyers.persons >= int(question.params[_LEAST]))
    place = ibis.row_number().over(order_by=buyers.product_id)
    often_rows = buyers.select("product_id", place=place.cast("int32"))
    often_name, often = question.shared("often", often_rows)
    return Steps(
        kept={own_name: rows, often_name: often_rows},
        asked={"names": _names(question, often), "rows": _compact(question, own, often)},
    )


def cut_before(question: Question) -> date:
    """Return the first day of the months on which lists are tried.

    A month's first day, because purchases of products are kept by month.
    """
    return months_before(question.until.replace(day=1), int(question.params[_MONTHS]))


def _names(question: Question, often: ibis.Table) -> ibis.Table:
    product = question.tables["product"].select(key="product_id", name="name")
    told = often.left_join(product, often.product_id == product.key)
    return told.select("place", "product_id", "name")


def _compact(question: Question, own: ibis.Table, often: ibis.Table) -> ibis.Table:
    """Return numbers in place of keys and days: there are millions of rows."""
    known = own.inner_join(often, "product_id")
    since = ibis.literal(question.since)
    days = {
        name: days_between(since, known[name]).fill_null(-1).cast("int32")
        for name in ("first", "last", "past_last")
    }
    times = {name: known[name].cast("int32") for name in ("times", "past_times")}
    return known.select(*question.keys, "person_id", "place", "online", **times, **days)


def _rows(question: Question, results: Results) -> Found:
    names = results["names"].sort_by("place").to_pylist()
    rows: list[dict[str, Value]] = []
    for key, bought in parts(question.keys, results["rows"], things=len(names)):
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        rows += [{**split, **row} for row in _lists(question, bought, names)]
    return Found(rows, () if rows else (_NONE,))


def _lists(
    question: Question, bought: Bought, names: list[Mapping[str, Value]]
) -> Iterator[dict[str, Value]]:
    taste = Taste(
        shrunk=TASTE_SHRUNK,
        least=max(2, int(question.params[_LEAST]) // 4),
        most=_NEIGHBOURS,
    )
    trials = _trials(question, bought, taste)
    yield {**_whole("repeat", trials["repeat"])}
    yield from _repeated(bought, names)
    had = {name: bought.where(side) for name, side in _sides(bought).items()}
    for name, (given, also) in _PAIRS.items():
        yield {**_whole(name, trials[name])}
        near = nearest(had[given], had[also], taste)
        yield from _nearest(name, near, had[given], names, once=given == also)


#: Where what is had is looked at, and where what goes with it.
_PAIRS = {
    "novel": ("any", "any"),
    "to_online": ("store", "online"),
    "to_store": ("online", "store"),
}


def _sides(bought: Bought) -> dict[str, NDArray[np.bool_]]:
    return {
        "any": np.ones(len(bought.person), np.bool_),
        "online": bought.online,
        "store": ~bought.online,
    }


def _trials(question: Question, bought: Bought, taste: Taste) -> dict[str, Tried | None]:
    cut = (cut_before(question) - question.since).days
    if cut <= 0:
        return dict.fromkeys(LISTS)
    places = int(question.params[_PLACES])
    past, after = bought.past_times > 0, bought.times > bought.past_times
    owned = bought.where(past)
    found: dict[str, Tried | None] = {}
    try:
        again = bought.where(after).multiply(owned).tocsr()
        ahead = (question.until - question.since).days - cut
        found["repeat"] = tried_again(
            bought.had(past=True), again, cut=cut, ahead=ahead, places=places
        )
    except NotIdentified:
        found["repeat"] = None
    sides = _sides(bought)
    for name, (given, also) in _PAIRS.items():
        later = bought.where(after & sides[also])
        fresh = (later - later.multiply(owned)).tocsr()
        fresh.eliminate_zeros()
        had, there = bought.where(past & sides[given]), bought.where(past & sides[also])
        found[name] = tried_new(had, there, fresh, owned, taste, places=places)
    return found


def _whole(name: str, tried: Tried | None) -> dict[str, Value]:
    row: dict[str, Value] = {"list": name, "given": "all", "next": "all", **_NO_ROW, **_NO_TRIAL}
    if tried is None or not tried.persons:
        return row
    sure = wilson(tried.hits, tried.persons)
    return row | {
        "tried": tried.persons,
        "hit_rate": share(tried.hits, tried.persons),
        "low": sure.low,
        "high": sure.high,
        "popular_rate": share(tried.popular_hits, tried.persons),
    }


_NO_ROW: Mapping[str, Value] = dict.fromkeys(
    ("given_name", "next_name", "persons", "share", "score", "days")
)
_NO_TRIAL: Mapping[str, Value] = dict.fromkeys(("tried", "hit_rate", "low", "high", "popular_rate"))


def _repeated(bought: Bought, names: list[Mapping[str, Value]]) -> Iterator[dict[str, Value]]:
    """Yield the things that most people bought again."""
    had, things = bought.had(past=False), bought.shape[1]
    every = intervals(had, things=things)
    again = np.bincount(had.thing[had.repeats > 0], minlength=things)
    buyers = np.bincount(had.thing, minlength=things)
    for thing in np.lexsort((np.arange(things), -again))[:_MOST]:
        if again[thing]:
            yield {
                "list": "repeat",
                **_named(names, thing, thing),
                "persons": int(again[thing]),
                "share": share(int(again[thing]), int(buyers[thing])),
                "score": None,
                "days": float(every[thing]),
                **_NO_TRIAL,
            }


def _nearest(
    name: str, near: Near, had: sparse.csr_array, names: list[Mapping[str, Value]], *, once: bool
) -> Iterator[dict[str, Value]]:
    """Yield the nearest pairs; where either way is the same pair, the surer way alone."""
    scores, both = near.scores.tocoo(), near.persons.tocoo()
    buyers = np.asarray(had.sum(axis=0), np.int64)
    given, also, score, persons = scores.row, scores.col, scores.data, both.data
    if once:
        surer = (buyers[given] < buyers[also]) | ((buyers[given] == buyers[also]) & (given < also))
        given, also, score, persons = (each[surer] for each in (given, also, score, persons))
    for nth in np.lexsort((also, given, -np.round(score, 12)))[:_MOST]:
        yield {
            "list": name,
            **_named(names, given[nth], also[nth]),
            "persons": int(persons[nth]),
            "share": share(int(persons[nth]), int(buyers[given[nth]])),
            "score": float(score[nth]),
            "days": None,
            **_NO_TRIAL,
        }


def _named(names: list[Mapping[str, Value]], given: int, also: int) -> dict[str, Value]:
    one, other = names[int(given)], names[int(also)]
    return {
        "given": one["product_id"],
        "given_name": one["name"],
        "next": other["product_id"],
        "next_name": other["name"],
    }


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


NEXT_PRODUCT = Measure(
    label="Next product",
    unit="1",
    denominator="known buyers in the window with the first thing; of a trial, those who then "
    "bought anything that could have been on their list",
    source="nearness: Sarwar, Karypis, Konstan and Riedl (2001); buying again: Bhagat, "
    "Muralidharan, Lobzhanidze and Vishwanath (2018), Buy it again, KDD 24, with MBG/NBD",
    columns=(
        AnswerColumn("list", "List"),
        AnswerColumn("given", "Who has"),
        AnswerColumn("given_name", "Name of it"),
        AnswerColumn("next", "next buys"),
        AnswerColumn("next_name", "Name of that"),
        AnswerColumn("persons", "Buyers of both", "person", "count"),
        _share("share", "Share of those with the first"),
        AnswerColumn("score", "Nearness", "1", "number"),
        AnswerColumn("days", "Time until bought again", "day", "number"),
        AnswerColumn("tried", "Buyers tried", "person", "count"),
        _share("hit_rate", "Bought from the list"),
        _share("low", "Bought from it, low"),
        _share("high", "Bought from it, high"),
        _share("popular_rate", "Bought of the best-sellers"),
    ),
    define=next_product,
    finish=_rows,
    params=(_LEAST, _PLACES, _MONTHS),
    without=("side", "channel", "handover", "month", "quarter", "year", "product"),
    notes=(
        "Foreseen, not caused: who buys something from a list might have bought it without one.",
    ),
)
