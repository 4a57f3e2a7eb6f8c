"""Shapes that double the colour of a channel, so that no one needs to tell hues apart."""

from tuttuno.chart.paper import tag
from tuttuno.chart.picture import Hue


def point(hue: Hue, x: float, y: float, *, size: float = 5.0) -> str:
    """Draw the channel's own shape: a disc for the store, a square online, and so on."""
    css = f"f-{hue} body"
    match hue:
        case Hue.ONLINE:
            side = size * 1.8
            return tag(
                "rect",
                {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side, "class": css},
            )
        case Hue.UNKNOWN:
            return block(hue, (x - size, y - size, size * 2, size * 2))
        case Hue.BOTH:
            return _polygon([(0, -1.15), (1.1, 0.85), (-1.1, 0.85)], x, y, size, css)
        case Hue.COLLECT:
            return _polygon([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)], x, y, size, css)
        case _:
            return tag("circle", {"cx": x, "cy": y, "r": size, "class": css})


def block(hue: Hue, box: tuple[float, float, float, float]) -> str:
    """Draw a bar or part of one, as (x, y, width, height); what is unknown is hatched."""
    x, y, width, height = box
    shape = {"x": x, "y": y, "width": max(width, 0.0), "height": height, "class": f"f-{hue} body"}
    hatched = _hatch(x, y, width, height) if hue is Hue.UNKNOWN else ""
    return tag("rect", shape) + hatched


def whisker(low: float, high: float, y: float, *, arm: float = 4.0) -> str:
    """Draw a horizontal interval with closed ends."""
    path = f"M{low:.1f} {y - arm:.1f}V{y + arm:.1f}M{low:.1f} {y:.1f}H{high:.1f}"
    return tag("path", {"d": f"{path}M{high:.1f} {y - arm:.1f}V{y + arm:.1f}", "class": "whisker"})


def gone(value: float, before: float, y: float, height: float) -> str:
    """Draw what a bar has lost: an empty frame from its end to where it ended before."""
    wide = max(before - value, 0.0)
    box = {"x": value, "y": y - height / 2, "width": wide, "height": height, "class": "gone"}
    return tag("rect", box) if wide else ""


def _polygon(corners: list[tuple[float, float]], x: float, y: float, size: float, css: str) -> str:
    points = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
    return tag("polygon", {"points": points, "class": css})


def _hatch(x: float, y: float, width: float, height: float) -> str:
    strokes = []
    start = -height
    while start < width:
        left, right = max(start, 0.0), min(start + height, width)
        low, high = y + height - (left - start), y + height - (right - start)
        strokes.append(f"M{x + left:.1f} {low:.1f}L{x + right:.1f} {high:.1f}")
        start += 7.0
    return tag("path", {"d": "".join(strokes), "class": "hatch"}) if strokes else ""
