"""Which words a filter may name: those of the closed lists, and those that the release knows."""

from collections.abc import Mapping

import ibis

from tuttuno.errors import Unknown
from tuttuno.measures.dimensions import Dimension, Filter
from tuttuno.measures.measure import Question
from tuttuno.measures.together import Together

#: Words that an error names; the nearest one is found among all.
MOST_NAMED = 24

#: Dimensions whose words are stores, also those in which nothing was sold yet.
_STORES = frozenset({"store", "home_store"})


class NoSuchWord(Unknown):
    """A filter names a word that its dimension does not have: a slip, and no answer of zero."""

    def __init__(self, dimension: Dimension, word: str, known: list[str]) -> None:
        self.dimension = dimension.name
        shown = ", ".join(known[:MOST_NAMED])
        more = len(known) - MOST_NAMED
        see = f"known: {shown} and {more:,} more" if more > 0 else f"known: {shown}"
        super().__init__(dimension.label.lower(), word, known, see=see if known else "")


def check_words(question: Question, asking: Together) -> None:
    """Refuse a filter on a word that nothing has.

    Raises:
        NoSuchWord: With the nearest word there is, or those there are.
    """
    for one in question.where:
        missing = _missing(one, question.tables, asking)
        if missing is not None:
            known = one.dimension.words or _all(one.dimension, question.tables, asking)
            raise NoSuchWord(one.dimension, missing, list(known))


def _missing(asked: Filter, tables: Mapping[str, ibis.Table], asking: Together) -> str | None:
    """Return the first word that nothing has; the empty text asks for the unknown."""
    dimension = asked.dimension
    words = [one for one in asked.values if one and one not in dimension.words]
    if not words or dimension.words:
        return next(iter(words), None)
    told = _told(dimension, tables)
    passed = Filter(dimension, tuple(words)).keeps(told.word)
    found = asking.once(told.filter(passed).distinct()).column("word").to_pylist()
    end = " > " if dimension.branch else None
    return next((one for one in words if not any(_within(one, each, end) for each in found)), None)


def _within(word: str, found: str, end: str | None) -> bool:
    return found == word or (end is not None and found.startswith(f"{word}{end}"))


def _all(
    dimension: Dimension, tables: Mapping[str, ibis.Table], asking: Together
) -> tuple[str, ...]:
    told = _told(dimension, tables)
    words = told.filter(told.word.notnull()).distinct().order_by("word")
    return tuple(asking.once(words).column("word").to_pylist())


def _told(dimension: Dimension, tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Return every word of a dimension, in one column, as often as it is there."""
    if dimension.name in _STORES:
        return tables["store"].select(word=tables["store"].store_id)
    table = tables[dimension.of]
    return table.select(word=dimension.value(table))
