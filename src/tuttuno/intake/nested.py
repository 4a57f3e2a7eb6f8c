"""Reading in documents that may be anything: what is not there, or not of its kind, is nothing."""

import re
from functools import lru_cache
from typing import Any

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

#: Documents of shops are five deep; what is deeper is left out.
_DEEPEST = 24

#: Signs of the longest name of a key that means something.
_NAME = 64


def text(value: object, *path: str | int) -> str | None:
    """Return the text, number or flag at a path of keys and places; None: there is none."""
    found = at(value, *path)
    if isinstance(found, str):
        return found.strip() or None
    return ("true" if found else "false") if isinstance(found, bool) else None


def at(value: object, *path: str | int) -> Any:
    """Return whatever is at a path; None: nothing is."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def things(value: object, *path: str | int) -> list[dict[str, Any]]:
    """Return the objects of the list at a path; something else in their place is an empty one.

    So whatever stands where a line of an order should be becomes a row, and is judged.
    """
    found = at(value, *path)
    if found is None:
        return []
    return [
        each if isinstance(each, dict) else {}
        for each in (found if isinstance(found, list) else [found])
    ]


def first(*found: str | None) -> str | None:
    """Return the first text that is there."""
    return next((each for each in found if each), None)


def snake(value: Any, depth: int = 0) -> Any:
    """Return a GraphQL object with the names that REST gives: `createdAt` is `created_at`.

    Connections (`{"edges": [{"node": ...}]}`, `{"nodes": [...]}`) become plain lists.
    """
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [snake(each, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("nodes"), list):
        return snake(value["nodes"], depth + 1)
    if isinstance(value.get("edges"), list):
        return [snake(at(each, "node"), depth + 1) for each in value["edges"]]
    return {
        _snake_key(key) if len(key) <= _NAME else key: snake(each, depth + 1)
        for key, each in value.items()
    }


@lru_cache(maxsize=1_024)
def _snake_key(key: str) -> str:
    return _CAPITAL.sub("_", key).lower()
