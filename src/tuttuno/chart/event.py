"""Effects before and after: a point with its interval a step, a line at the treatment."""

from collections.abc import Iterator
from dataclasses import dataclass

from tuttuno.chart.names import in_rows, names
from tuttuno.chart.paper import LINE, SMALL, length, marked, tag, words
from tuttuno.chart.picture import Events, Line, Mark
from tuttuno.chart.shapes import point

_FOOT = 44.0
_HEAD = 22.0


@dataclass(frozen=True, slots=True)
class _Frame:
    left: float
    right: float
    height: float
    low: float
    high: float
    steps: int
    head: float

    @property
    def wide(self) -> float:
        return (self.right - self.left) / max(self.steps, 1)

    def x(self, step: float) -> float:
        return self.left + self.wide * (step + 0.5)

    def y(self, value: float) -> float:
        return self.head + self.height * (self.high - value) / (self.high - self.low)


def draw_events(picture: Events, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    rows = in_rows(picture.lines, width)
    frame = _frame(picture, width)
    body = words(picture.axis, 0, LINE - 4, css="s") if picture.axis else ""
    body += "".join(_levels(picture, frame)) + "".join(_split(picture, frame))
    for number, line in enumerate(picture.lines):
        shift = (number - (len(picture.lines) - 1) / 2) * min(frame.wide * 0.3, 14.0)
        body += "".join(_points(picture, line, frame, shift))
    body += "".join(_steps(picture, frame))
    y = frame.height + frame.head + _FOOT
    named = names(rows, y + 8) if len(picture.lines) > 1 else ""
    return body + named, y + LINE * len(rows)


def _frame(picture: Events, width: float) -> _Frame:
    marks = [mark for line in picture.lines for mark in line.marks]
    values = [v for m in marks for v in (m.value, m.low, m.high) if v is not None]
    values += [tick.value for tick in picture.ticks] + [0.0]
    low, high = min(values), max(values)
    left = max((length(tick.text, SMALL) for tick in picture.ticks), default=0.0) + 12
    height = 280.0 if width >= 600 else 220.0
    head = _HEAD + (LINE if picture.axis else 0.0)
    top = high if high > low else low + 1
    return _Frame(left, width, height, low, top, len(picture.steps), head)


def _levels(picture: Events, frame: _Frame) -> Iterator[str]:
    for tick in picture.ticks:
        y = frame.y(tick.value)
        css = "zero" if tick.value == 0 else "axis"
        yield tag("line", {"x1": frame.left, "x2": frame.right, "y1": y, "y2": y, "class": css})
        yield words(tick.text, frame.left - 8, y + 4, css="s", anchor="end")


def _split(picture: Events, frame: _Frame) -> Iterator[str]:
    if not picture.before:
        return
    x = frame.x(picture.before - 0.5)
    end = frame.head + frame.height
    yield tag("line", {"x1": x, "x2": x, "y1": frame.head, "y2": end, "class": "limit"})
    room = frame.right - x
    anchor = "start" if length(picture.split_text, SMALL) < room else "end"
    yield words(picture.split_text, x, frame.head - 8, css="s", anchor=anchor)


def _points(picture: Events, line: Line, frame: _Frame, shift: float) -> Iterator[str]:
    for step, mark in enumerate(line.marks):
        if mark.value is None:
            continue
        x, y = frame.x(step) + shift, frame.y(mark.value)
        inner = _whisker(mark, x, frame) + point(line.hue, x, y, size=5)
        tip = mark.tip or f"{line.label}, {picture.steps[step]}: {mark.text}"
        yield marked(inner, tip=tip)


def _whisker(mark: Mark, x: float, frame: _Frame) -> str:
    if mark.low is None or mark.high is None:
        return ""
    low, high = frame.y(mark.low), frame.y(mark.high)
    path = f"M{x - 4:.1f} {low:.1f}H{x + 4:.1f}M{x:.1f} {low:.1f}V{high:.1f}"
    return tag("path", {"d": f"{path}M{x - 4:.1f} {high:.1f}H{x + 4:.1f}", "class": "whisker"})


def _steps(picture: Events, frame: _Frame) -> Iterator[str]:
    widest = max((length(step, SMALL) for step in picture.steps), default=0.0) + 6
    every = max(int(-(-widest // frame.wide)), 1)
    baseline = frame.height + frame.head + 18
    for step in range(0, len(picture.steps), every):
        yield words(picture.steps[step], frame.x(step), baseline, css="s", anchor="middle")
    yield words(picture.steps_text, frame.right, baseline + 17, css="s", anchor="end")
