"""Which picture an answer wants: the one a manager reads, measure by measure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tuttuno.chart.buyers import (
    age_bands,
    channel_class,
    channel_share,
    coverage,
    generations,
    online_exclusives,
    online_shares,
    rfm,
)
from tuttuno.chart.collecting import click_and_collect, store_by_store, under_control
from tuttuno.chart.figures import (
    TIMES,
    Way,
    in_unit,
    is_text,
    nowhere,
    rows_of,
    step_of,
    word_of,
    words_of,
    written,
)
from tuttuno.chart.interests import interests
from tuttuno.chart.moves import (
    channel_migration,
    cohorts,
    first_crossing,
    growth,
    product_overlap,
    returned_where,
    returns,
)
from tuttuno.chart.naming import hue_of, said
from tuttuno.chart.picture import (
    Bars,
    Dots,
    Group,
    Hue,
    Limit,
    Line,
    Lines,
    Mark,
    Picture,
    Stack,
    Stacks,
    levels,
)
from tuttuno.chart.reaching import reachability
from tuttuno.chart.social import social_activity
from tuttuno.chart.together import basket_affinity, next_pairs, next_product
from tuttuno.chart.voice import Voice
from tuttuno.chart.worth import (
    churn_calibration,
    churn_risk,
    foreseen_by_history,
    lifetime_value,
    multichannel_worth,
    purchases_foreseen,
)
from tuttuno.measures.answer import Answer, AnswerColumn

Draw = Callable[[Answer, Voice, Way], Picture | None]

#: Other measures whose picture belongs beside an answer's own.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "channel_class": ("multichannel_worth",),
    "channel_migration": ("first_crossing",),
    "lifetime_value": ("purchases_foreseen",),
}

#: By what an answer is also shown where nobody has split it.
SPLITS: Mapping[str, tuple[str, ...]] = {
    "click_and_collect": ("month", "store"),
    "interests": ("category",),
}


def picture(
    answer: Answer, voice: Voice, *, brief: bool = False, way: Way = nowhere
) -> Picture | None:
    """Return the picture of an answer; None when there is nothing to draw.

    Args:
        answer: What to draw.
        voice: Puts it into words.
        brief: Fit a tile: keep what says most.
        way: Where a click on a mark leads, by the words of its row.
    """
    if not answer.rows:
        return None
    full = _PICTURES.get(answer.measure, _plain)(answer, voice, way)
    return _brief(full) if brief else full


def further_pictures(
    answer: Answer,
    voice: Voice,
    *,
    way: Way = nowhere,
    splits: Mapping[str, Answer] | None = None,
    beside: Sequence[Answer] = (),
) -> tuple[Picture, ...]:
    """Return the other pictures of an answer that has several sides to it.

    Args:
        answer: What is shown, not split.
        voice: Puts it into words.
        way: Where a click on a mark leads, by the words of its row.
        splits: The same question split by each of `SPLITS`, as far as it was asked so.
        beside: Answers of the measures that `BESIDE` names, to the same question.
    """
    if answer.by or not answer.rows:
        return ()
    drawn = [draw(answer, voice, way)] if (draw := _FURTHER.get(answer.measure)) else []
    drawn += [
        _SPLIT_PICTURES[answer.measure, by](split, voice, way)
        for by in SPLITS.get(answer.measure, ())
        if (split := (splits or {}).get(by)) is not None and split.rows
    ]
    drawn += [picture(each, voice) for each in beside]
    return tuple(each for each in drawn if each is not None)


def _brief(full: Picture | None) -> Picture | None:
    match full:
        case Stacks(stacks=stacks):
            return replace(full, stacks=_largest(stacks))
        case Bars(groups=groups) if groups:
            return replace(full, groups=(_shortened(groups[full.tell]),), tell=0)
        case Dots(marks=marks):
            return replace(full, marks=marks[:8])
        case _:
            return full


def _largest(stacks: tuple[Stack, ...]) -> tuple[Stack, ...]:
    """Keep the largest three in their order."""
    whole = [sum(part.value or 0.0 for part in stack.parts) for stack in stacks]
    kept = sorted(range(len(stacks)), key=lambda at: -whole[at])[:3]
    return tuple(stacks[at] for at in sorted(kept))


def _shortened(group: Group) -> Group:
    return replace(group, marks=group.marks[:8])


def _plain(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Draw lines where the split is time, else bars of the first figure."""
    words = [column for column in answer.columns if is_text(column)]
    figures = [column for column in answer.columns if not is_text(column)]
    if not words or not figures:
        return None
    first, figure = words[0], figures[0]
    title = f"{voice.say(answer.label)}: {voice.say(figure.label)}"
    if first.name in TIMES:
        return _over_time(answer, voice, figure, title)
    marks = tuple(
        Mark(
            word_of(first.name, row, voice),
            row[figure.name],
            written(row[figure.name], figure, voice),
            hue_of(row[first.name]),
            href=way(words_of(row, first.name)),
        )
        for row in rows_of(answer)[:30]
    )
    return Bars(title, (Group("", marks),), axis=in_unit(figure, voice))


def _over_time(answer: Answer, voice: Voice, figure: AnswerColumn, title: str) -> Picture:
    """Draw a line for each second word, the largest eight; one line where there is none."""
    time, *others = (column.name for column in answer.columns if is_text(column))
    steps = list(dict.fromkeys(str(row[time]) for row in rows_of(answer)))
    series: dict[object, dict[str, float]] = {}
    for row in rows_of(answer):
        key = row[others[0]] if others else None
        if row[figure.name] is not None:
            held = series.setdefault(key, {})
            held[str(row[time])] = held.get(str(row[time]), 0.0) + float(row[figure.name])
    largest = sorted(series.items(), key=lambda pair: -sum(pair[1].values()))[:8]
    lines = tuple(
        Line(
            said(others[0], key, voice) if others else voice.say(figure.label),
            hue_of(key) if others else Hue.PLAIN,
            tuple(
                Mark("", held.get(step), written(held.get(step), figure, voice)) for step in steps
            ),
        )
        for key, held in largest
    )
    top = max((value for _key, held in largest for value in held.values()), default=0.0)
    ticks = tuple(Limit(level, written(level, figure, voice)) for level in levels(top))
    return Lines(
        title,
        tuple(said(time, step, voice) for step in steps),
        lines,
        ticks,
        axis=in_unit(figure, voice),
        steps_text=step_of(time, voice),
    )


_PICTURES: Mapping[str, Draw] = {
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

_FURTHER: Mapping[str, Draw] = {
    "channel_share": online_shares,
    "churn_risk": churn_calibration,
    "generations": age_bands,
    "next_product": next_pairs,
    "purchases_foreseen": foreseen_by_history,
    "returns": returned_where,
}

_SPLIT_PICTURES: Mapping[tuple[str, str], Draw] = {
    ("click_and_collect", "month"): lambda answer, voice, _way: under_control(answer, voice),
    ("click_and_collect", "store"): store_by_store,
    ("interests", "category"): interests,
}
