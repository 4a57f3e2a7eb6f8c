"""What is bought together more often than chance would have it."""

from collections.abc import Mapping, Sequence

import ibis
import numpy as np

from tuttuno.engine.semantics import all_bits
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.articles import bought_lines
from tuttuno.measures.measure import Found, Measure, Question, Results, Steps
from tuttuno.measures.rows import Row, grouped
from tuttuno.measures.rules import LARGEST, Rule, by_chance, false_share, frequent, rules

#: Categories whose baskets are looked at: one bit each in a number of 63.
_CATEGORIES = 60

#: Things of a set of categories, both sides of the rule together.
_LARGEST = min(3, LARGEST)

#: Rules listed for each level and value of the split, those furthest from chance first.
_MOST = 50

#: Said where no rule is listed.
_NONE = "Nothing is bought together so much more often than by chance that it could be told apart."

#: Baskets added to the expected ones before dividing, so that small counts do not lead.
_SHRUNK = 5.0


def basket_affinity(question: Question) -> Steps:
    """Which things are bought together more often than chance puts them into one basket.

    A basket is a receipt or order with something bought; anonymous ones count, because nobody
    needs a name for it. `support` is the share of baskets that hold both sides, `confidence`
    the share of those with `given` that also hold `also`, `lift` that share divided by the
    share of all baskets that hold `also`: 1 is chance. `lift_careful` adds five baskets to the
    expected number first, and orders the list. `q` is the share of false finds among the rules
    at least as sure (Fisher's exact test, one-sided, and Benjamini-Hochberg over every pair
    that could have been found); only rules with `q` and confidence within the parameters and a
    lift above 1 are listed, fifty a level. At the level of `category` the sixty most bought
    are looked at, up to two of them given together; at the level of `product` pairs. A product
    whose category is null is looked at on the level of `product` alone.
    """
    things = bought_lines(question).select(
        *question.keys, "source", "sale_id", "product_id"
    ).distinct()  # fmt: skip
    basket_name, basket = question.shared("basket", things)
    product = question.tables["product"]
    known = basket.inner_join(
        product.filter(product.category.notnull()).select("product_id", "category"), "product_id"
    )
    sold = known.group_by("category").agg(lines=known.count())
    place = ibis.row_number().over(order_by=[ibis.desc("lines"), "category"])
    ranked = sold.mutate(place=place)
    ranked = ranked.filter(ranked.place < _CATEGORIES).select("category", "place")
    names_name, names = question.shared("category", ranked)
    least = int(question.params["basket_affinity.baskets"])
    count = basket.group_by(*question.keys, "product_id").agg(baskets=basket.count())
    often = count.filter(count.baskets >= least)
    often_name, items = question.shared("often", often)
    return Steps(
        kept={basket_name: things, names_name: ranked, often_name: often},
        asked={
            "baskets": _baskets(question, basket),
            "names": names,
            "masks": _masks(question, known, names),
            "items": _named(question, items),
            "pairs": _pairs(question, basket, items, least),
        },
    )


def _named(question: Question, items: ibis.Table) -> ibis.Table:
    product = question.tables["product"].select(key="product_id", name="name")
    return items.left_join(product, items.product_id == product.key).drop("key")


def _baskets(question: Question, basket: ibis.Table) -> ibis.Table:
    one = basket.select(*question.keys, "source", "sale_id").distinct()
    return _counted(question, one)


def _counted(question: Question, one: ibis.Table) -> ibis.Table:
    if not question.keys:
        return one.agg(baskets=one.count())
    return one.group_by(*question.keys).agg(baskets=one.count())


def _masks(question: Question, known: ibis.Table, names: ibis.Table) -> ibis.Table:
    """Count baskets by the categories in them, one bit each."""
    told = known.inner_join(names, "category")
    bits = ibis.cases(*((told.place == n, 2**n) for n in range(_CATEGORIES)), else_=0)
    mask = told.mutate(bit=bits).group_by(*question.keys, "source", "sale_id")
    held = mask.agg(mask=all_bits(ibis._.bit))
    return held.group_by(*question.keys, "mask").agg(baskets=held.count())


def _pairs(question: Question, basket: ibis.Table, items: ibis.Table, least: int) -> ibis.Table:
    """Count baskets with two products that are bought often, the smaller key first."""
    same = [*question.keys, "source", "sale_id"]
    often = _of_often(question, basket, items)
    other = often.rename({f"other_{name}": name for name in (*same, "product_id")})
    pair = often.inner_join(
        other,
        [
            *(often[name].identical_to(other[f"other_{name}"]) for name in question.keys),
            often.source == other.other_source,
            often.sale_id == other.other_sale_id,
            often.product_id < other.other_product_id,
        ],
    )
    counted = pair.group_by(*question.keys, "product_id", "other_product_id").agg(
        baskets=pair.count()
    )
    return counted.filter(counted.baskets >= least)


def _of_often(question: Question, basket: ibis.Table, items: ibis.Table) -> ibis.Table:
    named = {f"own_{name}": name for name in (*question.keys, "product_id", "baskets")}
    own = items.rename(named)
    same = [basket[name].identical_to(own[f"own_{name}"]) for name in question.keys]
    return basket.semi_join(own, [basket.product_id == own.own_product_id, *same])


