"""What several questions gather alike: found in their queries before any of them is asked."""

from collections.abc import Collection, Mapping, Sequence

from ibis.expr.operations import Aggregate, Relation, UnboundTable

from tuttuno.measures.plan import Plan


def alike(plans: Sequence[Plan]) -> Mapping[Relation, frozenset[int]]:
    """Return what more than one plan groups in the same way, and the numbers of those plans.

    A grouping within another is left out where exactly the same plans need both.
    """
    needed: dict[Relation, set[int]] = {}
    for number, each in enumerate(plans):
        for grouping in _groupings(each):
            needed.setdefault(grouping, set()).add(number)
    shared = {one: frozenset(of) for one, of in needed.items() if len(of) > 1}
    inner = {
        within
        for one, of in shared.items()
        for within in one.find(Aggregate)
        if within != one and shared.get(within) == of
    }
    return {one: of for one, of in shared.items() if one not in inner}


def companies(size: int, shared: Collection[frozenset[int]]) -> list[tuple[int, ...]]:
    """Divide numbers up so that whoever shares anything is in one company; the largest first.

    >>> companies(4, [frozenset({0, 2})])
    [(0, 2), (1,), (3,)]
    """
    found = [{number} for number in range(size)]
    for members in shared:
        met = [each for each in found if each & members]
        found = [each for each in found if not each & members] + [set().union(*met)]
    return sorted((tuple(sorted(each)) for each in found), key=lambda each: (-len(each), each))


def _groupings(planned: Plan) -> set[Relation]:
    """Groupings of tables that last; what a question keeps for itself has names that recur."""
    own = set(planned.asked.kept)
    queries = (*planned.asked.kept.values(), *planned.asked.asked.values())
    return {
        one
        for query in queries
        for one in query.op().find(Aggregate)
        if one.groups and own.isdisjoint(table.name for table in one.find(UnboundTable))
    }
