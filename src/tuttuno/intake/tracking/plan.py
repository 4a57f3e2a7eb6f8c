"""A tracking plan: every event that sources agreed to send, its meaning, owner and properties."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.intake.sources.segment_event import moment_of

#: Stands behind the name of a list, for each of its elements: `products[].price`.
EACH = "[]"


class Type(StrEnum):
    """What a value is, in the words of JSON Schema."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"


class Format(StrEnum):
    """How a text is written, in the words of JSON Schema."""

    DATE = "date"
    DATE_TIME = "date-time"


class Rule(StrEnum):
    """What can be broken; the words of JSON Schema where it has one."""

    UNPLANNED_EVENT = "unplanned_event"
    UNPLANNED_PROPERTY = "unplanned_property"
    REQUIRED = "required"
    TYPE = "type"
    ENUM = "enum"
    PATTERN = "pattern"
    FORMAT = "format"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an event.

    Attributes:
        types: What it may be; empty: anything.
        required: True where it must be there. Null is not there.
        enum: The values that it may have; empty: any.
        pattern: Somewhere in the text; RE2, so no text of a stranger takes long.
        format: How the text is written.
        minimum: Of a number, included.
        maximum: Of a number, included.
        unit: In which a number counts, for readers.
        meaning: For readers.
    """

    types: tuple[Type, ...] = ()
    required: bool = False
    enum: tuple[str | float | bool, ...] = ()
    pattern: str = ""
    format: Format | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    meaning: str = ""

    def broken(self, value: object) -> Iterator[Rule]:
        """Yield what a value breaks; a value of another type is not looked at any closer."""
        if self.types and not any(_is(kind, value) for kind in self.types):
            yield Rule.TYPE
            return
        if self.enum and not any(type(one) is type(value) and one == value for one in self.enum):
            yield Rule.ENUM
        if isinstance(value, str):
            if self.pattern and not matches(self.pattern, value):
                yield Rule.PATTERN
            if self.format and not _FORMATS[self.format](value):
                yield Rule.FORMAT
        elif _is(Type.NUMBER, value):
            yield from self._out_of_bounds(value)

    def _out_of_bounds(self, value: Any) -> Iterator[Rule]:
        if self.minimum is not None and value < self.minimum:
            yield Rule.MINIMUM
        if self.maximum is not None and value > self.maximum:
            yield Rule.MAXIMUM


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One event of the plan.

    Attributes:
        name: As it is tracked, or the call itself: `identify`, `page`, `screen`, `group`.
        meaning: When it happens, for whoever builds and reads it.
        owner: Who answers for it; empty: nobody has said so.
        sources: Who may send it; empty: everybody.
        properties: Path -> property.
        built_in: True where no project said anything about it.
    """

    name: str
    meaning: str
    owner: str = ""
    sources: tuple[str, ...] = ()
    properties: Mapping[str, Property] = field(default_factory=dict)
    built_in: bool = False


@dataclass(frozen=True, slots=True)
class TrackingPlan:
    """The events of a project.

    Attributes:
        events: By name.
        properties: That every event may carry: path -> property.
        sources: Those that send events; what others send is not checked.
    """

    events: Mapping[str, PlannedEvent] = field(default_factory=dict)
    properties: Mapping[str, Property] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()


@lru_cache(maxsize=1_024)
def matches(pattern: str, value: str) -> bool:
    """Tell whether a text holds a pattern; most texts with a pattern are a few codes.

    Raises:
        ValueError: The pattern is none.
    """
    found: bool = pc.match_substring_regex(pa.scalar(value), pattern).as_py()
    return found


def _is(kind: Type, value: object) -> bool:
    if isinstance(value, bool):
        return kind is Type.BOOLEAN
    if kind is Type.INTEGER and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _reads(read: Callable[[str], object], value: str) -> bool:
    try:
        return read(value) is not None
    except ValueError:
        return False


_TYPES: Mapping[Type, tuple[type, ...]] = {
    Type.STRING: (str,),
    Type.NUMBER: (int, float),
    Type.INTEGER: (int,),
    Type.BOOLEAN: (),
    Type.ARRAY: (list,),
    Type.OBJECT: (dict,),
}
_FORMATS: Mapping[Format, Callable[[str], bool]] = {
    Format.DATE: partial(_reads, date.fromisoformat),
    Format.DATE_TIME: partial(_reads, moment_of),
}
