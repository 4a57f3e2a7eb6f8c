"""From counts of things bought on both sides to overlap and its ratio to chance."""

import math
from collections.abc import Sequence

import numpy as np

from tuttuno.measures.answer import Value
from tuttuno.measures.chance import covariance, in_both
from tuttuno.measures.intervals import Z95, share
from tuttuno.measures.measure import Found, Question, Results
from tuttuno.measures.rows import Row, grouped

#: What is compared, finest first.
LEVELS = ("product", "brand", "category")

_QUERIES = ("sold", "bought", "persons", "single", "pairs")


def rows(question: Question, results: Results) -> Found:
    """Return one row for each level and value of the split."""
    found: list[dict[str, Value]] = []
    for level in LEVELS:
        parts = {
            query: grouped(results[f"{level}_{query}"].to_pylist(), question.keys)
            for query in _QUERIES
        }
        for at, sold in sorted(parts["sold"].items(), key=_known_first):
            split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
            found.append(
                {
                    **split,
                    "level": level,
                    **_assortment(sold[0]),
                    **_customers(parts["persons"].get(at, [])),
                    **_against_chance(
                        sum(row["shared"] or 0 for row in parts["persons"].get(at, [])),
                        parts["single"].get(at, []),
                        parts["pairs"].get(at, []),
                    ),
                    **_sequence(parts["bought"].get(at, [])),
                }
            )
    return Found(found, _notes(results))


def _known_first(item: tuple[tuple[object, ...], object]) -> list[tuple[bool, str]]:
    return [(value is None, str(value)) for value in item[0]]


def _notes(results: Results) -> tuple[str, ...]:
    products = results["product_sold"].to_pylist()
    sold, fair = (sum(row[name] or 0 for row in products) for name in ("things", "fair"))
    if fair == sold:
        return ()
    return (
        (
            f"{sold - fair:,} of {sold:,} products were not listed on both sides in the window "
            "and are left out of the comparison with chance."
        ),
    )


def _assortment(sold: Row) -> dict[str, Value]:
    both, online, store = (sold[name] for name in ("in_both", "online_only", "store_only"))
    earned = sold["earned_online"] and sold["earned_store"]
    return {
        "in_both": both,
        "online_only": online,
        "store_only": store,
        "jaccard": share(both, both + online + store),
        "jaccard_listed": share(sold["fair_both"], sold["fair"]),
        "overlap": share(both, both + min(online, store)),
        "jaccard_weighted": share(sold["alike"], sold["either"]) if earned else None,
    }


def _customers(persons: Sequence[Row]) -> dict[str, Value]:
    count = sum(row["persons"] for row in persons)
    jaccard = sum(row["jaccard"] or 0.0 for row in persons)
    spent = sum(row["spent"] or 0.0 for row in persons)
    weighted = sum(row["jaccard_spent"] or 0.0 for row in persons)
    return {
        "persons": count,
        "jaccard_customer": share(jaccard, count),
        "jaccard_customer_weighted": share(weighted, spent),
    }


def _against_chance(shared: int, single: Sequence[Row], pairs: Sequence[Row]) -> dict[str, Value]:
    expected, variance = chance(single, pairs)
    spread = math.sqrt(max(variance, 0.0))
    half = Z95 * spread
    return {
        "bought_in_both": int(shared),
        "expected": expected,
        "ratio_to_chance": share(shared, expected),
        "low": share(max(shared - half, 0.0), expected),
        "high": share(shared + half, expected),
        "z": share(shared - expected, spread),
    }


def chance(single: Sequence[Row], pairs: Sequence[Row]) -> tuple[float, float]:
    """Return mean and variance of the number of things on both sides, dealt at random.

    Args:
        single: How many `things` with `m` lines there are among buyers with `n` lines, `nw`
            of them online, and how many `ordered_pairs` of two of them in one buyer.
        pairs: How many pairs with `m` and `other_m` lines there are in one buyer.
    """
    n, k, m = _columns(single, "n", "nw", "m")
    things, same = _columns(single, "things", "ordered_pairs")
    p = in_both(n, k, m)
    variance = float((things * p * (1 - p)).sum())
    paired = same > 0
    variance += float((same[paired] * covariance(n[paired], k[paired], m[paired], m[paired])).sum())
    n2, k2, m2, other = _columns(pairs, "n", "nw", "m", "other_m")
    (weight,) = _columns(pairs, "pairs")
    variance += 2 * float((weight * covariance(n2, k2, m2, other)).sum())
    return float((things * p).sum()), variance


def _columns(rows: Sequence[Row], *names: str) -> list[np.ndarray]:
    return [np.array([float(row[name]) for row in rows]) for name in names]


def _sequence(bought: Sequence[Row]) -> dict[str, Value]:
    def added(name: str) -> int:
        return sum(row[name] for row in bought)

    return {
        "after_store": share(added("after_store"), added("things_online")),
        "after_online": share(added("after_online"), added("things_store")),
    }
