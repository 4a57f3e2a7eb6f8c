"""What an event breaks of the tracking plan: which rule at which property, never a value."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tuttuno.intake.tracking.plan import EACH, PlannedEvent, Property, Rule, TrackingPlan
from tuttuno.vault.plan_counts import OTHER

#: Calls of Segment's specification that are no tracked event, and where what they say stands.
_CALLS: Mapping[str, str] = {
    "identify": "traits", "group": "traits", "page": "properties", "screen": "properties",
    "alias": "properties",
}  # fmt: skip

#: An address, or as many digits as a telephone or a card has; names of things have neither.
_PERSONAL = re.compile(r"@|\d{6}|[\x00-\x1f]")
_LONGEST = 100

#: Names that nobody planned, of one event.
_MANY = 50


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken at one property; an empty `property` is the event as a whole."""

    property: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Checked:
    """One event beside the plan: its name, and each thing that it breaks, once."""

    name: str
    violations: tuple[Violation, ...]


@dataclass(slots=True)
class _Node:
    """What is planned at one place: the value itself, its keys, its elements."""

    planned: Property | None = None
    keys: dict[str, Self] = field(default_factory=dict)
    each: Self | None = None


class Checker:
    """Looks at one event after the other; nothing that it saw stays with it.

    Args:
        plan: What was agreed on.
    """

    def __init__(self, plan: TrackingPlan) -> None:
        self._plan = plan
        self._trees = {
            name: _tree({**plan.properties, **event.properties})
            for name, event in plan.events.items()
        }

    def check(self, event: Mapping[str, Any], *, source: str, kind: str = "") -> Checked:
        """Return what an event breaks.

        Args:
            event: As it was sent.
            source: Who sent it; empty: whoever may.
            kind: `track`, `page` and so on, where only the door knows it.
        """
        call = str(event.get("type") or kind).lower()
        if call in _CALLS:
            return self._call(event, call, source)
        name = event.get("event")
        known = name if isinstance(name, str) and name.strip() else "track"
        planned = self._planned(known, source)
        if planned is None:
            return Checked(safe(known), (Violation("", Rule.UNPLANNED_EVENT),))
        return Checked(known, self._broken(planned, event.get("properties")))

    def _call(self, event: Mapping[str, Any], call: str, source: str) -> Checked:
        planned = self._planned(call, source)
        if planned is None:
            return Checked(call, ())
        return Checked(call, self._broken(planned, event.get(_CALLS[call])))

    def _planned(self, name: str, source: str) -> PlannedEvent | None:
        event = self._plan.events.get(name)
        if event is None or (source and event.sources and source not in event.sources):
            return None
        return event

    def _broken(self, planned: PlannedEvent, said: object) -> tuple[Violation, ...]:
        tree = self._trees[planned.name]
        found: dict[Violation, None] = {}
        for each in _below(tree, said if isinstance(said, dict) else {}, ""):
            found[each] = None
            if len(found) >= _MANY:
                break
        return tuple(found)


def safe(name: str) -> str:
    """Return a name that somebody outside chose, or `OTHER` where it could tell who he is.

    >>> safe("Wishlist Shared"), safe("anna@example.com"), safe("call 3331234567")
    ('Wishlist Shared', '(other)', '(other)')
    """
    fits = 0 < len(name) <= _LONGEST and not _PERSONAL.search(name)
    return name if fits else OTHER


def _tree(properties: Mapping[str, Property]) -> _Node:
    root = _Node()
    for path, planned in properties.items():
        node = root
        for key in path.replace(EACH, f".{EACH}").split("."):
            if key == EACH:
                node.each = node.each or _Node()
                node = node.each
            else:
                node = node.keys.setdefault(key, _Node())
        node.planned = planned
    return root


def _at(node: _Node, value: object, path: str) -> Iterator[Violation]:
    """Look at a value that is there, and at what is in it."""
    rules = tuple(node.planned.broken(value)) if node.planned is not None else ()
    for rule in rules:
        yield Violation(path, rule)
    if isinstance(value, dict) and node.keys:
        yield from _below(node, value, f"{path}.")
    if isinstance(value, list) and node.each is not None:
        for each in value:
            yield from _at(node.each, each, f"{path}{EACH}")


def _below(node: _Node, value: Mapping[str, Any], prefix: str) -> Iterator[Violation]:
    for key, below in node.keys.items():
        found = value.get(key)
        if found is not None:
            yield from _at(below, found, f"{prefix}{key}")
        elif below.planned is not None and below.planned.required:
            yield Violation(f"{prefix}{key}", Rule.REQUIRED)
    for key in value:
        if key not in node.keys:
            yield Violation(f"{prefix}{safe(key)}", Rule.UNPLANNED_PROPERTY)
