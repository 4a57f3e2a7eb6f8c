"""The paper pictures are drawn on: escaped elements, estimated text widths, one palette."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources

#: Sizes of text in pixels; the page style sheet names the same ones.
TEXT = 13.0
SMALL = 12.0
LINE = 18.0

_NARROW = frozenset("ijl.,:;|!'\u2019 ftrI()\u00b7-")
_WIDE = frozenset("mwMW%@—€")

PALETTE = """svg{--store:#d55e00;--online:#0072b2;--both:#009e73;--collect:#e69f00;--phone:#cc79a7;
--unknown:#8a8780;--ink:#1d1b18;--quiet:#5d5951;--line:#e3dfd6;--line-firm:#8b877d;--paper:#fefdfb}
@media(prefers-color-scheme:dark){svg{--ink:#eeebe4;--quiet:#aaa59a;--line:#33312c;
--line-firm:#77736a;--paper:#151412}}"""


def tag(name: str, attributes: Mapping[str, object], *children: str) -> str:
    """Write one element; attributes are escaped, children are markup already.

    A float is written with at most two decimals; None leaves the attribute out.

    >>> tag("rect", {"x": 1.0, "class": "a&b", "y": None})
    '<rect x="1" class="a&amp;b"/>'
    """
    written = "".join(
        f' {key}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(children)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def words(text: str, x: float, y: float, *, css: str = "", anchor: str = "start") -> str:
    """Write text with its baseline at `y`."""
    kind = f"t {css}".strip()
    placed = {"x": x, "y": y, "class": kind}
    if anchor != "start":
        placed["text-anchor"] = anchor
    return tag("text", placed, escape(text, quote=False))


def length(text: str, size: float = TEXT) -> float:
    """Estimate how many pixels a text takes in the app's sans; errs on the wide side."""
    per = {True: 0.34, False: 0.6}
    total = sum(0.92 if c in _WIDE else per[c in _NARROW] for c in text)
    return total * size


def clipped(text: str, room: float, size: float = TEXT) -> str:
    """Shorten a text to `room` pixels, ending in an ellipsis.

    >>> clipped("Women's shoes and bags", 60)
    "Women'…"
    """
    if length(text, size) <= room:
        return text
    kept = text
    while kept and length(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrapped(text: str, room: float, size: float = TEXT) -> list[str]:
    """Break a text into lines of at most `room` pixels, between words.

    >>> wrapped("ready when promised", 90)
    ['ready when', 'promised']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and length(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def told_apart(labels: Sequence[str], room: float) -> list[str]:
    """Shorten labels to `room` pixels; first by the words that they all begin with.

    >>> told_apart(["Magazzini Roma", "Magazzini Bari"], 60)
    ['Roma', 'Bari']
    >>> told_apart(["Magazzini Roma", "Magazzini Bari"], 200)
    ['Magazzini Roma', 'Magazzini Bari']
    """
    if all(length(label) <= room for label in labels):
        return list(labels)
    split = [label.split(" ") for label in labels]
    shared, most = 0, min(len(each) for each in split) - 1
    while shared < most and len({each[shared] for each in split}) == 1 < len(labels):
        shared += 1
    return [clipped(" ".join(each[shared:]), room) for each in split]


def marked(inner: str, *, tip: str, href: str = "") -> str:
    """Wrap what is drawn for one value so that pointing explains it and a click follows it."""
    spoken = tag("title", {}, escape(tip, quote=False))
    if href:
        return tag("a", {"class": "mark", "href": href, "data-tip": tip}, spoken, inner)
    return tag("g", {"class": "mark", "data-tip": tip}, spoken, inner)


def style() -> str:
    """Return the style sheet that a picture outside the app carries with it."""
    sheet = resources.files("tuttuno.chart") / "static" / "chart.css"
    return PALETTE + sheet.read_text("utf-8")


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
