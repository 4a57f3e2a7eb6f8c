"""Pictures of who the buyers are: classes, shares, ages, segments, and who can be reached."""

from collections.abc import Sequence

from tuttuno.chart.figures import (
    TIMES,
    Row,
    Way,
    first_part,
    first_split,
    rows_of,
    share_of,
    step_of,
    total,
    within,
    word_of,
    words_of,
)
from tuttuno.chart.naming import hue_of, named, said
from tuttuno.chart.picture import (
    Bars,
    Group,
    Hue,
    Limit,
    Line,
    Lines,
    Mark,
    Picture,
    Stack,
    Stacks,
)
from tuttuno.chart.voice import Voice, _
from tuttuno.measures.answer import Answer

#: Left to right in every stack, so that a channel always stands at the same side.
_CLASSES = ("online_only", "both", "store_only")
_CHANNELS = ("web", "app", "marketplace", "social", "store", "phone")


def channel_class(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Stack the classes: of buyers, revenue and orders, or of the values of the split."""
    title = voice.say("Buyers by the channels they use")
    if answer.by:
        by = answer.by[0]
        stacks = [
            classes(said(by, word, voice), rows, "persons", voice, within(way, {by: word}))
            for word, rows in first_split(answer)[:24]
        ]
        return Stacks(title, tuple(stacks))
    return Stacks(
        title,
        tuple(
            classes(named(what, voice), rows_of(answer), what, voice, way)
            for what in ("persons", "revenue", "orders")
        ),
    )


def classes(label: str, rows: Sequence[Row], what: str, voice: Voice, way: Way) -> Stack:
    """Stack what the classes have of one figure."""
    whole = total(rows, what)
    parts = []
    for word in _CLASSES:
        value = total([row for row in rows if row["class"] == word], what)
        text = voice.percent(share_of(value, whole), 0)
        figure = _amount(value, what, voice)
        parts.append(
            Mark(
                named(word, voice),
                value,
                text,
                hue_of(word),
                href=way({"class": word}),
                tip=f"{named(word, voice)}: {text} ({figure})",
            )
        )
    return Stack(label, tuple(parts), _amount(whole, what, voice))


def _amount(value: float, what: str, voice: Voice) -> str:
    if what == "revenue":
        return voice.short(value, voice.currency)
    words = {"persons": _("%(count)s buyers"), "orders": _("%(count)s orders")}
    text = words.get(what)
    return voice.say(text, count=voice.number(value)) if text else voice.number(value)


def coverage(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Stack the known against the anonymous, or compare them over time or by the split."""
    if answer.by and answer.by[0] in TIMES:
        return _coverage_over_time(answer, voice)
    title = voice.say("Sales with a known buyer")
    if answer.by:
        by = answer.by[0]
        marks = tuple(
            Mark(
                said(by, row[by], voice),
                row["identified_revenue"],
                voice.percent(row["identified_revenue"], 0),
                Hue.BOTH,
                href=way(words_of(row, by)),
                tip=voice.say(
                    "%(what)s: %(share)s of %(money)s",
                    what=said(by, row[by], voice),
                    share=voice.percent(row["identified_revenue"]),
                    money=voice.short(row["revenue"], voice.currency),
                ),
            )
            for row in rows_of(answer)
        )
        named_by = voice.say("Revenue with a known buyer")
        axis = voice.say("Share of revenue, %")
        return Bars(title, (Group(named_by, marks[:40]),), top=1.0, axis=axis)
    row: Row = answer.rows[0]
    stacks = []
    for what, whole in (("identified_sales", "sales"), ("identified_revenue", "revenue")):
        share = row[what]
        if share is None:
            continue
        known = Mark(named("known", voice), share, voice.percent(share, 0), Hue.BOTH)
        rest = Mark(named("anonymous", voice), 1 - share, voice.percent(1 - share, 0), Hue.UNKNOWN)
        note = voice.short(row[whole], voice.currency if whole == "revenue" else "")
        stacks.append(Stack(named(whole, voice), (known, rest), note))
    return Stacks(title, tuple(stacks))


def _coverage_over_time(answer: Answer, voice: Voice) -> Picture:
    by, hues = answer.by[0], (Hue.BOTH, Hue.PLAIN)
    lines = tuple(
        Line(
            next(voice.say(c.label) for c in answer.columns if c.name == share),
            hue,
            tuple(Mark("", row[share], voice.percent(row[share])) for row in rows_of(answer)),
        )
        for share, hue in zip(("identified_sales", "identified_revenue"), hues, strict=True)
    )
    ticks = tuple(Limit(level, voice.percent(level, 0)) for level in (0.0, 0.25, 0.5, 0.75, 1.0))
    steps = tuple(said(by, row[by], voice) for row in rows_of(answer))
    return Lines(
        voice.say(answer.label),
        steps,
        lines,
        ticks,
        axis=voice.say("Share with a known buyer, %"),
        steps_text=step_of(by, voice),
    )


def channel_share(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Stack the channels: of revenue and orders, or of revenue by the values of the split."""
    title = voice.say("Sales by channel, anonymous ones included")
    if answer.by:
        by = answer.by[0]
        stacks = [
            _channels(said(by, word, voice), rows, "revenue", voice, way)
            for word, rows in first_split(answer, by_size="revenue")[:24]
        ]
        return Stacks(title, tuple(stacks))
    stacks = [
        _channels(named(what, voice), rows_of(answer), what, voice, way)
        for what in ("revenue", "orders")
    ]
    return Stacks(title, tuple(stacks))


def _channels(label: str, rows: Sequence[Row], what: str, voice: Voice, way: Way) -> Stack:
    by_channel = {row["part"]: row for row in rows if row["split"] == "channel"}
    whole = total(list(by_channel.values()), what)
    parts = tuple(
        Mark(
            named(channel, voice),
            row[what],
            voice.percent(row[f"{what}_share"], 0),
            hue_of(channel),
            href=way({"channel": channel}),
            tip=f"{named(channel, voice)}: {voice.percent(row[f'{what}_share'])} "
            f"({_amount(row[what], what, voice)})",
        )
        for channel in _CHANNELS
        if (row := by_channel.get(channel)) and (row[what] or 0) > 0
    )
    return Stack(label, parts, _amount(whole, what, voice))


def online_shares(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Show how the known buyers divide by the online share of their own spend."""
    rows = [row for row in rows_of(answer) if row["split"] == "online_share"]
    marks = tuple(
        Mark(
            named(row["part"], voice),
            row["persons_share"],
            voice.percent(row["persons_share"], 0),
            Hue.UNKNOWN if row["part"] == "unknown" else Hue.ONLINE,
            tip=f"{named(row['part'], voice)}: {_amount(row['persons'], 'persons', voice)}, "
            f"{voice.short(row['revenue'], voice.currency)}",
        )
        for row in rows
    )
    label = voice.say("Known buyers by the online share of their own spend")
    axis = voice.say("Known buyers, people")
    return Bars(label, (Group(label, marks),), axis=axis) if marks else None


def generations(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Stack the classes of each generation, the largest first named."""
    return _ages(answer, "generation", voice, way)


def age_bands(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Stack the classes of each age band."""
    return _ages(answer, "age_band", voice, way)


def _ages(answer: Answer, split: str, voice: Voice, way: Way) -> Picture:
    rows = [row for row in rows_of(answer) if row["split"] == split]
    stacks = []
    for part in dict.fromkeys(row["part"] for row in rows):
        own = [row for row in rows if row["part"] == part]
        label = voice.say("Year of birth not known") if part is None else named(part, voice)
        stacks.append(classes(label, own, "persons", voice, within(way, {split: part})))
    title = {
        "generation": voice.say("Channel classes by generation"),
        "age_band": voice.say("Channel classes by age"),
    }[split]
    return Stacks(title, tuple(stacks))


def online_exclusives(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Show the exclusive online buyers since when, with which past, near which store."""
    rows = [row for row in rows_of(answer) if row["split"] not in {"all", "products"}]
    whole = total([row for row in rows if row["split"] == "past"], "persons")
    groups = []
    for split in ("past", "since", "store_near", "home_store"):
        own = [row for row in rows if row["split"] == split]
        if split == "home_store":
            own = sorted(own, key=lambda row: -(row["persons"] or 0))[:10]
        marks = tuple(_exclusive(row, whole, voice, way) for row in own)
        groups.append(Group(named(split, voice), marks))
    title = voice.say("Exclusive online buyers: past, first order, store nearby")
    axis = voice.say("Exclusive online buyers, people")
    return Bars(title, tuple(groups), top=whole or None, axis=axis)


def _exclusive(row: Row, whole: float, voice: Voice, way: Way) -> Mark:
    share = voice.percent(share_of(row["persons"] or 0, whole), 0)
    text = f"{voice.number(row['persons'])} · {share}"
    hue = Hue.UNKNOWN if row["part"] is None else Hue.ONLINE
    label = word_of("part", row, voice)
    return Mark(label, row["persons"], text, hue, href=way(words_of(row, "part")))


def rfm(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Compare what the segments are of the buyers and what they make of the revenue."""
    rows = [row for row in first_part(answer) if row["scope"] == "all"]
    groups = []
    for share, label in (
        ("persons_share", voice.say("Share of the buyers")),
        ("revenue_share", voice.say("Share of the revenue")),
    ):
        marks = tuple(
            Mark(
                named(row["segment"], voice),
                row[share],
                voice.percent(row[share], 0),
                tip=_segment(row, voice),
            )
            for row in rows
        )
        groups.append(Group(label, marks))
    top = max(row[share] or 0.0 for row in rows for share in ("persons_share", "revenue_share"))
    title, axis = voice.say("Segments by recency and frequency"), voice.say("Share, %")
    return Bars(title, tuple(groups), top=top, tell=1, axis=axis)


def _segment(row: Row, voice: Voice) -> str:
    return voice.say(
        "%(segment)s: %(persons)s buyers, last purchase %(recency)s days ago on average, "
        "%(frequency)s days with a purchase, %(money)s each",
        segment=named(row["segment"], voice),
        persons=voice.number(row["persons"]),
        recency=voice.number(row["recency"]),
        frequency=voice.number(row["frequency"], 1),
        money=voice.money(row["monetary"]),
    )
