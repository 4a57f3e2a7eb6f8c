"""Pictures of what buyers are expected to be worth."""

from tuttuno.chart.figures import Way, first_split, rows_of
from tuttuno.chart.naming import named
from tuttuno.chart.picture import Bars, Group, Mark, Picture
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer


def lifetime_value(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Compare what the value tiers are of the buyers and of the revenue expected."""
    rows = [row for row in rows_of(answer) if row["scope"] == "all" and row["tier"] != "all"]
    if answer.by:
        first = first_split(answer)[0][0]
        rows = [row for row in rows if row[answer.by[0]] == first]
    buyers = sum(row["persons"] for row in rows)
    if not buyers:
        return None
    groups = []
    for label, shares in (
        (voice.say("Share of the buyers"), [row["persons"] / buyers for row in rows]),
        (voice.say("Share of expected revenue"), [row["value_share"] for row in rows]),
    ):
        marks = tuple(
            Mark(
                named(row["tier"], voice),
                share,
                voice.percent(share, 0),
                tip=voice.say(
                    "%(tier)s: %(persons)s buyers, %(money)s each expected",
                    tier=named(row["tier"], voice),
                    persons=voice.number(row["persons"]),
                    money=voice.money(row["value_per_person"]),
                ),
            )
            for row, share in zip(rows, shares, strict=True)
        )
        groups.append(Group(label, marks))
    top = max(mark.value or 0.0 for group in groups for mark in group.marks)
    return Bars(voice.say("Buyers by the value expected of them"), tuple(groups), top=top, tell=1)
