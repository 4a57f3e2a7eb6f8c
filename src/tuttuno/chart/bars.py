"""Bars from zero, each with its name, its value and, where it is estimated, its interval."""

from tuttuno.chart.paper import LINE, SMALL, TEXT, clipped, length, marked, tag, words
from tuttuno.chart.picture import Bars, Dots, Limit, Mark
from tuttuno.chart.shapes import block, gone, point, whisker

_BAR = 18.0
_ROW = 28.0
_NARROW = 430.0


def draw_bars(picture: Bars, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    marks = [mark for group in picture.groups for mark in group.marks]
    top = picture.top or max((_reach(mark) for mark in marks), default=0.0) or 1.0
    gutter = _gutter(marks, width)
    room = width - gutter - max((length(mark.text) for mark in marks), default=0.0) - 14
    body, y = "", 0.0
    if picture.target is not None:
        body, y = _target_text(picture.target, gutter + picture.target.value / top * room, width)
    begins = y
    for group in picture.groups:
        if group.label:
            y += LINE if not y else LINE + 12
            body += words(group.label, 0, y - 4, css="b")
            y += 6
        start = y
        for mark in group.marks:
            drawn, y = _bar(mark, y, gutter=gutter, scale=room / top, width=width)
            body += drawn
        body += tag("line", _rule(gutter, start, y))
    if picture.target is not None:
        x = gutter + picture.target.value / top * room
        body += tag("line", _rule(x, begins, y) | {"class": "limit"})
    named, y = _axis(picture.axis, gutter, y, width)
    return body + named, y + 2


def _axis(text: str, gutter: float, y: float, width: float) -> tuple[str, float]:
    """Write what the values are below them, from zero on where there is room for it."""
    if not text:
        return "", y
    x = gutter if gutter + length(text, SMALL) <= width else 0.0
    return words(clipped(text, width - x, SMALL), x, y + LINE - 4, css="s"), y + LINE


def _target_text(target: Limit, x: float, width: float) -> tuple[str, float]:
    anchor = "end" if x + length(target.text) / 2 > width else "middle"
    return words(
        target.text, width if anchor == "end" else x, LINE - 6, css="s", anchor=anchor
    ), LINE


def _bar(mark: Mark, y: float, *, gutter: float, scale: float, width: float) -> tuple[str, float]:
    inner = ""
    if gutter:
        inner += words(clipped(mark.label, gutter - 12), 0, y + _ROW / 2 + 4.5)
    else:
        y += LINE
        inner += words(clipped(mark.label, width), 0, y - 2)
    begins = gutter + mark.base * scale
    if mark.base:
        step = {"x1": begins, "x2": begins, "y1": y - (_ROW - _BAR) / 2, "y2": y + _ROW / 2}
        inner += tag("line", step | {"class": "axis"})
    if mark.value is not None:
        inner += block(mark.hue, (begins, y + (_ROW - _BAR) / 2, mark.value * scale, _BAR))
    if mark.value is not None and mark.fell is not None:
        inner += gone(gutter + mark.value * scale, gutter + mark.fell * scale, y + _ROW / 2, _BAR)
    if mark.low is not None and mark.high is not None:
        inner += whisker(begins + mark.low * scale, begins + mark.high * scale, y + _ROW / 2)
    x = gutter + _reach(mark) * scale + 8
    inner += words(mark.text, x, y + _ROW / 2 + 4.5, css="halo")
    return marked(inner, tip=mark.tip or f"{mark.label}: {mark.text}", href=mark.href), y + _ROW


def draw_dots(picture: Dots, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    gutter = _gutter(picture.marks, width)
    texts = max((length(mark.text) for mark in picture.marks), default=0.0)
    known = [v for m in picture.marks for v in (m.value, m.low, m.high) if v is not None]
    lowest, highest = min([*known, picture.reference]), max([*known, picture.reference])
    scale = (width - gutter - texts - 32) / ((highest - lowest) or 1.0)
    zero = gutter + 10 - lowest * scale

    y = LINE + 8
    at = zero + picture.reference * scale
    anchor = "end" if at + length(picture.reference_text) > width else "start"
    body = words(picture.reference_text, at, LINE - 4, css="s", anchor=anchor)
    dots = ""
    for mark in picture.marks:
        drawn, y = _dot(mark, y, gutter=gutter, zero=zero, scale=scale, width=width)
        dots += drawn
    rule = {"x1": at, "x2": at, "y1": LINE + 2, "y2": y, "class": "limit"}
    named, end = _axis(picture.axis, gutter, y, width)
    return body + tag("line", rule) + dots + named, end + 2


def _dot(
    mark: Mark, y: float, *, gutter: float, zero: float, scale: float, width: float
) -> tuple[str, float]:
    inner = ""
    if gutter:
        inner += words(clipped(mark.label, gutter - 12), 0, y + _ROW / 2 + 4.5)
    else:
        y += LINE
        inner += words(clipped(mark.label, width), 0, y - 2, css="halo")
    if mark.low is not None and mark.high is not None:
        inner += whisker(zero + mark.low * scale, zero + mark.high * scale, y + _ROW / 2)
    if mark.value is not None:
        inner += point(mark.hue, zero + mark.value * scale, y + _ROW / 2, size=6)
    inner += words(mark.text, width, y + _ROW / 2 + 4.5, anchor="end")
    return marked(inner, tip=mark.tip or f"{mark.label}: {mark.text}", href=mark.href), y + _ROW


def _gutter(marks: tuple[Mark, ...] | list[Mark], width: float) -> float:
    """Room for names at the left; none where names stand above their bars."""
    if width < _NARROW:
        return 0.0
    widest = max((length(mark.label, TEXT) for mark in marks), default=0.0)
    return min(widest + 14, width * 0.38)


def _reach(mark: Mark) -> float:
    return max(mark.base + max(mark.value or 0.0, mark.high or 0.0), mark.fell or 0.0)


def _rule(x: float, top: float, end: float) -> dict[str, object]:
    return {"x1": x, "x2": x, "y1": top, "y2": end, "class": "zero"}