def _rows(question: Question, results: Results) -> Found:
    parts = {name: grouped(found.to_pylist(), question.keys) for name, found in results.items()
             if name != "names"}  # fmt: skip
    names = {row["place"]: row["category"] for row in results["names"].to_pylist()}
    found: list[dict[str, Value]] = []
    for at in sorted(parts["baskets"], key=lambda at: [(v is None, str(v)) for v in at]):
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        (whole,) = parts["baskets"][at]
        among = int(whole["baskets"])
        for level, rows in (
            ("category", _of_categories(question, parts["masks"].get(at, []), names, among)),
            ("product", _of_products(question, parts["items"].get(at, []),
                                     parts["pairs"].get(at, []), among)),
        ):  # fmt: skip
            found += [{**split, "level": level, **row} for row in rows]
    return Found(found, () if found else (_NONE,))


def _of_categories(
    question: Question, masks: Sequence[Row], names: Mapping[int, str], among: int
) -> list[dict[str, Value]]:
    if not masks:
        return []
    bits = np.array([int(row["mask"]) for row in masks], np.int64)
    holds = (bits[:, None] >> np.arange(max(names) + 1)) & 1 > 0
    least = int(question.params["basket_affinity.baskets"])
    sets = frequent(holds, [row["baskets"] for row in masks], least=least, largest=_LARGEST)
    found = rules(sets, confidence=question.params["basket_affinity.confidence"])
    # Every thing beside every set that could be given was looked at, whatever came of it.
    singles = sum(len(things) == 1 for things in sets)
    tests = sum(singles - len(things) for things in sets if len(things) < _LARGEST)
    words = [(path, path.split(" > ")[-1]) for path in (names[n] for n in range(len(names)))]
    return _listed(question, found, tests, among, words)


def _of_products(
    question: Question, items: Sequence[Row], pairs: Sequence[Row], among: int
) -> list[dict[str, Value]]:
    keys = sorted(str(row["product_id"]) for row in items)
    at = {key: nth for nth, key in enumerate(keys)}
    sets: dict[tuple[int, ...], int] = {
        (at[str(row["product_id"])],): int(row["baskets"]) for row in items
    }
    for row in pairs:
        one, other = at[str(row["product_id"])], at[str(row["other_product_id"])]
        sets[tuple(sorted((one, other)))] = int(row["baskets"])
    found = rules(sets, confidence=question.params["basket_affinity.confidence"])
    names = {str(row["product_id"]): row["name"] for row in items}
    words = [(key, names[key] or key) for key in keys]
    return _listed(question, found, len(keys) * (len(keys) - 1), among, words)


def _listed(
    question: Question,
    found: Sequence[Rule],
    tests: int,
    among: int,
    things: Sequence[tuple[str, str]],
) -> list[dict[str, Value]]:
    """Return the rules that are more than chance, furthest from it first.

    Args:
        question: Its parameters say what is listed.
        found: What was looked at.
        tests: How many could have been found.
        among: Baskets.
        things: Key and name of each thing.
    """
    if not found:
        return []
    both, given, also = (
        np.array([getattr(one, what) for one in found], np.float64)
        for what in ("baskets", "given_in", "also_in")
    )
    expected = given * also / among
    lift, careful = both / expected, (both + _SHRUNK) / (expected + _SHRUNK)
    q = false_share(by_chance(both, given, also, among=among), tests=tests)
    listed = (q <= question.params["basket_affinity.false_share"]) & (lift > 1)
    sure: list[int] = np.flatnonzero(listed).tolist()
    words = [(" + ".join(things[n][0] for n in one.given), things[one.also][0]) for one in found]
    names = [(" + ".join(things[n][1] for n in one.given), things[one.also][1]) for one in found]
    best = sorted(sure, key=lambda nth: (-careful[nth], words[nth]))[:_MOST]
    return [
        {
            "given": words[nth][0],
            "given_name": names[nth][0],
            "also": words[nth][1],
            "also_name": names[nth][1],
            "baskets": found[nth].baskets,
            "support": both[nth] / among,
            "confidence": both[nth] / given[nth],
            "lift": lift[nth],
            "lift_careful": careful[nth],
            "q": q[nth],
        }
        for nth in best
    ]


BASKET_AFFINITY = Measure(
    label="Bought together",
    unit="1",
    denominator="receipts and orders with something bought, anonymous ones included",
    source="Agrawal, Imielinski and Swami (1993) for support and confidence, Bayardo and Agrawal "
    "(1999) for lift; Fisher's exact test with Benjamini and Hochberg (1995)",
    columns=(
        AnswerColumn("level", "Level"),
        AnswerColumn("given", "Who buys"),
        AnswerColumn("given_name", "Name of it"),
        AnswerColumn("also", "also buys"),
        AnswerColumn("also_name", "Name of that"),
        AnswerColumn("baskets", "Baskets with both", "basket", "count"),
        AnswerColumn("support", "Share of all baskets", "1", "share"),
        AnswerColumn("confidence", "Share of those with the first", "1", "share"),
        AnswerColumn("lift", "Times chance", "1", "number"),
        AnswerColumn("lift_careful", "Times chance, careful", "1", "number"),
        AnswerColumn("q", "Share of false finds", "1", "share"),
    ),
    define=basket_affinity,
    finish=_rows,
    params=(
        "basket_affinity.baskets", "basket_affinity.confidence", "basket_affinity.false_share"
    ),
    without=("product",),
    notes=("What is bought together need not be bought because of each other.",),
)  # fmt: skip
