"""Pictures of what buyers are expected to be worth."""

from tuttuno.chart.figures import Row, Way, first_part
from tuttuno.chart.naming import named
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
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer

#: From safe to gone: firm colours for who stays, a hatch for who is probably no longer there.
_RISK_HUES = (Hue.BOTH, Hue.COLLECT, Hue.PHONE, Hue.UNKNOWN)


def lifetime_value(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Compare what the value tiers are of the buyers and of the revenue expected."""
    rows = [r for r in first_part(answer) if r["scope"] == "all" and r["tier"] != "all"]
    buyers = sum(row["persons"] for row in rows)
    if not buyers:
        return None
    groups = []
    for label, shares in (
        (voice.say("Share of the buyers"), [row["persons"] / buyers for row in rows]),
        (voice.say("Share of expected revenue"), [row["value_share"] for row in rows]),
    ):
        marks = tuple(
            Mark(
                named(row["tier"], voice),
                share,
                voice.percent(share, 0),
                tip=voice.say(
                    "%(tier)s: %(persons)s buyers, %(money)s each expected",
                    tier=named(row["tier"], voice),
                    persons=voice.number(row["persons"]),
                    money=voice.money(row["value_per_person"]),
                ),
            )
            for row, share in zip(rows, shares, strict=True)
        )
        groups.append(Group(label, marks))
    top = max(mark.value or 0.0 for group in groups for mark in group.marks)
    title, axis = voice.say("Buyers by the value expected of them"), voice.say("Share, %")
    return Bars(title, tuple(groups), top=top, tell=1, axis=axis)


def churn_risk(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Show how the buyers of each class divide by the risk that they have left."""
    rows = first_part(answer)
    stacks = []
    for kind in dict.fromkeys(row["class"] for row in rows):
        own = [row for row in rows if row["class"] == kind]
        whole = next(row for row in own if row["risk"] == "all")
        parts = tuple(
            Mark(
                named(row["risk"], voice),
                row["persons"],
                voice.percent(row["persons_share"], 0),
                hue,
            )
            for row, hue in zip(own[1:], _RISK_HUES, strict=True)
        )
        note = voice.say("%(share)s still customers", share=voice.percent(whole["alive"], 0))
        stacks.append(Stack(named(kind, voice), parts, note))
    return Stacks(voice.say("Buyers by how probably they are still customers"), tuple(stacks))


def churn_calibration(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Set how many were expected back in the last weeks against how many came, by risk."""
    rows = [
        row
        for row in first_part(answer)
        if row["class"] == "all" and row["risk"] != "all" and row["back_actual"] is not None
    ]
    if not rows:
        return None
    groups = []
    for row in rows:
        expected = voice.percent(row["back_expected"], 0)
        came = voice.percent(row["back_actual"], 0)
        marks = (
            Mark(voice.say("Expected back"), row["back_expected"], expected, Hue.UNKNOWN),
            Mark(
                voice.say("Came back"), row["back_actual"], came, low=row["low"], high=row["high"]
            ),
        )
        groups.append(Group(named(row["risk"], voice), marks))
    return Bars(
        voice.say("The model tried on the last weeks, which it had not seen"),
        tuple(groups),
        axis=voice.say("Share of the buyers, %"),
    )


def purchases_foreseen(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Draw what was expected of each quarter beside what it brought, with its doubt."""
    rows = [row for row in first_part(answer) if row["bought"] == "all"]
    if len(rows) < _FEWEST:
        return foreseen_by_history(answer, voice, _way)
    lines = tuple(
        Line(label, hue, tuple(_foreseen(row, what, voice) for row in rows))
        for label, hue, what in (
            (voice.say("Came"), Hue.BOTH, "actual"),
            (voice.say("Expected"), Hue.PLAIN, "expected"),
            (voice.say("Other model"), Hue.UNKNOWN, "check"),
        )
    )
    top = max(mark.high or mark.value or 0.0 for line in lines for mark in line.marks)
    ticks = tuple(Limit(level, voice.number(level, 2)) for level in levels(top))
    title = voice.say("Purchase days of a buyer in a quarter, foreseen from the time before")
    return Lines(
        title,
        tuple(voice.month(str(row["origin"])[:7]) for row in rows),
        lines,
        ticks,
        axis=voice.say("Purchase days per buyer"),
        steps_text=voice.say("Month in which the quarter begins"),
    )


#: With fewer quarters a line says nothing.
_FEWEST = 2


def _foreseen(row: Row, what: str, voice: Voice) -> Mark:
    low, high = (row["low"], row["high"]) if what == "actual" else (None, None)
    tip = voice.say(
        "Foreseen in %(month)s: %(expected)s expected of each of %(persons)s buyers, "
        "%(actual)s came",
        month=voice.month(str(row["origin"])[:7]),
        expected=voice.number(row["expected"], 2),
        actual=voice.number(row["actual"], 2),
        persons=voice.number(row["persons"]),
    )
    return Mark(what, row[what], voice.number(row[what], 2), low=low, high=high, tip=tip)


def foreseen_by_history(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Set expected beside seen for the last quarter, by how often buyers had bought before."""
    part = first_part(answer)
    last = max((str(row["origin"]) for row in part), default="")
    groups = []
    for row in part:
        if str(row["origin"]) != last or row["bought"] == "all":
            continue
        label = voice.say("Purchase days before: %(days)s", days=row["bought"])
        marks = (
            Mark(voice.say("Expected"), row["expected"], voice.number(row["expected"], 2),
                 Hue.UNKNOWN),
            Mark(voice.say("Came"), row["actual"], voice.number(row["actual"], 2),
                 low=row["low"], high=row["high"]),
        )  # fmt: skip
        groups.append(Group(label, marks))
    title = voice.say("The last quarter, by how often they had bought before it")
    axis = voice.say("Purchase days per buyer")
    return Bars(title, tuple(groups), axis=axis) if groups else None


def multichannel_worth(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Set what everybody says beside what is left when like is compared with like."""
    marks = []
    for row in first_part(answer, by_size="both"):
        if row["times"] is None:
            continue
        times = voice.say("%(times)s×", times=voice.number(row["times"], 2))
        tip = voice.say(
            "%(comparison)s: %(both)s per buyer in both channels, %(others)s per buyer in one",
            comparison=named(row["comparison"], voice),
            both=voice.money(row["net_both"]),
            others=voice.money(row["net_others"]),
        )
        marks.append(
            Mark(named(row["comparison"], voice), row["times"], times, Hue.BOTH, row["low"],
                 row["high"], tip=tip)
        )  # fmt: skip
    if not marks:
        return _too_few(answer, voice)
    title = voice.say("What a buyer in both channels spends, times a buyer in one")
    axis = voice.say("Net revenue per buyer, times that of the others, ×")
    return Dots(title, tuple(marks), 1.0, voice.say("as much"), axis)


def _too_few(answer: Answer, voice: Voice) -> Picture | None:
    """Show how many there would be to compare: the figure alone would be worse than none."""
    groups = tuple(
        Group(
            named(row["comparison"], voice),
            tuple(
                Mark(label, row[what], voice.number(row[what]), hue)
                for what, label, hue in (
                    ("both", voice.say("Buyers in both channels"), Hue.BOTH),
                    ("others", voice.say("Buyers in one channel"), Hue.PLAIN),
                )
            ),
        )
        for row in first_part(answer, by_size="both")
    )
    axis = voice.say("Buyers, people")
    return Bars(voice.say("Too few buyers to compare"), groups, axis=axis) if groups else None
