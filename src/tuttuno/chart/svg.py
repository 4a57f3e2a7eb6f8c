"""Pictures as SVG text: for a file of its own, or inside a page that brings the colours."""

from html import escape
from typing import assert_never

from tuttuno.chart.bars import draw_bars, draw_dots
from tuttuno.chart.event import draw_events
from tuttuno.chart.flow import draw_flow
from tuttuno.chart.grid import draw_grid
from tuttuno.chart.lines import draw_lines
from tuttuno.chart.paper import style, tag
from tuttuno.chart.picture import Bars, Dots, Events, Flow, Grid, Lines, Picture, Stacks
from tuttuno.chart.stacks import draw_stacks

_MARGIN = 24.0


def svg(picture: Picture, *, width: float = 720.0, css: str = "") -> str:
    """Draw for a page: no style sheet inside, `css` as further classes of the element.

    The title is read by screen readers; every mark carries its own sentence.
    """
    body, height = _draw(picture, width)
    shape = {
        "class": f"chart {css}".strip(),
        "role": "group",
        "aria-label": picture.title,
        "viewBox": f"0 0 {width:.0f} {height:.0f}",
        "width": width,
        "height": height,
    }
    return tag("svg", shape, body)


def svg_file(picture: Picture, *, width: float = 720.0) -> str:
    """Draw for a file: the title on top, fonts and colours for light and dark inside."""
    body, height = _draw(picture, width)
    whole = height + 2 * _MARGIN + 28
    shape = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "chart",
        "role": "img",
        "aria-label": picture.title,
        "viewBox": f"0 0 {width + 2 * _MARGIN:.0f} {whole:.0f}",
        "width": width + 2 * _MARGIN,
        "height": whole,
    }
    paper = tag("rect", {"width": "100%", "height": "100%", "style": "fill:var(--paper)"})
    head = {"x": _MARGIN, "y": _MARGIN + 12, "class": "t b", "style": "font-size:16px"}
    title = tag("text", head, escape(picture.title, quote=False))
    moved = tag("g", {"transform": f"translate({_MARGIN:.0f} {_MARGIN + 28:.0f})"}, body)
    return tag("svg", shape, tag("style", {}, style()), paper, title, moved) + "\n"


def _draw(picture: Picture, width: float) -> tuple[str, float]:
    match picture:
        case Stacks():
            drawn = draw_stacks(picture, width)
        case Bars():
            drawn = draw_bars(picture, width)
        case Dots():
            drawn = draw_dots(picture, width)
        case Lines():
            drawn = draw_lines(picture, width)
        case Events():
            drawn = draw_events(picture, width)
        case Flow():
            drawn = draw_flow(picture, width)
        case Grid():
            drawn = draw_grid(picture, width)
        case _:
            assert_never(picture)
    return drawn
