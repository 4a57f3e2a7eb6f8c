"""The picture of who is active on social media, and what the active buy."""

from tuttuno.chart.figures import Row, Way, first_part
from tuttuno.chart.naming import named
from tuttuno.chart.picture import Bars, Group, Hue, Mark, Picture
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer

#: Everybody and the sum of the active stand in the table, not beside their own parts.
_DRAWN = ("inactive", "once", "several", "often")


def social_activity(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Show what a buyer of each level spends, the size of the level beside its name."""
    rows = first_part(answer)
    known = {row["level"]: row for row in rows if row["revenue_per_person"] is not None}
    marks = tuple(_mark(known[level], voice) for level in _DRAWN if level in known)
    title = voice.say("Net revenue per buyer, by how often she was active on social media")
    axis = f"{voice.say('Net revenue per buyer')}, {voice.currency}"
    return Bars(title, (Group("", marks),), axis=axis) if marks else None


def _mark(row: Row, voice: Voice) -> Mark:
    label = voice.say(
        "%(level)s · %(share)s of the buyers",
        level=named(row["level"], voice),
        share=voice.percent(row["persons_share"]),
    )
    hue = Hue.UNKNOWN if row["level"] == "inactive" else Hue.ONLINE
    return Mark(label, row["revenue_per_person"], voice.money(row["revenue_per_person"]), hue)
