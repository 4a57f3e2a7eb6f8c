"""The findings about what is bought with what, and what next."""

from collections.abc import Sequence

from tuttuno.chart.together import called
from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row
from tuttuno.web.locale import Speech


def basket_affinity(answer: Answer, speech: Speech) -> Finding | None:
    """Name the pair furthest from chance, and how far it is."""
    rows: Sequence[Row] = answer.rows
    first = rows[0]
    title = speech.say(
        "%(given)s and %(also)s are bought together %(times)s times as often as by chance.",
        given=called(first, "given"),
        also=called(first, "also"),
        times=speech.number(first["lift"], 1),
    )
    found = speech.many("%(count)s rule", "%(count)s rules", len(rows))
    return Finding(title, found, speech.say("that are more than chance"))


def next_product(answer: Answer, speech: Speech) -> Finding | None:
    """Say how often a list of what is new to a buyer hits, beside the best-sellers."""
    rows: Sequence[Row] = answer.rows
    whole = next((row for row in rows if (row["list"], row["given"]) == ("novel", "all")), None)
    if whole is None or whole["hit_rate"] is None:
        return None
    own, popular = speech.percent(whole["hit_rate"], 0), speech.percent(whole["popular_rate"], 0)
    if whole["low"] <= whole["popular_rate"]:
        title = speech.say(
            "Lists of what is new to each buyer foresee no more than the best-sellers do: "
            "%(share)s against %(popular)s.",
            share=own,
            popular=popular,
        )
    else:
        title = speech.say(
            "Of the buyers who bought something new to them, %(share)s found it on a list of "
            "their own; the best-sellers had it for %(popular)s.",
            share=own,
            popular=popular,
        )
    told = speech.many("of %(count)s buyer tried", "of %(count)s buyers tried", whole["tried"])
    return Finding(title, own, told)
