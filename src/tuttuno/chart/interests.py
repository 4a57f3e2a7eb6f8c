"""The pictures of what people looked at, and what came of it."""

from tuttuno.chart.figures import Row, Way, first_part, first_split
from tuttuno.chart.naming import named, said
from tuttuno.chart.picture import Bars, Group, Hue, Mark, Picture, Stack, Stacks
from tuttuno.chart.together import leaf
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer

#: Categories drawn; the table has all of them.
_MOST = 14

#: With fewer settled interests a share is no more than an anecdote.
_FEWEST = 10


def interests(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Divide what was looked at, put in a cart, wished or searched by what came of it."""
    if answer.by:
        return by_split(answer, voice, way)
    rows = [row for row in first_part(answer, by_size="interests") if row["settled"]]
    stacks = tuple(_stack(row, voice) for row in rows)
    days = voice.number(_days(answer))
    title = voice.say("Bought within %(days)s days of the last look, or not", days=days)
    return Stacks(title, stacks) if stacks else None


def _days(answer: Answer) -> float | None:
    return next((one.value for one in answer.parameters if one.name == "interests.days"), None)


def _stack(row: Row, voice: Voice) -> Stack:
    parts = tuple(
        Mark(label, row[name] * row["settled"], voice.percent(row[name], 0), hue)
        for label, name, hue in (
            (voice.say("Bought online"), "online_share", Hue.ONLINE),
            (voice.say("Bought in store"), "store_share", Hue.STORE),
            (voice.say("Not bought"), "not_share", Hue.UNKNOWN),
        )
    )
    note = voice.say(
        "of %(count)s whose days have passed",
        count=voice.number(row["settled"]),
    )
    return Stack(named(row["signal"], voice), parts, note)


def by_split(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Show of each category, or another part, how much of what was looked at was not bought."""
    by = answer.by[0]
    marks = []
    for word, rows in first_split(answer, by_size="interests"):
        row = next((row for row in rows if row["signal"] == "any"), None)
        if row is None or row["settled"] < _FEWEST:
            continue
        share = voice.percent(row["not_share"], 0)
        tip = voice.say(
            "%(what)s: %(share)s of %(count)s things looked at were not bought, by %(persons)s "
            "people",
            what=said(by, word, voice),
            share=share,
            count=voice.number(row["settled"]),
            persons=voice.number(row["persons"]),
        )
        marks.append(
            Mark(leaf(said(by, word, voice)), row["not_share"], share, Hue.UNKNOWN,
                 low=1 - row["high"], high=1 - row["low"], tip=tip)
        )  # fmt: skip
    title = voice.say("Share of what was looked at that was not bought, most looked at first")
    axis = voice.say("Share of what was looked at, %")
    return Bars(title, (Group("", tuple(marks[:_MOST])),), top=1.0, axis=axis) if marks else None
