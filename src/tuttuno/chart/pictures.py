"""Which picture an answer wants: the one a manager reads, measure by measure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tuttuno.chart.naming import hue_of, named, said
from tuttuno.chart.picture import (
    Bars,
    Dots,
    Group,
    Hue,
    Limit,
    Line,
    Lines,
    Mark,
    Picture,
    Stack,
    Stacks,
)
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer, AnswerColumn

Row = Mapping[str, Any]

#: Left to right in every stack, so that a channel always stands at the same side.
_CLASSES = ("online_only", "both", "store_only")
_CHANNELS = ("web", "app", "marketplace", "social", "store", "phone")

#: Dimensions whose values follow one another; they are drawn from left to right.
TIMES = ("month", "quarter", "year")


def picture(answer: Answer, voice: Voice, *, brief: bool = False) -> Picture | None:
    """Return the picture of an answer; None when there is nothing to draw.

    A brief one fits a tile: it keeps the groups that say most.
    """
    if not answer.rows:
        return None
    full = _PICTURES.get(answer.measure, _plain)(answer, voice)
    return _brief(full) if brief else full


def _brief(full: Picture | None) -> Picture | None:
    match full:
        case Stacks(stacks=stacks):
            return replace(full, stacks=stacks[:2])
        case Bars(groups=groups):
            return replace(full, groups=tuple(_shortened(group) for group in groups[-1:]))
        case Dots(marks=marks):
            return replace(full, marks=marks[:6])
        case _:
            return full


def _shortened(group: Group) -> Group:
    return replace(group, marks=group.marks[:8])


def _channel_class(answer: Answer, voice: Voice) -> Picture | None:
    if answer.by:
        by = answer.by[0]
        stacks = [
            _classes(said(by, word, voice), rows, "persons", voice)
            for word, rows in _by_first(answer)[:24]
        ]
    else:
        stacks = [
            _classes(named(what, voice), answer.rows, what, voice)
            for what in ("persons", "revenue", "orders")
        ]
    return Stacks(voice.say("Buyers by the channels they use"), tuple(stacks))


def _classes(label: str, rows: Sequence[Row], what: str, voice: Voice) -> Stack:
    whole = _sum(rows, what)
    parts = []
    for word in _CLASSES:
        value = _sum([row for row in rows if row["class"] == word], what)
        share = value / whole if whole else None
        parts.append(Mark(named(word, voice), value, voice.percent(share, 0), hue_of(word)))
    note = voice.short(whole, "EUR") if what == "revenue" else voice.number(whole)
    return Stack(label, tuple(parts), note)


def _coverage(answer: Answer, voice: Voice) -> Picture | None:
    if answer.by and answer.by[0] in TIMES:
        return _over_time(answer, voice, ("identified_sales", "identified_revenue"))
    if answer.by:
        return _shares_by(answer, voice, value="identified_revenue")
    row: Row = answer.rows[0]
    stacks = []
    for what, whole in (("identified_sales", "sales"), ("identified_revenue", "revenue")):
        share = row[what]
        if share is None:
            continue
        known = Mark(named("known", voice), share, voice.percent(share, 0), Hue.BOTH)
        rest = Mark(named("anonymous", voice), 1 - share, voice.percent(1 - share, 0), Hue.UNKNOWN)
        note = voice.short(row[whole], "EUR" if whole == "revenue" else "")
        stacks.append(Stack(named(whole, voice), (known, rest), note))
    return Stacks(voice.say("Sales with a known buyer"), tuple(stacks))


def _over_time(answer: Answer, voice: Voice, shares: Sequence[str]) -> Picture:
    by, hues = answer.by[0], (Hue.BOTH, Hue.PLAIN)
    lines = tuple(
        Line(
            next(voice.say(c.label) for c in answer.columns if c.name == share),
            hue,
            tuple(Mark("", row[share], voice.percent(row[share])) for row in _rows(answer)),
        )
        for share, hue in zip(shares, hues, strict=False)
    )
    ticks = tuple(Limit(level, voice.percent(level, 0)) for level in (0.0, 0.25, 0.5, 0.75, 1.0))
    steps = tuple(said(by, row[by], voice) for row in _rows(answer))
    return Lines(answer.label, steps, lines, ticks)


def _channel_share(answer: Answer, voice: Voice) -> Picture | None:
    rows = [row for row in _rows(answer) if row["split"] == "channel"]
    if answer.by:
        return _plain(answer, voice)
    stacks = []
    for what, share in (("revenue", "revenue_share"), ("orders", "orders_share")):
        parts = tuple(
            Mark(named(row["part"], voice), row[share], voice.percent(row[share], 0), hue)
            for channel in _CHANNELS
            for row in rows
            if row["part"] == channel and row[share]
            for hue in (hue_of(channel),)
        )
        stacks.append(Stack(named(what, voice), parts, voice.short(_sum(rows, what))))
    return Stacks(voice.say("Sales by channel, anonymous ones included"), tuple(stacks))


def _shares_by(answer: Answer, voice: Voice, *, value: str) -> Picture:
    marks = tuple(
        Mark(
            said(answer.by[0], row[answer.by[0]], voice),
            row[value],
            voice.percent(row[value], 0),
            Hue.BOTH,
        )
        for row in _rows(answer)
    )
    return Bars(answer.label, (Group("", marks[:40]),), top=1.0)


def _product_overlap(answer: Answer, voice: Voice) -> Picture | None:
    marks = tuple(
        Mark(
            named(row[answer.by[0]] if answer.by else row["level"], voice),
            row["ratio_to_chance"],
            voice.say("%(times)s × chance", times=voice.number(row["ratio_to_chance"], 2)),
            Hue.BOTH,
            low=row["low"],
            high=row["high"],
        )
        for row in _rows(answer)[:40]
    )
    return Dots(
        voice.say("Products bought in both channels, against chance"),
        marks,
        reference=1.0,
        reference_text=voice.say("as by chance"),
    )


def _reachability(answer: Answer, voice: Voice) -> Picture | None:
    steps = list(dict.fromkeys(row["step"] for row in _rows(answer)))
    groups = []
    for step in steps:
        rows = [row for row in _rows(answer) if row["step"] == step]
        groups.append(Group(named(step, voice), tuple(_reached(row, voice) for row in rows)))
    return Bars(voice.say("Buyers left after each step"), tuple(groups), top=1.0)


def _reached(row: Row, voice: Voice) -> Mark:
    text = voice.percent(row["rate"], 0)
    people = voice.number(row["persons"])
    label = named(row["buyer"], voice)
    tip = voice.say("%(who)s: %(share)s (%(people)s people)", who=label, share=text, people=people)
    return Mark(
        label, row["rate"], text, hue_of(row["buyer"]), low=row["low"], high=row["high"], tip=tip
    )


def _plain(answer: Answer, voice: Voice) -> Picture | None:
    """Lines where there are months, else bars of the first figure."""
    words = [column for column in answer.columns if is_text(column)]
    figures = [column for column in answer.columns if not is_text(column)]
    if not words or not figures:
        return None
    figure = figures[0]
    marks = tuple(
        Mark(
            said(words[0].name, row[words[0].name], voice),
            row[figure.name],
            written(row[figure.name], figure, voice),
            hue_of(row[words[0].name]),
        )
        for row in _rows(answer)[:30]
    )
    return Bars(f"{answer.label}: {figure.label}", (Group("", marks),))


def is_text(column: AnswerColumn) -> bool:
    """Say whether a column names things rather than measuring them."""
    return column.kind in {"text", "date", "flag"}


def written(value: Any, column: AnswerColumn, voice: Voice) -> str:
    """Write a figure as its column says: a share, an amount, a count, a number."""
    match column.kind:
        case "share":
            return voice.percent(value)
        case "money":
            return voice.money(value)
        case "count":
            return voice.number(value)
        case _:
            return voice.number(value, 2)


def _rows(answer: Answer) -> Sequence[Row]:
    """Return the rows; what a column holds is known by its kind, not by its type."""
    return answer.rows


def _by_first(answer: Answer) -> list[tuple[object, list[Row]]]:
    groups: dict[object, list[Row]] = {}
    for row in _rows(answer):
        groups.setdefault(row[answer.by[0]], []).append(row)
    if answer.by[0] in TIMES:
        return list(groups.items())
    return sorted(groups.items(), key=lambda pair: -_sum(pair[1], "persons"))


def _sum(rows: Sequence[Row], what: str) -> float:
    return float(sum(row[what] or 0 for row in rows))


_PICTURES: Mapping[str, Callable[[Answer, Voice], Picture | None]] = {
    "channel_class": _channel_class,
    "channel_share": _channel_share,
    "coverage": _coverage,
    "product_overlap": _product_overlap,
    "reachability": _reachability,
}
