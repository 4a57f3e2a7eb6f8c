"""Documents gone wrong: whatever stands in them is put in the place of something else."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

#: What nobody expects in the place of a text, a number, a list or an object.
STRANGE: tuple[Any, ...] = (
    None, True, "", " ", "\t", "x" * 5_000, "12,50", "1e999", "-0", "NaN", "\u202e", "\x7f",
    "9" * 400, -1, 10**30, 0.1, [], {}, [[]], [None], [1, "a"], {"id": {}}, {"nodes": 3},
    {"edges": [{"node": []}]}, "gid://shopify/Order/1", "0000-00-00", "9999-12-31T23:59:59Z",
    "2026-13-45", "1' OR '1'='1", "=1+1", "Infinity",
)  # fmt: skip


def spoilt(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy with one to four of its places, however deep, taken by something strange."""
    found = deepcopy(document)
    for _ in range(chance.randrange(1, 5)):
        places = list(_places(found))
        where, key = chance.choice(places)
        if chance.random() < 0.2 and isinstance(where, dict):
            del where[key]
        else:
            where[key] = deepcopy(chance.choice(STRANGE))
        if not found:
            break
    return found


def spoilt_lines(document: dict[str, Any], count: int, seed: int) -> str:
    """Many of them, one on each line; some lines are cut or torn."""
    chance = random.Random(seed)  # noqa: S311 - a seed, so that a failure can be repeated
    lines = []
    for _ in range(count):
        line = json.dumps(spoilt(document, chance))
        if chance.random() < 0.1:
            at = chance.randrange(len(line))
            line = line[:at] + chance.choice(["", "\x00", "{", '"', "\ud800"]) + line[at + 1 :]
        lines.append(line)
    return "\n".join(lines)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
