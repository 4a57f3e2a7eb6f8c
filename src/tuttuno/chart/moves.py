"""Pictures of how buyers and goods move: between classes, back again, over time, to the store."""

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
)
from tuttuno.chart.naming import hue_of, named, said
from tuttuno.chart.picture import (
    Bars,
    Dots,
    Flow,
    Grid,
    Group,
    Hue,
    Limit,
    Line,
    Lines,
    Link,
    Mark,
    Node,
    Picture,
    Stack,
    Stacks,
    levels,
)
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer

#: From the top down at both sides of a flow, so that who stays goes straight across.
_STATES = ("online_only", "collected_only", "both", "store_only", "lapsed", "none")


def channel_migration(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Draw the moves from one step to the next; who stayed away is counted but not drawn."""
    rows = [row for row in first_part(answer) if (row["from"], row["to"]) != ("lapsed", "lapsed")]
    if not rows:
        return None
    everybody = total(rows, "persons")
    before = {state: total([r for r in rows if r["from"] == state], "persons") for state in _STATES}
    after = {state: total([r for r in rows if r["to"] == state], "persons") for state in _STATES}
    links = sorted(rows, key=lambda r: (_STATES.index(r["from"]), _STATES.index(r["to"])))
    return Flow(
        voice.say("Moves between channels, from one step to the next"),
        _nodes(before, everybody, voice, {"lapsed": voice.say("Came back")}),
        _nodes(after, everybody, voice, {}),
        tuple(_link(row, voice) for row in links),
        before_text=voice.say("Before"),
        after_text=voice.say("After"),
    )


def _nodes(
    sums: dict[str, float], everybody: float, voice: Voice, otherwise: dict[str, str]
) -> tuple[Node, ...]:
    return tuple(
        Node(
            state,
            otherwise.get(state) or named(state, voice),
            f"{voice.number(persons)} · {voice.percent(share_of(persons, everybody), 0)}",
            hue_of(state),
        )
        for state, persons in sums.items()
        if persons
    )


def _link(row: Row, voice: Voice) -> Link:
    tip = voice.say(
        "%(share)s of those in “%(before)s” went to “%(after)s”: %(moves)s moves, "
        "%(ratio)s times what chance would give",
        share=voice.percent(row["probability"]),
        before=named(row["from"], voice),
        after=named(row["to"], voice),
        moves=voice.number(row["persons"]),
        ratio=voice.number(row["ratio"], 1),
    )
    return Link(row["from"], row["to"], float(row["persons"]), tip)


def cohorts(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Shade who came back in each month after the first; a split compares lines instead."""
    if answer.by:
        return _retention_by(answer, voice)
    rows = rows_of(answer)
    ages = sorted({int(row["age"]) for row in rows if row["age"]})
    if not ages:
        return None
    groups = []
    for cohort in dict.fromkeys(row["cohort"] for row in rows):
        own = {int(row["age"]): row for row in rows if row["cohort"] == cohort}
        if not own[0]["persons"]:
            continue
        label = f"{voice.month(cohort)} · {voice.number(own[0]['persons'])}"
        marks = tuple(_came_back(own.get(age), age, label, voice) for age in ages)
        groups.append(Group(label, marks))
    top = max((mark.value or 0.0 for group in groups for mark in group.marks), default=0.0)
    caption = voice.say("Of 100 first buyers, how many bought again so many months later")
    columns = tuple(voice.number(age) for age in ages)
    title = voice.say("Who came back, by month of the first purchase")
    return Grid(title, columns, tuple(groups), top, caption)


def _came_back(row: Row | None, age: int, label: str, voice: Voice) -> Mark:
    if row is None:
        return Mark(label, None, "")
    tip = voice.say(
        "First bought in %(cohort)s: %(active)s of %(persons)s bought again %(age)s months later, "
        "%(share)s (%(low)s to %(high)s)",
        cohort=voice.month(row["cohort"]),
        active=voice.number(row["active"]),
        persons=voice.number(row["persons"]),
        age=voice.number(age),
        share=voice.percent(row["retention"]),
        low=voice.percent(row["low"], 0),
        high=voice.percent(row["high"], 0),
    )
    share = row["retention"]
    return Mark(label, share, "" if share is None else voice.number(share * 100), tip=tip)


def _retention_by(answer: Answer, voice: Voice) -> Picture:
    by = answer.by[0]
    steps = sorted({int(row["age"]) for row in rows_of(answer) if row["age"]})
    lines = []
    for word, rows in first_split(answer)[:6]:
        marks = tuple(_of_age([row for row in rows if row["age"] == age], voice) for age in steps)
        lines.append(Line(said(by, word, voice), hue_of(word), marks))
    values = [mark.value or 0.0 for line in lines for mark in line.marks]
    ticks = tuple(
        Limit(level, voice.percent(level, 0)) for level in levels(max(values, default=0.0))
    )
    title = voice.say("Share that bought again, by months since the first purchase")
    return Lines(
        title,
        tuple(voice.number(age) for age in steps),
        tuple(lines),
        ticks,
        axis=voice.say("Share that bought again, %"),
        steps_text=voice.say("Months since the first purchase"),
    )


def _of_age(rows: Sequence[Row], voice: Voice) -> Mark:
    share = share_of(total(rows, "active"), total(rows, "persons"))
    return Mark("", share, voice.percent(share))


def growth(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Show the change of revenue on the year before, channel by channel."""
    if answer.by and answer.by[0] in TIMES:
        return _year_on_year(answer, voice)
    against = "year" if any(row["revenue_growth_year"] is not None for row in answer.rows) else ""
    against = against or "before"
    rows = [row for row in rows_of(answer) if row[f"revenue_growth_{against}"] is not None]
    if answer.by:
        rows = [row for row in rows if row["channel"] == "all"]
    marks = tuple(
        mark
        for row in rows
        for mark in (_grown(row, against, answer, voice, way), *_market(row, against, voice))
    )
    if not marks:
        return _sold_now(answer, voice, way)
    return Dots(
        voice.say("Change of net revenue"),
        marks,
        reference=0.0,
        reference_text={
            "year": voice.say("as a year before"),
            "before": voice.say("as in the window before"),
        }[against],
        axis=voice.say("Change, %"),
    )


def _market(row: Row, against: str, voice: Voice) -> tuple[Mark, ...]:
    """Return how the market changed, where the project supplies a series of it."""
    change = row.get(f"market_growth_{against}")
    if change is None:
        return ()
    text = f"{'+' if change > 0 else ''}{voice.percent(change)}"
    return (Mark(voice.say("the market"), change, text, Hue.UNKNOWN),)


def _sold_now(answer: Answer, voice: Voice, way: Way) -> Picture:
    """Show what was sold where nothing earlier is known to set it against."""
    by = answer.by[0] if answer.by else "channel"
    rows = [row for row in rows_of(answer) if (row["channel"] == "all") == bool(answer.by)]
    marks = tuple(
        Mark(
            said(by, row[by], voice),
            row["revenue"],
            voice.short(row["revenue"], voice.currency),
            hue_of(row[by]),
            href=way({by: row[by]}),
        )
        for row in rows
    )
    label = voice.say("Net revenue")
    return Bars(label, (Group(label, marks),), axis=f"{label}, {voice.currency}")


def _year_on_year(answer: Answer, voice: Voice) -> Picture:
    by = answer.by[0]
    rows = [row for row in rows_of(answer) if row["channel"] == "all"]
    lines = tuple(
        Line(label, hue, tuple(Mark("", row[name], voice.money(row[name])) for row in rows))
        for name, label, hue in (
            ("revenue", voice.say("This period"), Hue.ONLINE),
            ("revenue_year", voice.say("A year before"), Hue.UNKNOWN),
        )
    )
    values = [mark.value or 0.0 for line in lines for mark in line.marks]
    ticks = tuple(
        Limit(level, voice.short(level, voice.currency))
        for level in levels(max(values, default=0.0))
    )
    steps = tuple(said(by, row[by], voice) for row in rows)
    return Lines(
        voice.say("Net revenue and that of a year before"),
        steps,
        lines,
        ticks,
        axis=f"{voice.say('Net revenue')}, {voice.currency}",
        steps_text=step_of(by, voice),
    )


def _grown(row: Row, against: str, answer: Answer, voice: Voice, way: Way) -> Mark:
    change = row[f"revenue_growth_{against}"]
    sign = "+" if change > 0 else ""
    text = f"{sign}{voice.percent(change)} · {voice.short(row['revenue'], voice.currency)}"
    by = answer.by[0] if answer.by else "channel"
    label = voice.say("All channels") if row[by] == "all" else said(by, row[by], voice)
    href = "" if row[by] == "all" else way({by: row[by]})
    return Mark(label, change, text.replace("-", "\u2212", 1), hue_of(row[by]), href=href)


def product_overlap(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Set how often products are bought in both channels against chance."""
    by = answer.by[0] if answer.by else "level"
    marks = tuple(
        Mark(
            said(by, row[by], voice),
            row["ratio_to_chance"],
            voice.say("%(times)s × chance", times=voice.number(row["ratio_to_chance"], 2)),
            Hue.BOTH,
            low=row["low"],
            high=row["high"],
            href=way({by: row[by]}) if answer.by else "",
        )
        for row in rows_of(answer)[:40]
    )
    return Dots(
        voice.say("Products bought in both channels, against chance"),
        marks,
        reference=1.0,
        reference_text=voice.say("as by chance"),
        axis=voice.say("Times as many as by chance, ×"),
    )


def returns(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Show the share that comes back of what each channel, or each part, sold."""
    by = answer.by[0] if answer.by else "bought_in"
    groups: dict[object, list[Row]] = {}
    for row in rows_of(answer):
        groups.setdefault(row[by], []).append(row)
    marks = [_came_home(by, word, rows, voice, way) for word, rows in groups.items()]
    known = [mark for mark in marks if mark.value is not None]
    if not answer.by or answer.by[0] not in TIMES:
        known = sorted(known, key=lambda mark: -(mark.value or 0.0))
    label = voice.say("Net value brought back, of what was sold")
    axis = voice.say("Share of net sales, %")
    return Bars(label, (Group(label, tuple(known[:24])),), axis=axis) if known else None


def _came_home(by: str, word: object, rows: Sequence[Row], voice: Voice, way: Way) -> Mark:
    sold = sum({row["bought_in"]: float(row["sold"] or 0.0) for row in rows}.values())
    rate = share_of(total(rows, "returned"), sold)
    label = said(by, word, voice)
    tip = voice.say(
        "%(what)s: %(share)s of %(money)s comes back",
        what=label,
        share=voice.percent(rate),
        money=voice.short(sold, voice.currency),
    )
    lead = way({"channel" if by == "bought_in" else by: word})
    return Mark(label, rate, voice.percent(rate), hue_of(word), href=lead, tip=tip)


def returned_where(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Stack where the returns of each channel are brought."""
    sold = {row["bought_in"]: float(row["sold"] or 0.0) for row in rows_of(answer)}
    channels = sorted(sold, key=lambda word: -sold[word])
    stacks = []
    for channel in channels:
        own = [row for row in rows_of(answer) if row["bought_in"] == channel and row["returned"]]
        whole = total(own, "returned")
        parts = tuple(
            Mark(
                named(row["returned_in"], voice),
                float(row["returned"]),
                voice.percent(share_of(float(row["returned"]), whole), 0),
                hue_of(row["returned_in"]),
                tip=_days(row, voice),
            )
            for row in sorted(own, key=lambda row: row["returned_in"] == "store")
        )
        note = voice.short(whole, voice.currency)
        label = voice.say("Bought in: %(channel)s", channel=named(channel, voice))
        stacks.append(Stack(label, parts, note))
    return Stacks(voice.say("Where it is brought back to"), tuple(stacks))


def _days(row: Row, voice: Voice) -> str:
    return voice.say(
        "brought back to %(channel)s: %(money)s, half of it within %(days)s days",
        channel=named(row["returned_in"], voice),
        money=voice.money(row["returned"]),
        days=voice.number(row["days_median"]),
    )


def first_crossing(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Draw what share has bought on the other side by each month after the first purchase."""
    rows = [row for row in first_part(answer) if row["began"] == "all"]
    ages = sorted({int(row["age"]) for row in rows})
    if len(ages) < 2:
        return None
    labels = {
        "store": voice.say("From the store to online"),
        "online": voice.say("From online to the store"),
    }
    lines = []
    for side, label in labels.items():
        own = {int(row["age"]): row for row in rows if row["from"] == side}
        marks = tuple(_crossed(own.get(age), label, voice) for age in ages)
        if own:
            lines.append(Line(label, hue_of(side), marks))
    top = max((m.high or m.value or 0.0 for line in lines for m in line.marks), default=0.0)
    ticks = tuple(Limit(level, voice.percent(level)) for level in levels(top))
    return Lines(
        voice.say("Who has bought on the other side, by months since the first purchase"),
        tuple(voice.number(age) for age in ages),
        tuple(lines),
        ticks,
        axis=voice.say("Share that has crossed, %"),
        steps_text=voice.say("Months since the first purchase"),
    )


def _crossed(row: Row | None, label: str, voice: Voice) -> Mark:
    if row is None:
        return Mark(label, None, "")
    share = voice.percent(row["crossed_share"])
    tip = voice.say(
        "%(way)s: %(share)s have crossed by month %(age)s, %(gone)s lapsed before; %(persons)s "
        "were still waiting",
        way=label,
        share=share,
        age=voice.number(row["age"]),
        gone=voice.percent(row["lapsed_share"]),
        persons=voice.number(row["persons"]),
    )
    low, high = row["crossed_low"], row["crossed_high"]
    return Mark(label, row["crossed_share"], share, low=low, high=high, tip=tip)
