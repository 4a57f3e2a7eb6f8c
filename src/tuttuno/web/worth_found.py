"""The findings about what the buyers are expected to be worth."""

from collections.abc import Sequence

from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row, capital, of_buyers
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


def purchases_foreseen(answer: Answer, speech: Speech) -> Finding | None:
    """Say how far what was expected of the quarters lay from what they brought."""
    rows: Sequence[Row] = [row for row in answer.rows if row["bought"] == "all"]
    if not rows:
        return None
    came = sum(float(row["persons"] * row["actual"]) for row in rows)
    expected = sum(float(row["persons"] * row["expected"]) for row in rows)
    if not expected:
        return None
    quarters = speech.many("the last quarter", "the last %(count)s quarters", len(rows))
    away = came / expected - 1.0
    if abs(away) < _HARDLY:
        title = speech.say("%(quarters)s brought what was foreseen.", quarters=capital(quarters))
    elif away > 0:
        title = speech.say(
            "%(quarters)s brought %(share)s more purchase days than foreseen.",
            quarters=capital(quarters),
            share=speech.percent(away),
        )
    else:
        title = speech.say(
            "%(quarters)s brought %(share)s fewer purchase days than foreseen.",
            quarters=capital(quarters),
            share=speech.percent(-away),
        )
    said = speech.say("%(count)s purchase days", count=speech.number(came))
    told = speech.say("foreseen were %(count)s", count=speech.number(expected))
    return Finding(title, said, told)


def multichannel_worth(answer: Answer, speech: Speech) -> Finding | None:
    """Say the figure that everybody quotes only together with what is left of it."""
    rows: Sequence[Row] = answer.rows
    told = {row["comparison"]: row for row in rows}
    seen, alike = told.get("as_seen"), told.get("like_with_like")
    if seen is None or alike is None or seen["times"] is None or alike["times"] is None:
        return Finding(
            speech.say(
                "What buyers in both channels are worth beside others like them cannot be told."
            )
        )
    title = speech.say(
        "Buyers in both channels spend %(times)s times as much as the others; beside others who "
        "bought as often and as much before, %(alike)s times.",
        times=speech.number(seen["times"], 1),
        alike=speech.number(alike["times"], 2),
    )
    said = speech.say("%(times)s times", times=speech.number(alike["times"], 2))
    within = speech.say(
        "between %(low)s and %(high)s, B adjusted: no effect of the second channel",
        low=speech.number(alike["low"], 2),
        high=speech.number(alike["high"], 2),
    )
    return Finding(title, said, within)
