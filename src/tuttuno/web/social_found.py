"""The finding about who of the buyers is active on social media."""

from collections.abc import Sequence

from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row, of_buyers
from tuttuno.web.locale import Speech

#: Fewer are not compared in a title.
_FEWEST = 30


def social_activity(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many are active and what they spend, and that the two are no cause and effect."""
    rows: Sequence[Row] = answer.rows
    levels = {row["level"]: row for row in rows}
    active, whole = levels["active"], levels["all"]
    share = speech.percent(active["persons_share"])
    if active["spend_ratio"] is None:
        title = speech.say("No known buyer was seen to be active on social media.")
        return Finding(title, share, of_buyers(whole["persons"], speech))
    count = speech.many("%(count)s person", "%(count)s people", int(active["persons"]))
    if active["persons"] < _FEWEST:
        title = speech.say(
            "Only %(people)s among the known buyers were seen to be active on social media: too "
            "few to compare.",
            people=count,
        )
        return Finding(title, share, of_buyers(whole["persons"], speech))
    title = speech.say(
        "%(share)s of the buyers are active on social media; they spend %(times)s times what the "
        "others spend, mostly for other reasons.",
        share=share,
        times=speech.number(active["spend_ratio"], 2),
    )
    return Finding(title, count, of_buyers(whole["persons"], speech))
