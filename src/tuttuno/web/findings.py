"""The sentence at the top of a page, made from the numbers under it."""

from collections.abc import Callable, Mapping, Sequence

from tuttuno.chart.figures import is_text, word_of, written
from tuttuno.measures.answer import Answer
from tuttuno.web.buyers_found import (
    channel_class,
    channel_share,
    coverage,
    generations,
    online_exclusives,
    reachability,
    rfm,
)
from tuttuno.web.finding import Finding, Row, nothing
from tuttuno.web.interests_found import interests
from tuttuno.web.locale import Speech
from tuttuno.web.moves_found import (
    channel_migration,
    click_and_collect,
    cohorts,
    first_crossing,
    growth,
    product_overlap,
    returns,
)
from tuttuno.web.social_found import social_activity
from tuttuno.web.spread_found import spread
from tuttuno.web.together_found import basket_affinity, next_product
from tuttuno.web.worth_found import (
    churn_risk,
    lifetime_value,
    multichannel_worth,
    purchases_foreseen,
)


def finding(answer: Answer, speech: Speech) -> Finding:
    """Say what an answer found; that it found nothing is a finding too."""
    if not answer.rows:
        return nothing(speech)
    told = _FINDINGS.get(answer.measure)
    if answer.by:
        return spread(answer, speech) or _plain(answer, speech)
    found = told(answer, speech) if told is not None else None
    return found or _plain(answer, speech)


def _plain(answer: Answer, speech: Speech) -> Finding:
    """Name the row with the largest first figure."""
    texts = [column for column in answer.columns if is_text(column)]
    figures = [column for column in answer.columns if not is_text(column)]
    label = speech.say(answer.label)
    if not (texts and figures):
        return Finding(label)
    word, figure = texts[0].name, figures[0]
    rows: Sequence[Row] = answer.rows
    known = [row for row in rows if row[figure.name] is not None]
    if not known:
        return nothing(speech)
    sums: dict[str, float] = {}
    for row in known:
        said = word_of(word, row, speech)
        sums[said] = sums.get(said, 0.0) + float(row[figure.name])
    if figure.kind not in {"count", "money"}:
        sums = {word_of(word, row, speech): float(row[figure.name]) for row in known}
    first = max(sums, key=lambda said: sums[said])
    title = speech.say(
        "%(measure)s: %(figure)s highest for %(what)s.",
        measure=label,
        figure=speech.say(figure.label).lower(),
        what=first,
    )
    return Finding(title, written(sums[first], figure, speech), speech.say(figure.label).lower())


_FINDINGS: Mapping[str, Callable[[Answer, Speech], Finding | None]] = {
    "channel_class": channel_class,
    "channel_migration": channel_migration,
    "channel_share": channel_share,
    "click_and_collect": click_and_collect,
    "cohorts": cohorts,
    "first_crossing": first_crossing,
    "coverage": coverage,
    "generations": generations,
    "growth": growth,
    "online_exclusives": online_exclusives,
    "product_overlap": product_overlap,
    "reachability": reachability,
    "returns": returns,
    "rfm": rfm,
    "lifetime_value": lifetime_value,
    "multichannel_worth": multichannel_worth,
    "purchases_foreseen": purchases_foreseen,
    "social_activity": social_activity,
    "interests": interests,
    "basket_affinity": basket_affinity,
    "next_product": next_product,
    "churn_risk": churn_risk,
}
