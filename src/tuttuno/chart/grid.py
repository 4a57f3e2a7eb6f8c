"""A table shaded by value: cohorts by month, pairs of products, stores by week."""

from tuttuno.chart.paper import (
    LINE,
    SMALL,
    TEXT,
    length,
    marked,
    tag,
    told_apart,
    words,
    wrapped,
)
from tuttuno.chart.picture import Grid, Mark

_ROW = 26.0
_DARKEST = 0.5


def draw_grid(picture: Grid, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    names = max((length(row.label, TEXT) for row in picture.rows), default=0.0) + 14
    gutter = min(names, width * 0.36)
    wide = (width - gutter) / max(len(picture.columns), 1)
    body, top = "", 0.0
    if picture.columns_text:
        room = width - gutter
        at = gutter if length(picture.columns_text, SMALL) <= room else 0.0
        for line in wrapped(picture.columns_text, width - at, SMALL):
            body += words(line, at, top + LINE - 4, css="s")
            top += LINE
        top += 2
    every = _every(picture.columns, wide)
    for index, name in enumerate(picture.columns):
        if index % every == 0:
            x = gutter + wide * index + wide / 2
            body += words(name, x, top + LINE - 4, css="s", anchor="middle")
    y = top + LINE + 2
    labels = told_apart([row.label for row in picture.rows], gutter - 12)
    for row, label in zip(picture.rows, labels, strict=True):
        body += words(label, 0, y + _ROW / 2 + 4.5)
        for index, mark in enumerate(row.marks):
            if mark.value is not None:
                body += _cell(mark, gutter + wide * index, y, wide, picture.top)
        y += _ROW
    return body, y + 2


def _every(columns: tuple[str, ...], wide: float) -> int:
    widest = max((length(name, SMALL) for name in columns), default=1.0) + 6
    return max(-(-int(widest) // max(int(wide), 1)), 1)


def _cell(mark: Mark, x: float, y: float, wide: float, top: float) -> str:
    share = min((mark.value or 0.0) / top, 1.0) if top else 0.0
    box = {"x": x + 1, "y": y + 1, "width": max(wide - 2, 1.0), "height": _ROW - 2}
    shade = {**box, "class": "f-online body", "fill-opacity": round(share * _DARKEST, 3)}
    inner = tag("rect", shade)
    if length(mark.text, SMALL) <= wide:
        inner += words(mark.text, x + wide / 2, y + _ROW / 2 + 4, css="s on-shade", anchor="middle")
    return marked(inner, tip=mark.tip or f"{mark.label}: {mark.text}", href=mark.href)
