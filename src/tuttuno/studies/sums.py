"""What the engine adds up for a study: sizes, sums and products by cohort, nothing by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from tuttuno.effects.cohorts import CohortStatistics
from tuttuno.effects.numbers import Floats
from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import total
from tuttuno.studies.months import Months

#: The cohort of who is never treated, as engines know it.
NEVER = -1

#: What is added up of each person and month, in this order.
VALUES = ("orders_store", "orders_online", "net_store", "net_online")

#: Which values are multiplied with which: orders with orders, money with money.
PAIRS = ((0, 0), (0, 1), (1, 1), (2, 2), (2, 3), (3, 3))


@dataclass(frozen=True, slots=True)
class Summed:
    """Statistics of the cohorts of one part of the population.

    Attributes:
        statistics: Of all four values, one after the other, each with its months.
        months: The months.
    """

    statistics: tuple[CohortStatistics, ...]
    months: Months

    def of(self, **weights: float) -> list[CohortStatistics]:
        """Statistics of a sum of values: `of(orders_store=1, orders_online=1)`."""
        size = self.months.count
        matrix = np.zeros((size, len(VALUES) * size))
        for name, weight in weights.items():
            place = VALUES.index(name) * size
            matrix[:, place : place + size] = weight * np.eye(size)
        return [one.through(matrix) for one in self.statistics]


def queries(
    members: ibis.Table, person_month: ibis.Table, months: Months
) -> Mapping[str, ibis.Table]:
    """Ask for the sums of a study.

    Args:
        members: `person_id`, `cohort` (position of the month of treatment, or `NEVER`) and
            `part` (a text) of who takes part.
        person_month: The table of the mart.
        months: The months that count.
    """
    cells = _cells(members, person_month, months)
    left, right = cells, cells.view()
    pairs = left.join(right, left.person_id == right.person_id)
    keyed = pairs.select(
        part=left.part, cohort=left.cohort, row=left.month, column=right.month,
        **{_product(a, b): left[VALUES[a]] * right[VALUES[b]] for a, b in PAIRS},
    )  # fmt: skip
    return {
        "sizes": members.group_by("part", "cohort").agg(persons=members.count()),
        "sums": cells.group_by("part", "cohort", "month").agg(
            **{name: total(cells[name]) for name in VALUES}
        ),
        "products": keyed.group_by("part", "cohort", "row", "column").agg(
            **{_product(*pair): total(keyed[_product(*pair)]) for pair in PAIRS}
        ),
    }


def _cells(members: ibis.Table, person_month: ibis.Table, months: Months) -> ibis.Table:
    joined = months.within(person_month).inner_join(members, "person_id")
    return joined.select(
        "person_id",
        "part",
        "cohort",
        month=months.position(joined.month),
        **{name: joined[name].cast("float64") for name in VALUES},
    )


def run(asked: Mapping[str, ibis.Table], engine: Engine) -> dict[str, pa.Table]:
    """Let the engine answer."""
    return {name: engine.run(query) for name, query in asked.items()}


def summed(found: Mapping[str, pa.Table], months: Months, part: str | None = None) -> Summed:
    """Arrange what an engine added up.

    Args:
        found: The answers to `queries`.
        months: The months that were asked for.
        part: Only this part of the population; None: all of it.
    """
    sizes = [row for row in found["sizes"].to_pylist() if part in {None, row["part"]}]
    cohorts = sorted({row["cohort"] for row in sizes})
    place = {cohort: number for number, cohort in enumerate(cohorts)}
    persons = np.zeros(len(cohorts), dtype=np.int64)
    for row in sizes:
        persons[place[row["cohort"]]] += row["persons"]
    sums = np.zeros((len(cohorts), len(VALUES), months.count))
    kept = _columns(found["sums"], ("cohort", "month", *VALUES), part)
    at = np.array([place[cohort] for cohort in kept["cohort"]], dtype=np.int64)
    for number, name in enumerate(VALUES):
        np.add.at(sums[:, number], (at, kept["month"].astype(np.int64)), kept[name])
    products = _products(found["products"], place, months.count, part)
    return Summed(
        tuple(
            CohortStatistics.from_sums(
                np.inf if cohort == NEVER else float(cohort),
                int(persons[number]),
                sums[number].ravel(),
                products[number],
            )
            for cohort, number in place.items()
        ),
        months,
    )


def _products(table: pa.Table, place: Mapping[int, int], months: int, part: str | None) -> Floats:
    """Matrices of products; a pair of values is the transpose of the pair turned round."""
    kept = _columns(table, ("cohort", "row", "column", *(_product(*pair) for pair in PAIRS)), part)
    size = len(VALUES) * months
    whole = np.zeros((len(place), size, size))
    at = np.array([place[cohort] for cohort in kept["cohort"]], dtype=np.int64)
    row, column = kept["row"].astype(np.int64), kept["column"].astype(np.int64)
    for a, b in PAIRS:
        value = kept[_product(a, b)]
        np.add.at(whole, (at, a * months + row, b * months + column), value)
        if a != b:
            np.add.at(whole, (at, b * months + column, a * months + row), value)
    return whole


def _columns(table: pa.Table, names: Sequence[str], part: str | None) -> dict[str, Floats]:
    if part is not None:
        table = table.filter(pa.compute.equal(table["part"], part))
    return {name: np.asarray(table[name], dtype=np.float64) for name in names}


def _product(a: int, b: int) -> str:
    return f"{VALUES[a]}_{VALUES[b]}"
