"""Pictures of effects: the path before and after, and what became of the new euros."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuttuno.chart.diversion_words import category_dots
from tuttuno.chart.effect_words import amount, title
from tuttuno.chart.picture import Bars, Events, Group, Hue, Limit, Line, Mark, Picture, levels
from tuttuno.chart.voice import Voice, _

Plain = Mapping[str, Any]

_SPLIT = {
    "cannibalisation": _("First online purchase"),
    "cannibalisation_by_category": _("First online purchase"),
    "loyalty_effect": _("Enrolment"),
    "familiarity_effect": _("First purchase in a store"),
    "click_and_collect_effect": _("Launch"),
    "cannibalisation_by_market": _("Launch"),
    "opening": _("Opening"),
    "closing": _("Closing"),
}

#: In what a path is told, where the headline is a ratio of two paths.
_PATH_UNIT = {
    "cannibalisation": "orders per person and month",
    "cannibalisation_by_category": "articles per person and month",
    "click_and_collect_effect": "1",
    "cannibalisation_by_market": "1",
    "store_role": "1",
}


def effect_pictures(plain: Plain, voice: Voice) -> tuple[Picture, ...]:
    """Return the pictures of an answer, the path first; none where there is no path.

    A refused answer still shows its path: often it is the reason.
    """
    told = plain["diagnostics"]
    found: list[Picture] = []
    if told.get("path"):
        found.append(_events(plain, voice))
    if plain["refused"] is None and plain["effect"] == "cannibalisation":
        found += [_new_euros(told["euros"], voice), _over_time(told["by_time"], voice)]
    if plain["refused"] is None and told.get("by_category"):
        found.append(category_dots(plain, voice))
    return tuple(found)


def _events(plain: Plain, voice: Voice) -> Picture:
    told, name = plain["diagnostics"], plain["effect"]
    unit = _PATH_UNIT.get(name, str(plain["unit"]))
    if told.get("outcome") == "net" and unit != "1":
        unit = "EUR"
    paths = {_("Online"): (Hue.ONLINE, told["path"])}
    if "path_online" in told:
        paths = {
            _("Store"): (Hue.STORE, told["path"]),
            _("Online"): (Hue.ONLINE, told["path_online"]),
        }
    starts = sorted({row["from_month"] for _hue, rows in paths.values() for row in rows})
    lines = tuple(
        Line(voice.say(label), hue, _marks(rows, starts, unit, voice))
        for label, (hue, rows) in paths.items()
    )
    return Events(
        title=title(plain, voice),
        steps=tuple(voice.number(start) for start in starts),
        lines=lines,
        ticks=_ticks(lines, unit, voice),
        before=sum(start < 0 for start in starts),
        split_text=voice.say(_SPLIT[told.get("event", name)]),
        steps_text=voice.say("Months since then, three a step"),
        axis=_axis(unit, voice),
    )


#: What stands beside the axis of a path, by the unit of its figures.
_AXES = {
    "1": _("Change, %"),
    "orders per person and month": _("Change, orders a person and month"),
    "articles per person and month": _("Change, articles a person and month"),
}


def _axis(unit: str, voice: Voice) -> str:
    if unit in _AXES:
        return voice.say(_AXES[unit])
    return voice.say("Change, %(unit)s", unit=voice.say(unit))


def _marks(
    rows: Sequence[Plain], starts: Sequence[float], unit: str, voice: Voice
) -> tuple[Mark, ...]:
    known = {row["from_month"]: row for row in rows}
    marks = []
    for start in starts:
        row = known.get(start)
        if row is None or row["estimate"] is None:
            marks.append(Mark("", None, ""))
            continue
        low, high = (amount(row[end], unit, voice) for end in ("low", "high"))
        text = voice.say(
            "%(value)s (%(low)s to %(high)s)",
            value=amount(row["estimate"], unit, voice), low=low, high=high,
        )  # fmt: skip
        marks.append(Mark("", row["estimate"], text, low=row["low"], high=row["high"]))
    return tuple(marks)


def _ticks(lines: Sequence[Line], unit: str, voice: Voice) -> tuple[Limit, ...]:
    """Round levels on both sides of zero."""
    values = [v for line in lines for m in line.marks for v in (m.low, m.high) if v is not None]
    most, least = max([*values, 0.0]), min([*values, 0.0])
    step = levels(max(most, -least))[1]
    places = range(-int(-least // step) - (least < 0), int(most // step) + 2)
    return tuple(Limit(step * at, amount(step * at, unit, voice)) for at in places)


def _new_euros(euros: Plain, voice: Voice) -> Picture:
    """The waterfall of new euros: all, those the stores lost, and on their end those that are new.

    Where the stores gained too, there is nothing to take off: all three begin at zero.
    """
    lost = max(euros["diverted"], 0.0)
    told = {"online": voice.money(euros["online"]), "new": voice.money(euros["incremental"])}
    marks = (
        Mark(voice.say("Newly spent online"), euros["online"], told["online"], Hue.ONLINE),
        Mark(
            voice.say("of which the stores lost"), lost, voice.money(euros["diverted"]), Hue.STORE
        ),
        Mark(
            voice.say("of which new"), max(euros["incremental"], 0.0), told["new"], Hue.BOTH,
            low=max(euros["low"], 0.0), high=max(euros["high"], 0.0), base=lost,
        ),
    )  # fmt: skip
    title = voice.say("New online euros: taken from the stores, and new")
    if 0 < lost < euros["online"]:
        title = voice.say(
            "Of %(online)s newly spent online the stores lost %(lost)s, and %(new)s is new",
            lost=voice.money(lost),
            **told,
        )
    return Bars(title, (Group("", marks),), axis=f"{voice.say('Net revenue')}, {voice.currency}")


def _over_time(rows: Sequence[Plain], voice: Voice) -> Picture:
    """The share lost by the stores, by time since the first online purchase."""
    known = [row for row in rows if row["low"] is not None and row["high"] is not None]
    starts = [row["from_month"] for row in known]
    marks = _marks(known, starts, "1", voice)
    line = Line(voice.say("Share lost by the stores"), Hue.STORE, marks)
    return Events(
        title=voice.say("Share lost by the stores, by months since the first online purchase"),
        steps=tuple(voice.number(start) for start in starts),
        lines=(line,),
        ticks=_ticks((line,), "1", voice),
        before=0,
        split_text="",
        steps_text=voice.say("Months since then, three a step"),
        axis=voice.say("Share lost by the stores, %"),
    )
