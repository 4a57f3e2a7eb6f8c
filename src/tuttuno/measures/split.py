"""How the split and the filters of a question are laid over rows of sales."""

import ibis

from tuttuno.measures.dimensions import Dimension, Of
from tuttuno.measures.measure import Question

#: By which column rows of sales know the thing that has the property.
_KEYS = {"person": "person_id", "store": "store_id", "product": "product_id"}


def dimensions_asked(question: Question) -> list[Dimension]:
    """Return the dimensions of split and filters."""
    return [*question.by, *(one.dimension for one in question.where)]


def uses(question: Question, of: Of) -> bool:
    """Return whether split or filters ask for a property of this kind of thing."""
    return any(one.of == of for one in dimensions_asked(question))


def described(question: Question, sold: ibis.Table, *, of: Of, table: ibis.Table) -> ibis.Table:
    """Attach the dimensions of one kind and keep the rows that pass their filters.

    Args:
        question: Whose split and filters.
        sold: The rows, with the key of what is described.
        of: The kind.
        table: What has the properties, `sold` itself where it has them.
    """
    wanted = {one.column: one for one in dimensions_asked(question) if one.of == of}
    if not wanted:
        return sold
    key = _KEYS.get(of)
    if key is None or sold is table:
        told = sold.mutate(**{name: one.value(sold) for name, one in wanted.items()})
    else:
        facts = table.select(
            told_key=table[key], **{name: one.value(table) for name, one in wanted.items()}
        )
        told = sold.left_join(facts, sold[key] == facts.told_key).drop("told_key")
    return _filtered(question, told, of=of)


def _filtered(question: Question, told: ibis.Table, *, of: Of) -> ibis.Table:
    kept = [
        one.keeps(told[one.dimension.column]) for one in question.where if one.dimension.of == of
    ]
    told = told.filter(*kept) if kept else told
    return told.drop(*_only_asked(question, of)) if _only_asked(question, of) else told


def _only_asked(question: Question, of: Of) -> list[str]:
    """Columns of dimensions that only filter."""
    return [
        one.dimension.column
        for one in question.where
        if one.dimension.of == of and one.dimension not in question.by
    ]


def with_own(rows: ibis.Table, own: ibis.Table, *, keys: tuple[str, ...]) -> ibis.Table:
    """Give each row what is known of its person within the same value of the split.

    A split may be unknown (null), and unknown here is the same as unknown there.
    """
    named = {f"own_{name}": name for name in ("person_id", *keys)}
    known = own.rename(named)
    same = [rows[name].identical_to(known[f"own_{name}"]) for name in keys]
    return rows.inner_join(known, [rows.person_id == known.own_person_id, *same]).drop(*named)
