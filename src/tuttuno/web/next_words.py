"""What the lists on a person's card say in words: why a thing is there, and where it is sold."""

from datetime import date

from tuttuno.chart.voice import _
from tuttuno.tasks.next_for_person import BuyAgain, BuyNew, LookedAt
from tuttuno.tasks.shelf import Thing
from tuttuno.web.locale import Speech

_LOOKED = {
    "viewed": _("looked at, last on %(day)s"),
    "in_cart": _("put in a cart, last on %(day)s"),
    "wished": _("wished for, last on %(day)s"),
}


def why_again(one: BuyAgain, as_of: date, speech: Speech) -> str:
    """Say when it was bought last, when it is usually bought again, and how probable that is."""
    due = _(
        "Bought last on %(last)s; usually bought again after about %(days)s days, so around "
        "%(due)s. Probability within 30 days: about %(chance)s."
    )
    overdue = _(
        "Bought last on %(last)s; usually bought again after about %(days)s days, which was "
        "around %(due)s. Probability within 30 days: about %(chance)s."
    )
    return speech.say(
        due if one.due_on >= as_of else overdue,
        last=speech.day(one.last_on),
        days=speech.number(one.days),
        due=speech.day(one.due_on),
        chance=speech.percent(one.chance, 0),
    )


def why_new(one: BuyNew, speech: Speech) -> str:
    """Name the thing of hers that speaks most for it, and how many have both."""
    return speech.say(
        "Because of %(thing)s: %(share)s of those who bought it have this too (%(persons)s "
        "people).",
        thing=one.because.name,
        share=speech.percent(one.share, 0),
        persons=speech.number(one.persons),
    )


def looked_at(one: LookedAt, speech: Speech) -> str:
    """Say what she did with it and when."""
    return speech.say(_LOOKED[one.signal], day=speech.day(one.last_on))


def listed(one: Thing, speech: Speech) -> str:
    """Say where it is listed; nothing where no list says, for that is not known."""
    words = {
        (True, True): _("listed online and in stores"),
        (True, False): _("listed online only"),
        (False, True): _("listed in stores only"),
        (False, False): _("listed nowhere now"),
    }
    if one.online is None or one.in_store is None:
        return ""
    return speech.say(words[one.online, one.in_store])
