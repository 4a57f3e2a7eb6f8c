"""Wholes drawn to 100 %, their parts named once above the first of them."""

from tuttuno.chart.paper import LINE, SMALL, TEXT, length, marked, tag, words
from tuttuno.chart.picture import Hue, Mark, Stack, Stacks
from tuttuno.chart.shapes import block, point

_BAR = 36.0
_AIR = 22.0
_KEY = 16.0

#: Between the label of a whole and the note that stands at the other end of its line.
_BETWEEN = 8.0


def draw_stacks(picture: Stacks, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    named = _named(picture)
    body, y = _names(named, width)
    for stack in picture.stacks:
        drawn, y = _stack(stack, y, width)
        body += drawn
    return body, y - _AIR + 2


def _named(picture: Stacks) -> tuple[Mark, ...]:
    """Return the parts to name: those of the first whole, then what only others have."""
    found: dict[str, Mark] = {}
    for stack in picture.stacks:
        for part in stack.parts:
            found.setdefault(part.label, part)
    first = picture.stacks[0].parts if picture.stacks else ()
    return first if len(found) == len(first) else tuple(found.values())


def _names(parts: tuple[Mark, ...], width: float) -> tuple[str, float]:
    whole = sum(p.value or 0.0 for p in parts) or 1.0
    needs = [_KEY + length(p.label) + 18 for p in parts]
    starts, at = [], 0.0
    for part in parts:
        starts.append(at / whole * width)
        at += part.value or 0.0
    placed = _spread(starts, needs, width) if sum(needs) <= width else None
    body, x, y = "", 0.0, LINE - 4
    for index, part in enumerate(parts):
        if placed is not None:
            x = placed[index]
        elif x and x + needs[index] > width:
            x, y = 0.0, y + LINE + 4
        body += point(part.hue, x + 5, y - 4.5, size=4.5) + words(part.label, x + _KEY, y)
        x += needs[index]
    return body, y + 14 if parts else 0.0


def _spread(starts: list[float], needs: list[float], width: float) -> list[float]:
    """Keep each name over its part where there is room, pushed aside where there is not."""
    placed: list[float] = []
    for start, _need in zip(starts, needs, strict=True):
        free = placed[-1] + needs[len(placed) - 1] if placed else 0.0
        placed.append(max(start, free))
    limit = width
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit - needs[index])
        limit = placed[index]
    return placed


def _stack(stack: Stack, top: float, width: float) -> tuple[str, float]:
    y = top + LINE - 4
    body = words(stack.label, 0, y, css="b")
    if stack.note:
        if length(stack.label, TEXT) + _BETWEEN + length(stack.note, SMALL) > width:
            y += LINE  # on a phone it goes below the label
        body += words(stack.note, width, y, css="s", anchor="end")
    y += 8
    whole = sum(p.value or 0.0 for p in stack.parts)
    x = 0.0
    for part in stack.parts:
        wide = (part.value or 0.0) / whole * width if whole else 0.0
        if wide > 0:
            body += _part(part, x, y, wide)
        x += wide
    if not whole:
        body += tag("rect", {"x": 0, "y": y, "width": width, "height": _BAR, "class": "hit"})
    return body, y + _BAR + _AIR


def _part(part: Mark, x: float, y: float, wide: float) -> str:
    css = f"on-{part.hue}" if part.hue in {Hue.ONLINE, Hue.UNKNOWN} else "on"
    inner = block(part.hue, (x, y, wide, _BAR))
    if x > 0:
        edge = {"x1": x, "x2": x, "y1": y, "y2": y + _BAR, "class": "gap"}
        inner += tag("line", edge)
    if length(part.text, TEXT) + 14 <= wide:
        inner += words(part.text, x + 8, y + _BAR / 2 + 4.5, css=css)
    elif length(part.text, SMALL) + 4 <= wide:
        inner += words(part.text, x + wide / 2, y + _BAR / 2 + 4.5, css=f"s {css}", anchor="middle")
    return marked(inner, tip=part.tip or f"{part.label}: {part.text}", href=part.href)
