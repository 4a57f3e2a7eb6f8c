"""Pictures of click & collect: how orders end, what is out of control, and store by store."""

from tuttuno.chart.control import Controlled, controlled
from tuttuno.chart.figures import TIMES, Row, Way, rows_of, step_of, total
from tuttuno.chart.naming import said
from tuttuno.chart.picture import (
    Bars,
    Dots,
    Grid,
    Group,
    Hue,
    Limit,
    Line,
    Lines,
    Mark,
    Picture,
    levels,
)
from tuttuno.chart.voice import Voice, _
from tuttuno.measures.answer import Answer

#: More rows than a reader compares.
_STORES = 30


def click_and_collect(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    """Show how orders end; over time how many choose it, by store how promises are kept."""
    if not answer.by:
        return _endings(rows_of(answer)[0], voice)
    if answer.by[0] in TIMES:
        return _adoption(answer, voice)
    return _promises(answer, voice, way)


def _endings(row: Row, voice: Voice) -> Picture:
    fetched = tuple(
        Mark(label, row[name], voice.percent(row[name], 0), Hue.COLLECT)
        for name, label in (
            ("collected_24h", voice.say("within 24 hours")),
            ("collected_48h", voice.say("within 48 hours")),
            ("collected_72h", voice.say("within 3 days")),
            ("collected_168h", voice.say("within 7 days")),
        )
    )
    promise = Mark(
        voice.say("ready when promised"),
        row["promise_kept"],
        voice.percent(row["promise_kept"], 0),
        Hue.COLLECT,
        low=row["promise_low"],
        high=row["promise_high"],
    )
    ended = tuple(
        Mark(label, row[name], voice.percent(row[name]), Hue.UNKNOWN)
        for name, label in (
            ("cancelled", voice.say("cancelled")),
            ("no_show", voice.say("ready and never fetched")),
        )
    )
    more = Mark(
        voice.say("bought more in the store because of it"),
        row["attached_extra"],
        voice.percent(row["attached_extra"]),
        Hue.STORE,
        low=row["extra_low"],
        high=row["extra_high"],
    )
    groups = (
        Group(voice.say("From the order to ready"), (promise,)),
        Group(voice.say("Fetched after it was ready"), fetched),
        Group(voice.say("Lost on the way"), ended),
        Group(voice.say("At the collection"), (more,)),
    )
    title = voice.say("What becomes of click & collect orders")
    return Bars(title, groups, top=1.0, tell=1, axis=voice.say("Share of the orders, %"))


def _adoption(answer: Answer, voice: Voice) -> Picture:
    by, rows = answer.by[0], rows_of(answer)
    lines = (
        ("adoption", voice.say("Share of online orders"), Hue.COLLECT),
        ("promise_kept", voice.say("Ready when promised"), Hue.PLAIN),
    )
    low_high = {
        "adoption": ("adoption_low", "adoption_high"),
        "promise_kept": ("promise_low", "promise_high"),
    }
    drawn = []
    for name, label, hue in lines:
        low, high = low_high[name]
        marks = tuple(
            Mark("", row[name], voice.percent(row[name]), low=row[low], high=row[high])
            for row in rows
        )
        drawn.append(Line(label, hue, marks))
    ticks = tuple(Limit(level, voice.percent(level, 0)) for level in (0.0, 0.25, 0.5, 0.75, 1.0))
    steps = tuple(said(by, row[by], voice) for row in rows)
    return Lines(
        voice.say("Click & collect over time"),
        steps,
        tuple(drawn),
        ticks,
        axis=voice.say("Share of the orders, %"),
        steps_text=step_of(by, voice),
    )


def _promises(answer: Answer, voice: Voice, way: Way) -> Picture | None:
    by = answer.by[0]
    rows = [row for row in rows_of(answer) if row["promise_kept"] is not None]
    rows = sorted(rows, key=lambda row: -float(row["promise_kept"] or 0))[:40]
    marks = tuple(
        Mark(
            said(by, row[by], voice),
            row["promise_kept"],
            f"{voice.percent(row['promise_kept'], 0)} · {voice.number(row['orders'])}",
            Hue.COLLECT,
            low=row["promise_low"],
            high=row["promise_high"],
            href=way({by: row[by]}),
            tip=voice.say(
                "%(what)s: %(share)s of the promises kept, %(orders)s orders to collect",
                what=said(by, row[by], voice),
                share=voice.percent(row["promise_kept"]),
                orders=voice.number(row["orders"]),
            ),
        )
        for row in rows
    )
    orders = total(rows, "orders")
    if not marks or not orders:
        return None
    mean = sum(float(row["promise_kept"]) * float(row["orders"]) for row in rows) / orders
    title = voice.say("Orders ready when promised, against the mean")
    text = voice.say("mean %(share)s", share=voice.percent(mean, 0))
    axis = voice.say("Share of the orders, %")
    return Dots(title, marks, reference=mean, reference_text=text, axis=axis)


def under_control(answer: Answer, voice: Voice) -> Lines | None:
    """Show month by month how many online orders are to be collected, within control limits."""
    rows = [row for row in rows_of(answer) if row["online_orders"]]
    found = controlled([row["orders"] for row in rows], [row["online_orders"] for row in rows])
    if not found:
        return None
    by = answer.by[0]
    marks = tuple(
        Mark(
            said(by, row[by], voice),
            one.share,
            voice.percent(one.share),
            low=one.low,
            high=one.high,
            flag=voice.percent(one.share, 0) if one.out else "",
            tip=_judged(one, row, voice),
        )
        for row, one in zip(rows, found, strict=True)
    )
    mean = total(rows, "orders") / total(rows, "online_orders")
    ticks = tuple(
        Limit(level, voice.percent(level, 0)) for level in levels(max(one.high for one in found))
    )
    out = [mark.label for mark in marks if mark.flag]
    title = (
        voice.say(
            "Orders to collect, of all online orders: out of control in %(months)s",
            months=", ".join(out),
        )
        if out
        else voice.say("Orders to collect, of all online orders: no month out of control")
    )
    centre = Limit(mean, voice.say("mean %(share)s", share=voice.percent(mean, 0)))
    steps = tuple(mark.label for mark in marks)
    return Lines(
        title,
        steps,
        (Line(voice.say("To collect"), Hue.COLLECT, marks),),
        ticks,
        (centre,),
        axis=voice.say("Share of all online orders, %"),
        steps_text=step_of(answer.by[0], voice),
    )


def store_by_store(answer: Answer, voice: Voice, way: Way) -> Grid | None:
    """Show the way of an order in each store: ready in time, fetched, lost."""
    by = answer.by[0]
    rows = sorted(rows_of(answer), key=lambda row: -float(row["orders"] or 0))[:_STORES]
    steps = (
        ("promise_kept", voice.say("ready"), _("ready when promised")),
        ("collected_24h", voice.say("24 h"), _("fetched within 24 hours of being ready")),
        ("collected_72h", voice.say("3 d"), _("fetched within 3 days of being ready")),
        ("collected_168h", voice.say("7 d"), _("fetched within 7 days of being ready")),
        ("cancelled", voice.say("lost"), _("cancelled")),
    )
    groups = []
    for row in rows:
        name = said(by, row[by], voice)
        marks = tuple(
            Mark(
                name,
                row[column],
                voice.percent(row[column], 0),
                href=way({by: row[by]}),
                tip=voice.say(
                    "%(store)s: %(share)s %(what)s, of %(orders)s orders to collect",
                    store=name,
                    share=voice.percent(row[column]),
                    what=voice.say(what),
                    orders=voice.number(row["orders"]),
                ),
            )
            for column, _head, what in steps
        )
        groups.append(Group(f"{name} · {voice.number(row['orders'])}", marks))
    if not groups:
        return None
    caption = voice.say(
        "Of 100 orders: ready when promised; fetched in 24 h, 3 and 7 days; cancelled"
    )
    title = voice.say("From the order to the counter, store by store")
    return Grid(title, tuple(head for _column, head, _what in steps), tuple(groups), 1.0, caption)


def _judged(one: Controlled, row: Row, voice: Voice) -> str:
    text = voice.say(
        "%(share)s of %(orders)s online orders; chance alone stays between %(low)s and %(high)s",
        share=voice.percent(one.share),
        orders=voice.number(row["online_orders"]),
        low=voice.percent(one.low),
        high=voice.percent(one.high),
    )
    return voice.say("Out of control: %(what)s", what=text) if one.out else text
