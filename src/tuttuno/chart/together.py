"""Pictures of what is bought with what, and what next."""

from tuttuno.chart.figures import Row, Way, first_split, rows_of
from tuttuno.chart.naming import named
from tuttuno.chart.picture import Dots, Mark, Picture
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer

#: Rules drawn; the table has all of them.
_MOST = 14


def leaf(path: object) -> str:
    """Say where paths in a tree of categories end.

    >>> leaf("Food > Bread + Food > Fat")
    'Bread + Fat'
    """
    return " + ".join(each.split(" > ")[-1] for each in str(path).split(" + "))


def basket_affinity(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Show how far the surest rules lie from chance, categories before products."""
    rows = list(rows_of(answer))
    if answer.by:
        first = first_split(answer)[0][0]
        rows = [row for row in rows if row[answer.by[0]] == first]
    level = rows[0]["level"]
    marks = tuple(_mark(row, voice) for row in rows if row["level"] == level)[:_MOST]
    title = voice.say("Bought together, times as often as by chance: %(level)s",
                      level=named(level, voice).lower())  # fmt: skip
    return Dots(title, marks, 1.0, voice.say("as by chance"))


def _mark(row: Row, voice: Voice) -> Mark:
    both = voice.say("%(one)s → %(other)s", one=leaf(row["given"]), other=leaf(row["also"]))
    times = voice.say("%(times)s×", times=voice.number(row["lift"], 1))
    tip = voice.say(
        "%(both)s: %(times)s, %(share)s of those with the first, %(count)s baskets",
        both=both,
        times=times,
        share=voice.percent(row["confidence"], 0),
        count=voice.number(row["baskets"]),
    )
    return Mark(both, row["lift"], times, tip=tip)
