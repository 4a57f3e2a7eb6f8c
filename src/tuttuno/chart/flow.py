"""Who went where: places before at the left, places after at the right, streams between."""

from collections.abc import Sequence

from tuttuno.chart.paper import LINE, SMALL, TEXT, clipped, length, marked, tag, words
from tuttuno.chart.picture import Flow, Link, Node
from tuttuno.chart.shapes import block

_POST = 10.0
_GAP = 20.0


def draw_flow(picture: Flow, width: float) -> tuple[str, float]:
    """Return the marks and the height they need."""
    height = 340.0 if width >= 600 else 300.0
    total = sum(link.value for link in picture.links) or 1.0
    widest = max((len(picture.before), len(picture.after), 1))
    scale = (height - _GAP * (widest - 1)) / total
    left, right = (_room(nodes, width) for nodes in (picture.before, picture.after))
    top = LINE + 10

    leaving = _stand(picture.before, _sums(picture.links, "source"), scale, top)
    arriving = _stand(picture.after, _sums(picture.links, "target"), scale, top)
    x0, x1 = left, width - right - _POST
    hues = {node.key: node.hue for node in picture.before}
    body = words(picture.before_text, left + _POST, LINE - 4, css="s", anchor="end")
    body += words(picture.after_text, x1, LINE - 4, css="s")
    out, into = dict(leaving), dict(arriving)
    for link in picture.links:
        thick = link.value * scale
        spine = (x0 + _POST, out[link.source], x1, into[link.target])
        stream = {"d": _ribbon(spine, thick), "class": f"f-{hues[link.source]} stream"}
        body += marked(tag("path", stream), tip=link.tip)
        out[link.source] += thick
        into[link.target] += thick
    for node in picture.before:
        body += _post(node, x0, leaving[node.key], out[node.key], room=left, before=True)
    for node in picture.after:
        body += _post(node, x1, arriving[node.key], into[node.key], room=right, before=False)
    return body, top + height + 6


def _room(nodes: Sequence[Node], width: float) -> float:
    texts = [max(length(node.label, TEXT), length(node.text, SMALL)) for node in nodes]
    return min(max(texts, default=0.0) + 12, width * (0.32 if width >= 430 else 0.375))


def _sums(links: Sequence[Link], side: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for link in links:
        key = link.source if side == "source" else link.target
        sums[key] = sums.get(key, 0.0) + link.value
    return sums


def _stand(
    nodes: Sequence[Node], sums: dict[str, float], scale: float, top: float
) -> dict[str, float]:
    """Return where each post begins, from the top down."""
    places, y = {}, top
    for node in nodes:
        places[node.key] = y
        y += sums.get(node.key, 0.0) * scale + _GAP
    return places


def _ribbon(spine: tuple[float, float, float, float], thick: float) -> str:
    x0, y0, x1, y1 = spine
    mid = (x0 + x1) / 2
    there = f"M{x0:.1f} {y0:.1f}C{mid:.1f} {y0:.1f} {mid:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    low0, low1 = y0 + thick, y1 + thick
    back = f"V{low1:.1f}C{mid:.1f} {low1:.1f} {mid:.1f} {low0:.1f} {x0:.1f} {low0:.1f}Z"
    return there + back


def _post(node: Node, x: float, top: float, end: float, *, room: float, before: bool) -> str:
    box = (x, top, _POST, max(end - top, 1.0))
    at, anchor = (x - 8, "end") if before else (x + _POST + 8, "start")
    middle = (top + end) / 2
    inner = block(node.hue, box)
    inner += words(clipped(node.label, room - 8), at, middle - 2, css="b", anchor=anchor)
    inner += words(clipped(node.text, room - 8, SMALL), at, middle + 13, css="s", anchor=anchor)
    return marked(inner, tip=f"{node.label}: {node.text}")
