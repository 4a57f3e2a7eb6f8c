"""The finding about what people look at and what they then buy of it."""

from collections.abc import Sequence

from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row
from tuttuno.web.locale import Speech


def interests(answer: Answer, speech: Speech) -> Finding | None:
    """Say how much of what known people looked at they then bought, and on which side."""
    rows: Sequence[Row] = answer.rows
    whole = next((row for row in rows if row["signal"] == "any"), None)
    if whole is None or not whole["settled"]:
        return Finding(
            speech.say(
                "Nothing that a known person looked at is old enough to say what came of it."
            )
        )
    days = next(one.value for one in answer.parameters if one.name == "interests.days")
    share = speech.percent(whole["bought_share"])
    title = speech.say(
        "Of what known people looked at, put in a cart or wished for, %(share)s was bought within "
        "%(days)s days: %(online)s online, %(store)s in store.",
        share=share,
        days=speech.number(days),
        online=speech.percent(whole["online_share"]),
        store=speech.percent(whole["store_share"]),
    )
    of = speech.say(
        "of %(count)s interests, one person and one thing each; between %(low)s and %(high)s; "
        "%(known)s of the touches are a known person’s",
        count=speech.number(whole["settled"]),
        low=speech.percent(whole["low"]),
        high=speech.percent(whole["high"]),
        known=speech.percent(whole["known_share"], 0),
    )
    return Finding(title, share, of)
