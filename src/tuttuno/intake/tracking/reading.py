"""The tracking plan as a project writes it: `[tracking_plan]`, the file that it names, and ours."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from tuttuno.errors import BadInput
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.segment import NAME as SEGMENT
from tuttuno.intake.tracking.plan import (
    EACH,
    Format,
    PlannedEvent,
    Property,
    TrackingPlan,
    Type,
    matches,
)

#: The key of the settings.
TRACKING_PLAN = "tracking_plan"

_KEYS = ("file", "built_in", "owner", "properties", "events")
_EVENT_KEYS = ("meaning", "owner", "sources", "like", "extends", "properties")
_PROPERTY_KEYS = (
    "type", "required", "enum", "pattern", "format", "minimum", "maximum", "unit", "meaning",
)  # fmt: skip
_PATH = re.compile(r"[^.\[\]]+(\[\])*(\.[^.\[\]]+(\[\])*)*")

_Events = Mapping[str, PlannedEvent]
_Properties = dict[str, Property]


def read_plan(
    declared: Mapping[str, Any], *, root: Path, sources: Mapping[str, Mapping[str, Any]]
) -> TrackingPlan:
    """Read the plan of a project.

    Args:
        declared: Its `[tracking_plan]`; empty where there is none: ours alone.
        root: Of the project; the file that is named lies below it.
        sources: As in the settings.

    Raises:
        BadMapping: Something in it cannot be understood; the message names its place.
        BadInput: The file that it names cannot be read.
    """
    section = Section(TRACKING_PLAN, declared)
    section.only(_KEYS)
    parts = [section]
    if "file" in declared:
        parts.insert(0, _file(section, root))
    speaking = frozenset(name for name, each in sources.items() if each.get("format") == SEGMENT)
    plan = TrackingPlan(sources=speaking)
    if section.flag("built_in", default=True):
        plan = _with(plan, Section("", _ours()), built_in=True)
    for part in parts:
        plan = _with(plan, part)
    return plan


def _ours() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("ecommerce.toml").read_text("utf-8")
    return tomllib.loads(text)


def _file(section: Section, root: Path) -> Section:
    path = root / section.text("file")
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{section.at('file')}: {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: {error}", hint="it is written as tuttuno.toml is") from error
    found = Section(path.name, said)
    found.only(_KEYS[2:])
    return found


def _with(plan: TrackingPlan, section: Section, *, built_in: bool = False) -> TrackingPlan:
    """Lay what one part says over the plan."""
    shared = {**plan.properties, **_properties(section.section("properties"))}
    owner, events = section.text("owner"), dict(plan.events)
    for name in section.section("events").values:
        declared = section.section("events").section(name)
        events[name] = _event(name, declared, events, owner=owner, built_in=built_in)
    if owner:
        events = {name: replace(each, owner=each.owner or owner) for name, each in events.items()}
    return replace(plan, events=events, properties=shared)


def _event(
    name: str, section: Section, events: _Events, *, owner: str, built_in: bool
) -> PlannedEvent:
    section.only(_EVENT_KEYS)
    extends = section.flag("extends", default=True)
    before = (events.get(name) if extends else None) or PlannedEvent(name, "")
    made = PlannedEvent(
        name,
        section.text("meaning", before.meaning),
        section.text("owner", before.owner) or owner,
        section.texts("sources") or before.sources,
        {
            **_likeness(section, events),
            **before.properties,
            **_properties(section.section("properties")),
        },
        built_in=built_in,
    )
    if not made.meaning:
        hint = 'say when it happens, e.g. `meaning = "A size guide was opened"`'
        raise BadMapping(section.at("meaning"), "is missing", hint=hint)
    if not made.owner and not built_in and not before.meaning:
        hint = "say who answers for it here, or once for all events with `owner` of the plan"
        raise BadMapping(section.at("owner"), "is missing", hint=hint)
    return made


def _likeness(section: Section, events: _Events) -> Mapping[str, Property]:
    """The properties of the event that one is like."""
    name = section.text("like")
    if not name:
        return {}
    if name not in events:
        what = f"{name!r} is no event that stands before it"
        raise BadMapping(section.at("like"), what)
    return events[name].properties


def _properties(section: Section) -> _Properties:
    found: _Properties = {}
    for path, value in section.values.items():
        if not _PATH.fullmatch(path):
            hint = f"`products{EACH}.price` is the price of each product"
            raise BadMapping(section.at(path), "is no path of keys", hint=hint)
        told = {"type": value} if isinstance(value, str | list) else value
        found[path] = _property(Section(section.path, {path: told}).section(path))
    return found


def _property(section: Section) -> Property:
    section.only(_PROPERTY_KEYS)
    text = section.text("format")
    return Property(
        types=tuple(_word(section, each) for each in section.texts("type")),
        required=section.flag("required", default=False),
        enum=_enum(section),
        pattern=section.checked("pattern", section.text("pattern"), _is_pattern, "an RE2 pattern"),
        format=section.word("format", Format, Format.DATE) if text else None,
        minimum=section.number("minimum"),
        maximum=section.number("maximum"),
        unit=section.text("unit"),
        meaning=section.text("meaning"),
    )


def _word(section: Section, word: str) -> Type:
    if word not in set(Type):
        hint = f"known: {', '.join(Type)}"
        raise BadMapping(section.at("type"), f"cannot be {word!r}", hint=hint)
    return Type(word)


def _enum(section: Section) -> tuple[str | float | bool, ...]:
    values = section.values.get("enum", [])
    if not isinstance(values, list) or not all(
        isinstance(each, str | int | float) for each in values
    ):
        raise BadMapping(section.at("enum"), "must be a list of texts, numbers or flags")
    return tuple(values)


def _is_pattern(pattern: str) -> bool:
    try:
        matches(pattern, "")
    except ValueError:
        return False
    return True
