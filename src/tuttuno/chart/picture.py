"""What a picture says, before anyone decides how it is drawn: bars, dots, lines, flows, grids.

Texts arrive finished: the language and the number formats are the caller's. A value of
None is unknown and is drawn as a gap, never as zero. `axis` says what the values of a picture
are and in which unit, as it is read beside the axis.
"""

from dataclasses import dataclass
from enum import StrEnum


class Hue(StrEnum):
    """Whose colour a mark has; each channel has one, everywhere."""

    STORE = "store"
    ONLINE = "online"
    BOTH = "both"
    COLLECT = "collect"
    PHONE = "phone"
    UNKNOWN = "unknown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Mark:
    """One value with its words: a bar, a dot, a part of a stack.

    Attributes:
        value: In the unit of the picture; None is unknown.
        text: The value as it is read beside the mark.
        low, high: 95 % interval in the same unit; None where there is none.
        href: Where a click on the mark leads; empty for nowhere.
        tip: The sentence shown on pointing; empty for `label: text`.
        flag: What makes the mark stand out, in a word or two; empty for nothing.
        fell: What the bar has fallen from, in the same unit; drawn as the part that is gone.
        base: Where a bar begins that stands on the end of another, as in a waterfall.
    """

    label: str
    value: float | None
    text: str
    hue: Hue = Hue.PLAIN
    low: float | None = None
    high: float | None = None
    href: str = ""
    tip: str = ""
    flag: str = ""
    fell: float | None = None
    base: float = 0.0


@dataclass(frozen=True, slots=True)
class Stack:
    """One whole and its parts, e.g. all buyers by class; `note` says how much the whole is."""

    label: str
    parts: tuple[Mark, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Wholes side by side, each drawn to 100 %."""

    title: str
    stacks: tuple[Stack, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that answer one sub-question; an unnamed group has an empty label."""

    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A level drawn across, e.g. a control limit."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars from zero, longest meaning most.

    Attributes:
        top: The value of the full width; None for the longest bar.
        tell: Which group says most, for where there is room for one only.
        target: A value to reach, drawn through all bars.
    """

    title: str
    groups: tuple[Group, ...]
    top: float | None = None
    tell: int = 0
    target: Limit | None = None
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Values around a value that means "nothing special", e.g. 1 for "as by chance"."""

    title: str
    marks: tuple[Mark, ...]
    reference: float
    reference_text: str
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One series; its marks stand at the positions of the picture's `steps`."""

    label: str
    hue: Hue
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """How values move over steps of time; `ticks` are the levels named at the left.

    Attributes:
        steps_text: What the steps are.
    """

    title: str
    steps: tuple[str, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Limit, ...]
    limits: tuple[Limit, ...] = ()
    axis: str = ""
    steps_text: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """An effect step by step, before and after a treatment; zero is "nothing changed".

    Attributes:
        before: Steps that lie before the treatment.
        split_text: What happens there.
        steps_text: What the steps count.
    """

    title: str
    steps: tuple[str, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Limit, ...]
    before: int
    split_text: str
    steps_text: str
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """How many go from one place to another; `source` and `target` are node keys."""

    source: str
    target: str
    value: float
    tip: str


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a flow; its height is what passes through it."""

    key: str
    label: str
    text: str
    hue: Hue


@dataclass(frozen=True, slots=True)
class Flow:
    """Where everybody was and where everybody is; the widths add up on both sides."""

    title: str
    before: tuple[Node, ...]
    after: tuple[Node, ...]
    links: tuple[Link, ...]
    before_text: str
    after_text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose cells are shaded by value.

    Attributes:
        top: The darkest value.
        columns_text: What the columns count, and what stands in the cells.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Group, ...]
    top: float
    columns_text: str = ""


Picture = Stacks | Bars | Dots | Lines | Events | Flow | Grid


def levels(top: float, *, about: int = 4) -> tuple[float, ...]:
    """Return round levels from zero that reach `top`, some `about` of them.

    >>> levels(0.83)
    (0.0, 0.25, 0.5, 0.75, 1.0)
    >>> levels(0)
    (0.0, 1.0)
    """
    if top <= 0:
        return (0.0, 1.0)
    step = _round_up(top / about)
    count = 0
    while count * step < top * (1 - 1e-9):
        count += 1
    return tuple(round(step * n, 10) for n in range(count + 1))


def _round_up(raw: float) -> float:
    size = 1.0
    while size > raw:
        size /= 10
    while size * 10 <= raw:
        size *= 10
    return next(size * step for step in (1, 2, 2.5, 5, 10) if size * step >= raw * (1 - 1e-9))
