"""The findings about what the buyers are expected to be worth."""

from collections.abc import Sequence

from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row, of_buyers
from tuttuno.web.locale import Speech

#: A share below this is hardly anybody.
_HARDLY = 0.005


def lifetime_value(answer: Answer, speech: Speech) -> Finding | None:
    """Say what the best tenth is expected to make of the revenue to come."""
    rows: Sequence[Row] = answer.rows
    tiers = {row["tier"]: row for row in rows if row["scope"] == "all"}
    whole, best = tiers.get("all"), tiers.get("top_10")
    if whole is None or best is None or best["value_share"] is None:
        return None
    weeks = next(one.value for one in answer.parameters if one.name == "lifetime_value.weeks")
    title = speech.say(
        "The best tenth of the buyers is expected to make %(share)s of the revenue of the next "
        "%(weeks)s weeks.",
        share=speech.fraction(best["value_share"]),
        weeks=speech.number(weeks),
    )
    money = speech.short(whole["value"], speech.currency)
    return Finding(title, money, of_buyers(whole["persons"], speech))


def churn_risk(answer: Answer, speech: Speech) -> Finding | None:
    """Say what share of all who ever bought have probably left."""
    rows: Sequence[Row] = answer.rows
    whole = next((row for row in rows if (row["class"], row["risk"]) == ("all", "all")), None)
    if whole is None or whole["alive"] is None:
        return None
    left = 1.0 - float(whole["alive"])
    if left < _HARDLY:
        title = speech.say("Hardly anybody who ever bought seems to have left for good.")
        return Finding(title, speech.percent(left), of_buyers(whole["persons"], speech))
    title = speech.say(
        "About %(share)s of those who ever bought have probably left for good.",
        share=speech.percent(left, 0),
    )
    said = speech.say("about %(count)s people", count=speech.number(round(whole["left"])))
    return Finding(title, said, of_buyers(whole["persons"], speech))
