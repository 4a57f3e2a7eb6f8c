"""The findings about what is bought with what, and what next."""

from collections.abc import Sequence

from tuttuno.chart.together import leaf
from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row
from tuttuno.web.locale import Speech


def basket_affinity(answer: Answer, speech: Speech) -> Finding | None:
    """Name the pair furthest from chance, and how far it is."""
    rows: Sequence[Row] = answer.rows
    first = rows[0]
    title = speech.say(
        "%(given)s and %(also)s are bought together %(times)s times as often as by chance.",
        given=leaf(first["given"]),
        also=leaf(first["also"]),
        times=speech.number(first["lift"], 1),
    )
    found = speech.many("%(count)s rule", "%(count)s rules", len(rows))
    return Finding(title, found, speech.say("that are more than chance"))
