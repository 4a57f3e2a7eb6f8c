"""What every row of a table must keep, derived from what the table's columns declare."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import ibis
from ibis.expr.types import BooleanValue, Value

from tuttuno.intake import places
from tuttuno.intake.money import same_sign
from tuttuno.intake.times import FIRST_DAY, LAST_DAY
from tuttuno.schema.exchange import PEOPLE, SALES
from tuttuno.schema.table import Column, Table
from tuttuno.vocab import Channel

#: Longer texts are a pasted document or an attack, not a value.
LONGEST = 4_096
LONGEST_JSON = 262_144

#: A clock may be wrong by this much before a time counts as not yet happened.
AHEAD = timedelta(days=1)

#: Moments and days that may lie in the future.
_PLANNED = frozenset({"promised_at", "expired_at", "left_at", "closed_on", "opened_on",
                      "collect_since", "listed_online_since", "listed_in_store_since"})  # fmt: skip

_CODES: dict[str, Callable[[], tuple[str, ...]]] = {
    "country": places.countries,
    "currency": places.currencies,
    "timezone": places.zones,
}
_EXPECTED = {
    "decimal(14, 2)": "an amount with a decimal dot and at most two decimals",
    "decimal(12, 3)": "a number with at most three decimals",
    "timestamp(6)": "a time in ISO 8601, e.g. 2026-03-01T10:15:00+01:00",
    "date": "a day in ISO 8601, e.g. 2026-03-01",
    "boolean": "true or false",
    "json": "a JSON document",
    "float64": "a number",
    "int32": "a whole number",
    "int64": "a whole number",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise of a row.

    Attributes:
        column: The column to look at.
        name: The rule's word, e.g. `required`.
        message: What is wrong and what was expected, in one clause.
        broken: True where a row breaks it; null counts as kept.
    """

    column: str
    name: str
    message: str
    broken: Callable[[ibis.Table], BooleanValue]


def rules_of(table: Table, *, now: datetime) -> tuple[Rule, ...]:
    """Return the rules of a table, in the order in which a row is judged."""
    rules = [rule for name, column in table.columns.items() for rule in _of(name, column, now)]
    return (*rules, *_whole_row(table))


def first_broken(rows: ibis.Table, rules: tuple[Rule, ...]) -> Value:
    """The position of the first rule that a row breaks; null for a good row."""
    cases = [(rule.broken(rows), ibis.literal(i, "int16")) for i, rule in enumerate(rules)]
    return ibis.cases(*cases)


def _of(name: str, column: Column, now: datetime) -> list[Rule]:
    rules = []
    if not column.dtype.is_string():
        rules.append(_readable(name, column))
    if column.required:
        rules.append(Rule(name, "required", "is missing", lambda t: t[name].isnull()))
    if column.words is not None:
        rules.append(_listed(name, "vocabulary", tuple(word.value for word in column.words)))
    elif name in _CODES:
        rules.append(_listed(name, name, _CODES[name]()))
    elif column.dtype.is_string() or column.dtype.is_json():
        rules.append(_short(name, LONGEST_JSON if column.dtype.is_json() else LONGEST))
    if column.low is not None or column.high is not None:
        rules.append(_within(name, column))
    if column.dtype.is_timestamp() or column.dtype.is_date():
        rules += _timely(name, column, now)
    return rules


def _readable(name: str, column: Column) -> Rule:
    spelling = column.spelling.removeprefix("!")
    return Rule(name, "type", f"is not {_EXPECTED[spelling]}", lambda t: t[f"{name} unread"])


def _listed(name: str, rule: str, words: tuple[str, ...]) -> Rule:
    known = ", ".join(words) if len(words) <= 12 else f"{len(words)} known codes"
    return Rule(name, rule, f"is not one of {known}", lambda t: ~t[name].isin(list(words)))


def _short(name: str, longest: int) -> Rule:
    message = f"is longer than {longest} signs"
    return Rule(name, "length", message, lambda t: t[name].length() > longest)


def _within(name: str, column: Column) -> Rule:
    def broken(rows: ibis.Table) -> BooleanValue:
        value, kind = rows[name], column.dtype.copy(nullable=True)
        tests = []
        if column.low is not None:
            tests.append(value < ibis.literal(column.low).cast(kind))
        if column.high is not None:
            tests.append(value > ibis.literal(column.high).cast(kind))
        return ibis.or_(*tests)

    bounds = f"between {column.low}" + (f" and {column.high}" if column.high else " and more")
    return Rule(name, "range", f"must be {bounds}", broken)


def _timely(name: str, column: Column, now: datetime) -> list[Rule]:
    """Nothing is older than the oldest customer; what has happened is not in the future."""
    latest = datetime.combine(LAST_DAY, time(), UTC) if name in _PLANNED else now + AHEAD
    kind = column.dtype.copy(nullable=True)

    def moment(value: datetime) -> Value:
        return ibis.literal(value.astimezone(UTC).replace(tzinfo=None)).cast(kind)

    first = datetime.combine(FIRST_DAY, time(), UTC)
    early = f"is before {FIRST_DAY:%Y}"
    late = f"is after {latest:%Y-%m-%d}" if name in _PLANNED else "is in the future"
    return [
        Rule(name, "too_early", early, lambda t: t[name] < moment(first)),
        Rule(name, "future", late, lambda t: t[name] > moment(latest)),
    ]


def _whole_row(table: Table) -> tuple[Rule, ...]:
    if table is SALES:
        store = Rule(
            "store_id",
            "store_required",
            "is missing, which every sale in the channel `store` needs",
            lambda t: (t.channel == Channel.STORE.value) & t.store_id.isnull(),
        )
        sign = Rule(
            "net",
            "sign",
            "has not the sign of the quantity",
            lambda t: ~same_sign(t.net, t.quantity),
        )
        return (store, sign)
    if table is PEOPLE:
        return tuple(
            _clean(name) for name in table.columns if table.columns[name].dtype.is_string()
        )
    return ()


def _clean(name: str) -> Rule:
    """Control signs are no part of a name; a database may refuse them, or a screen obey."""
    return Rule(
        name,
        "control_sign",
        "contains a control sign",
        lambda t: t[name].re_search(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"),
    )
