"""Pictures of what is bought with what, and what next."""

from tuttuno.chart.figures import Row, Way, first_part
from tuttuno.chart.naming import named
from tuttuno.chart.picture import Bars, Dots, Group, Hue, Mark, Picture
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer

#: Rules drawn; the table has all of them.
_MOST = 14


def leaf(path: object) -> str:
    """Say where paths in a tree of categories end.

    >>> leaf("Food > Bread + Food > Fat")
    'Bread + Fat'
    """
    return " + ".join(each.split(" > ")[-1] for each in str(path).split(" + "))


def called(row: Row, side: str) -> str:
    """Say one side of a rule by name; answers that older releases keep have none."""
    return str(row.get(f"{side}_name") or leaf(row[side]))


def basket_affinity(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Show how far the surest rules lie from chance, categories before products."""
    rows = first_part(answer, by_size="baskets")
    level = rows[0]["level"]
    marks = tuple(_mark(row, voice) for row in rows if row["level"] == level)[:_MOST]
    title = voice.say("Bought together, times as often as by chance: %(level)s",
                      level=named(level, voice).lower())  # fmt: skip
    axis = voice.say("Times as often as by chance, ×")
    return Dots(title, marks, 1.0, voice.say("as by chance"), axis)


def _mark(row: Row, voice: Voice) -> Mark:
    both = voice.say("%(one)s → %(other)s", one=called(row, "given"), other=called(row, "also"))
    times = voice.say("%(times)s×", times=voice.number(row["lift"], 1))
    tip = voice.say(
        "%(both)s: %(times)s, %(share)s of those with the first, %(count)s baskets",
        both=both,
        times=times,
        share=voice.percent(row["confidence"], 0),
        count=voice.number(row["baskets"]),
    )
    return Mark(both, row["lift"], times, tip=tip)


#: Pairs of a list drawn; the table has more.
_PAIRS = 8


def next_product(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Set how often lists of a person's own hit beside how often best-sellers do."""
    groups = []
    for row in first_part(answer):
        if row["given"] != "all" or row["hit_rate"] is None:
            continue
        own, popular = voice.percent(row["hit_rate"], 0), voice.percent(row["popular_rate"], 0)
        tip = voice.say(
            "%(list)s: %(share)s of %(persons)s buyers then bought from their own list, "
            "%(popular)s would have from the best-sellers",
            list=named(row["list"], voice),
            share=own,
            persons=voice.number(row["tried"]),
            popular=popular,
        )
        marks = (
            Mark(voice.say("Own list"), row["hit_rate"], own, low=row["low"], high=row["high"],
                 tip=tip),
            Mark(voice.say("Best-sellers"), row["popular_rate"], popular, Hue.UNKNOWN, tip=tip),
        )  # fmt: skip
        groups.append(Group(named(row["list"], voice), marks))
    title = voice.say("Who then bought something from the list, in months it had not seen")
    axis = voice.say("Share of the buyers tried, %")
    return Bars(title, tuple(groups), top=1.0, axis=axis) if groups else None


def next_pairs(answer: Answer, voice: Voice, _way: Way) -> Picture | None:
    """Name what goes with what, list by list: the surest pairs of each."""
    groups = []
    rows = [row for row in first_part(answer) if row["given"] != "all"]
    for name in dict.fromkeys(row["list"] for row in rows):
        own = [row for row in rows if row["list"] == name][:_PAIRS]
        groups.append(Group(named(name, voice), tuple(_pair(row, voice) for row in own)))
    title = voice.say("Of those who have the first thing, how many have the other")
    axis = voice.say("Share of those with the first, %")
    return Bars(title, tuple(groups), axis=axis) if groups else None


def _pair(row: Row, voice: Voice) -> Mark:
    one, other = (row[f"{side}_name"] or row[side] for side in ("given", "next"))
    share = voice.percent(row["share"], 0)
    if row["days"] is not None:
        text = voice.say("%(share)s, after %(days)s days", share=share,
                         days=voice.number(row["days"]))  # fmt: skip
        return Mark(str(one), row["share"], text)
    tip = voice.say(
        "%(both)s: %(persons)s buyers have both, %(share)s of those with the first",
        both=voice.say("%(one)s → %(other)s", one=one, other=other),
        persons=voice.number(row["persons"]),
        share=share,
    )
    return Mark(voice.say("%(one)s → %(other)s", one=one, other=other), row["share"], share,
                tip=tip)  # fmt: skip
