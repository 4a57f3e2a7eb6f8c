"""The picture of who can be contacted again: kinds of buyers side by side, and where they fall."""

from collections.abc import Sequence

from tuttuno.chart.figures import Row, Way, first_part
from tuttuno.chart.naming import hue_of, named
from tuttuno.chart.picture import Bars, Group, Limit, Mark, Picture
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer


def reachability(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Set the kinds of buyers side by side, then show step by step how each gets there."""
    rows = first_part(answer)
    kinds = list(dict.fromkeys(row["buyer"] for row in rows))
    ends = [own[-1] for kind in kinds if (own := _known(rows, kind))]
    if not ends:
        return None
    groups = [Group(named(ends[0]["step"], voice), tuple(_end(row, voice) for row in ends))]
    groups += [
        Group(named(kind, voice), tuple(_falls(own, voice)))
        for kind in kinds
        if (own := _known(rows, kind))
    ]
    title = voice.say("From the buyer to the contact: who is left after each step")
    aims = [one.value for one in answer.parameters if one.name == "reachability.target"]
    target = Limit(aims[0], voice.say("Target %(share)s", share=voice.percent(aims[0], 0))) \
        if aims else None  # fmt: skip
    axis = voice.say("Share of the buyers, %")
    return Bars(title, tuple(groups), top=1.0, target=target, axis=axis)


def _known(rows: Sequence[Row], kind: object) -> list[Row]:
    return [row for row in rows if row["buyer"] == kind and row["rate"] is not None]


def _end(row: Row, voice: Voice) -> Mark:
    text, label = _share(row, voice), named(row["buyer"], voice)
    return Mark(
        label,
        row["rate"],
        text,
        hue_of(row["buyer"]),
        low=row["low"],
        high=row["high"],
        tip=voice.say(
            "%(who)s: %(share)s (%(people)s people)",
            who=label,
            share=text,
            people=voice.number(row["persons"]),
        ),
    )


def _falls(rows: list[Row], voice: Voice) -> list[Mark]:
    """Draw each step as what is left of the one before."""
    marks, before = [], None
    for row in rows:
        rate = _share(row, voice)
        tip = voice.say(
            "%(step)s: %(share)s (%(people)s people)",
            step=named(row["step"], voice),
            share=rate,
            people=voice.number(row["persons"]),
        )
        marks.append(
            Mark(
                named(row["step"], voice),
                row["rate"],
                rate,
                hue_of(row["buyer"]),
                tip=tip,
                fell=before,
            )
        )
        before = row["rate"]
    return marks


def _share(row: Row, voice: Voice) -> str:
    """Write a share left; where people are only estimated behind it, that it is a ceiling."""
    share = voice.percent(row["rate"], 0)
    wide = row["high"] - row["low"] > _SURE
    return voice.say("at most %(share)s", share=share) if wide else share


#: A share whose bounds are farther apart rests on people nobody has seen.
_SURE = 0.15
