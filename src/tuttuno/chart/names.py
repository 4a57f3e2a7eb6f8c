"""The names of series above or below a drawing, where there is no room for them at their ends."""

from collections.abc import Sequence

from tuttuno.chart.paper import LINE, length, words
from tuttuno.chart.picture import Line
from tuttuno.chart.shapes import point

_AIR = 36.0


def in_rows(lines: Sequence[Line], width: float) -> list[list[Line]]:
    """Set names side by side where they fit, else one below the other."""
    rows: list[list[Line]] = [[]]
    taken = 0.0
    for line in lines:
        wide = length(line.label) + _AIR
        if rows[-1] and taken + wide > width:
            rows.append([])
            taken = 0.0
        rows[-1].append(line)
        taken += wide
    return rows


def names(rows: Sequence[Sequence[Line]], y: float) -> str:
    """Write rows of names, each beside the shape of its series, the first row below `y`."""
    body = ""
    for number, row in enumerate(rows):
        x, at = 6.0, y + LINE * number
        for line in row:
            body += point(line.hue, x, at - 4, size=5) + words(line.label, x + 12, at)
            x += length(line.label) + _AIR
    return body
