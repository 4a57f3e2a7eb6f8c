"""Where a mark or a row leads: down to its people, or to the same question narrowed to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tuttuno.web.filters import Filters, period

#: The word of a row that is about everything.
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out of one answer.

    Attributes:
        name: Of the measure.
        filters: What was asked.
        dimensions: Names by which sales can be filtered.
        parts: Columns whose words choose people; None where nobody can be listed, or may be.
    """

    name: str
    filters: Filters
    dimensions: Collection[str]
    parts: Mapping[str, Sequence[str]] | None = None

    def of(self, words: Mapping[str, object]) -> str:
        """Return the address behind some words of a row; empty where there is none."""
        told = {name: word for name, word in words.items() if word != _ALL}
        narrowed = self._narrowed(told)
        part = {name: str(word) for name, word in told.items() if name in (self.parts or {})}
        unsaid = set(told) - set(part) - set(self.dimensions) - {*self.filters.asked.by}
        if self.parts is not None and not unsaid and (part or not self.parts):
            return self._people(narrowed, part)
        return narrowed.query() if narrowed != self.filters else ""

    def _people(self, filters: Filters, part: Mapping[str, str]) -> str:
        query = filters.query(by=(), sort="").removeprefix("?")
        both = "&".join(text for text in (query, urlencode(part)) if text)
        return f"/measures/{self.name}/people" + (f"?{both}" if both else "")

    def _narrowed(self, words: Mapping[str, object]) -> Filters:
        filters = self.filters
        for name, word in words.items():
            days = period(name, word)
            if days is not None:
                filters = filters.within(name, *days)
            elif name in self.dimensions:
                filters = filters.narrow(name, "" if word is None else str(word))
        return filters
