"""Series over time, named at their ends or above, with intervals as bands, limits as dashes."""

from collections.abc import Iterator
from dataclasses import dataclass

from tuttuno.chart.names import in_rows, names
from tuttuno.chart.paper import LINE, SMALL, clipped, length, marked, tag, words
from tuttuno.chart.picture import Line, Lines, Mark
from tuttuno.chart.shapes import point

_FOOT = 26.0
_HEAD = 10.0
_EDGE = 14.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the drawing stands on the paper, and how a value becomes a height."""

    left: float
    right: float
    height: float
    top: float
    steps: int
    head: float

    def x(self, step: int) -> float:
        return self.left + (self.right - self.left) * step / max(self.steps - 1, 1)

    def y(self, value: float) -> float:
        return self.head + self.height * (1 - value / self.top)


def draw_lines(picture: Lines, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    rows = [] if _fit(picture, width) else in_rows(picture.lines, width)
    frame = _frame(picture, width, above=len(rows))
    body = names(rows, LINE - 4)
    if picture.axis:
        body += words(picture.axis, 0, LINE * (len(rows) + 1) - 4, css="s")
    body += "".join(_levels(picture, frame))
    for line in picture.lines:
        body += _band(line, frame) + _path(line, frame)
        body += "".join(_flags(line, frame))
    body += "".join(_ends(picture, frame, width, named=not rows))
    body += "".join(_hits(picture, frame))
    body += "".join(_steps(picture, frame))
    return body, frame.height + frame.head + (_FOOT + 17 if picture.steps_text else _FOOT)


def _fit(picture: Lines, width: float) -> bool:
    """Return whether the names of the lines have room beside their ends."""
    return max((length(line.label) for line in picture.lines), default=0.0) + _EDGE <= width * 0.3


def _frame(picture: Lines, width: float, *, above: int) -> _Frame:
    named = [] if above else [length(line.label) for line in picture.lines]
    named += [length(limit.text, SMALL) for limit in picture.limits]
    ends = max(named, default=0.0) + _EDGE
    head = _HEAD + LINE * (above + bool(picture.axis))
    ticks = max((length(tick.text, SMALL) for tick in picture.ticks), default=0.0) + 10
    height = 260.0 if width >= 600 else 190.0
    values = [v for line in picture.lines for m in line.marks for v in (m.value, m.high) if v]
    top = max([*values, *(tick.value for tick in picture.ticks)], default=1.0) or 1.0
    right = width - min(ends, width * 0.3)
    return _Frame(ticks, right, height, top, len(picture.steps), head)


def _levels(picture: Lines, frame: _Frame) -> Iterator[str]:
    for tick in picture.ticks:
        y = frame.y(tick.value)
        css = "zero" if tick.value == 0 else "axis"
        yield tag("line", {"x1": frame.left, "x2": frame.right, "y1": y, "y2": y, "class": css})
        yield words(tick.text, frame.left - 8, y + 4, css="s", anchor="end")
    for limit in picture.limits:
        y = frame.y(limit.value)
        yield tag("line", {"x1": frame.left, "x2": frame.right, "y1": y, "y2": y, "class": "limit"})


def _path(line: Line, frame: _Frame) -> str:
    drawn, pen = "", "M"
    for step, mark in enumerate(line.marks):
        if mark.value is None:
            pen = "M"
            continue
        drawn += f"{pen}{frame.x(step):.1f} {frame.y(mark.value):.1f}"
        pen = "L"
    return tag("path", {"d": drawn, "class": f"l-{line.hue}"}) if drawn else ""


def _flags(line: Line, frame: _Frame) -> Iterator[str]:
    """Ring what stands out and say why: a colour alone would tell it to few."""
    for step, mark in enumerate(line.marks):
        if mark.flag and mark.value is not None:
            x, y = frame.x(step), frame.y(mark.value)
            yield tag("circle", {"cx": x, "cy": y, "r": 6.0, "class": "flag"})
            below = mark.low is not None and mark.value < mark.low
            anchor = "start" if step == 0 else "end" if step == frame.steps - 1 else "middle"
            yield words(mark.flag, x, y + (22 if below else -12), css="s b halo", anchor=anchor)


def _band(line: Line, frame: _Frame) -> str:
    known = [
        (frame.x(step), frame.y(mark.low), frame.y(mark.high))
        for step, mark in enumerate(line.marks)
        if mark.low is not None and mark.high is not None
    ]
    if len(known) < 2:
        return ""
    over = [f"{x:.1f},{high:.1f}" for x, _low, high in known]
    under = [f"{x:.1f},{low:.1f}" for x, low, _high in reversed(known)]
    return tag("polygon", {"points": " ".join(over + under), "class": f"f-{line.hue} band"})


def _ends(picture: Lines, frame: _Frame, width: float, *, named: bool) -> Iterator[str]:
    """Name each line and limit where it ends, pushed apart so that no two names collide."""
    ends = [(frame.y(limit.value), limit.text, "s halo") for limit in picture.limits]
    for line in picture.lines:
        last = _last(line)
        if last is not None:
            step, mark = last
            y = frame.y(mark.value or 0.0)
            yield point(line.hue, frame.x(step), y, size=4)
            if named:
                ends.append((y, line.label, "b halo"))
    free = -1e9
    for y, text, css in sorted(ends):
        free = max(y, free + 16)
        yield words(clipped(text, width - frame.right - 10), frame.right + 10, free + 4.5, css=css)


def _last(line: Line) -> tuple[int, Mark] | None:
    known = [(step, mark) for step, mark in enumerate(line.marks) if mark.value is not None]
    return known[-1] if known else None


def _hits(picture: Lines, frame: _Frame) -> Iterator[str]:
    """One tall invisible strip a step: pointing anywhere in it reads all lines there."""
    wide = (frame.right - frame.left) / max(frame.steps - 1, 1)
    for step, name in enumerate(picture.steps):
        said = [
            line.marks[step].tip or f"{line.label}: {line.marks[step].text}"
            for line in picture.lines
            if step < len(line.marks) and line.marks[step].value is not None
        ]
        x = frame.x(step) - wide / 2
        box = {"x": x, "y": frame.head, "width": wide, "height": frame.height, "class": "hit"}
        yield marked(tag("rect", box), tip="\n".join([name, *said]))


def _steps(picture: Lines, frame: _Frame) -> Iterator[str]:
    if not picture.steps:
        return
    widest = max(length(step, SMALL) for step in picture.steps) + 14
    fit = max(int((frame.right - frame.left) / widest), 1)
    every = -(-len(picture.steps) // fit)
    baseline = frame.height + frame.head + 18
    for step in range(0, len(picture.steps), every):
        text, x = picture.steps[step], frame.x(step)
        beyond = x + length(text, SMALL) / 2 > frame.right + _EDGE
        anchor = "start" if step == 0 else "end" if beyond else "middle"
        yield words(text, x, baseline, css="s", anchor=anchor)
    if picture.steps_text:
        yield words(picture.steps_text, frame.right, baseline + 17, css="s", anchor="end")
