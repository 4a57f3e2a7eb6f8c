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
                    **_assortment(sold),
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
    sold = results["product_sold"].to_pylist()
    fair = sum(1 for row in sold if row["fair"] > 0)
    if fair == len(sold):
        return ()
    return (
        (
            f"{len(sold) - fair} of {len(sold)} products were not listed on both sides in the "
            "window and are left out of the comparison with chance."
        ),
    )


def _assortment(sold: Sequence[Row]) -> dict[str, Value]:
    online = np.array([row["online"] for row in sold]) > 0
    store = np.array([row["store"] for row in sold]) > 0
    fair = np.array([row["fair"] for row in sold]) > 0
    both = online & store
    return {
        "in_both": int(both.sum()),
        "online_only": int((online & ~store).sum()),
        "store_only": int((store & ~online).sum()),
        "jaccard": share(float(both.sum()), float((online | store).sum())),
        "jaccard_listed": share(float((both & fair).sum()), float(((online | store) & fair).sum())),
        "overlap": share(float(both.sum()), float(min(online.sum(), store.sum()))),
        "jaccard_weighted": _weighted(sold),
    }


def _weighted(sold: Sequence[Row]) -> float | None:
    """Compare shares of revenue; what costs more in returns than it earned counts as nothing."""
    online = np.array([float(row["net_online"]) for row in sold]).clip(min=0)
    store = np.array([float(row["net_store"]) for row in sold]).clip(min=0)
    if not online.sum() or not store.sum():
        return None
    p, q = online / online.sum(), store / store.sum()
    return share(float(np.minimum(p, q).sum()), float(np.maximum(p, q).sum()))


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
