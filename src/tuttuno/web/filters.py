"""What is asked of a measure, as it stands in the address of the page."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from tuttuno.errors import BadInput
from tuttuno.measures.ask import Ask

VIEWS = ("demand", "fulfilment")

#: How a form says "not known", because an empty field says that nothing was chosen.
UNKNOWN = "?"


class NotADay(BadInput):
    """A date in the address cannot be read."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        self.text = text
        super().__init__(f"{field} is not a day: {text!r}", hint="write it like 2026-03-31")


class NotAFilter(BadInput):
    """A filter in the address has no dimension or no value."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"this is not a filter: {text!r}", hint="write it like province:MI")


@dataclass(frozen=True, slots=True)
class Filters:
    """The question and the order of the table, both part of the address.

    Attributes:
        sort: A column, with `-` in front for largest first; empty as the measure has it.
        adding: The dimension for which a value is being chosen; not part of the address.
    """

    asked: Ask
    sort: str = ""
    adding: str = ""

    @classmethod
    def none(cls) -> "Filters":
        """Return what is asked when the address says nothing."""
        return cls(Ask())

    def query(self, **changes: object) -> str:
        """Return the address's query after some changes to what is asked, `?` included."""
        sort = str(changes.pop("sort", self.sort))
        asked = replace(self.asked, **changes)  # type: ignore[arg-type]  # names are ours
        pairs: list[tuple[str, str]] = []
        if asked.all_time:
            pairs.append(("all_time", "1"))
        else:
            spans = (("since", asked.since), ("until", asked.until))
            pairs += [(name, day.isoformat()) for name, day in spans if day]
        pairs += [("by", name) for name in asked.by]
        pairs += [("where", f"{name}:{value}") for name, value in asked.where]
        if asked.view != VIEWS[0]:
            pairs.append(("view", asked.view))
        if sort:
            pairs.append(("sort", sort))
        return f"?{urlencode(pairs)}" if pairs else "?"

    def narrow(self, dimension: str, value: str) -> "Filters":
        """Return this with one more filter and without splitting by it."""
        where = tuple(pair for pair in self.asked.where if pair[0] != dimension)
        by = tuple(name for name in self.asked.by if name != dimension)
        asked = replace(self.asked, where=(*where, (dimension, value)), by=by)
        return replace(self, asked=asked)

    def within(self, dimension: str, since: date, until: date) -> "Filters":
        """Return this within some days, not split by a dimension of time any more."""
        by = tuple(name for name in self.asked.by if name != dimension)
        asked = replace(self.asked, since=since, until=until, all_time=False, by=by)
        return replace(self, asked=asked)

    def narrowed(self, dimension: str, value: str) -> str:
        """Return the query of `narrow`."""
        return self.narrow(dimension, value).query()

    def widened(self, dimension: str, value: str) -> str:
        """Return the query without one filter."""
        return self.query(where=tuple(p for p in self.asked.where if p != (dimension, value)))

    def moved(self, since: date, until: date, direction: int) -> str:
        """Return the query one window earlier (-1) or later (+1), months kept whole.

        A window that starts on the first of a month and ends on one moves by its months.
        """
        first, last = shifted(since, until, direction)
        return self.query(since=first, until=last, all_time=False)

    def sorted_by(self, column: str) -> str:
        """Return the query that sorts by a column: largest first, then smallest first."""
        return self.query(sort=column if self.sort == f"-{column}" else f"-{column}")


def read_filters(query: QueryParams) -> Filters:
    """Read the address; empty fields count as not given, and all time drops the days.

    Raises:
        NotADay: A date is not ISO 8601.
        NotAFilter: A `where` is not `dimension:value`.
    """
    view = query.get("view") or VIEWS[0]
    all_time = query.get("all_time") in {"1", "true", "on"}
    asked = Ask(
        since=None if all_time else _day("since", query.get("since")),
        until=None if all_time else _day("until", query.get("until")),
        all_time=all_time,
        by=tuple(name for name in query.getlist("by") if name),
        where=(*(_pair(text) for text in query.getlist("where") if text), *_added(query)),
        view="fulfilment" if view == VIEWS[1] else "demand",
    )
    adding = "" if query.get("is") else query.get("add", "")
    return Filters(asked, query.get("sort", ""), adding)


def shifted(since: date, until: date, direction: int) -> tuple[date, date]:
    """Move a window by its own length.

    >>> shifted(date(2026, 1, 1), date(2026, 4, 1), -1)
    (datetime.date(2025, 10, 1), datetime.date(2026, 1, 1))
    >>> shifted(date(2026, 1, 5), date(2026, 1, 12), 1)
    (datetime.date(2026, 1, 12), datetime.date(2026, 1, 19))
    """
    if since.day == 1 and until.day == 1:
        months = (until.year - since.year) * 12 + until.month - since.month
        return _plus_months(since, direction * months), _plus_months(until, direction * months)
    length = until - since
    step = timedelta(days=direction * length.days)
    return since + step, until + step


def period(dimension: str, word: object) -> tuple[date, date] | None:
    """Return the days of a month, a quarter or a year; None for any other word.

    >>> period("quarter", "2026-Q2")
    (datetime.date(2026, 4, 1), datetime.date(2026, 7, 1))
    >>> period("province", "MI") is None
    True
    """
    months = {"month": 1, "quarter": 3, "year": 12}.get(dimension)
    if months is None or not isinstance(word, str):
        return None
    year, _dash, part = word.partition("-")
    place = int(part.removeprefix("Q") or 1) if part else 1
    since = date(int(year), (place - 1) * months + 1, 1)
    return since, _plus_months(since, months)


def _plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _day(field: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise NotADay(field, text) from exc


def _added(query: QueryParams) -> tuple[tuple[str, str], ...]:
    """Read what the form adds: a dimension and a value in fields of their own."""
    name, value = query.get("add", ""), query.get("is", "")
    return ((name, "" if value == UNKNOWN else value),) if name and value else ()


def _pair(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (name and colon):
        raise NotAFilter(text)
    return name, value
