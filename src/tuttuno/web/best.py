"""What the best known details of a person say in words: which detail, and why this value."""

from tuttuno.chart.voice import _
from tuttuno.identity.golden import PINNED, Rule
from tuttuno.identity.households import BOTH, PHONE
from tuttuno.tasks.golden_record import BestKnown
from tuttuno.web.locale import Speech

_DETAILS = {
    "name": _("Name"),
    "birth_date": _("Born"),
    "gender": _("Gender"),
    "address": _("Address"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "loyalty_card": _("Card"),
    "tax_code": _("Tax code"),
    "language": _("Language"),
}


def detail(name: str, speech: Speech) -> str:
    """Say what kind of detail it is."""
    return speech.say(_DETAILS.get(name, name))


def lives(tie: str, speech: Speech) -> str:
    """Say what ties somebody to her household."""
    if tie == BOTH:
        return speech.say("family name, address and telephone")
    if tie == PHONE:
        return speech.say("telephone")
    return speech.say("family name and address")


def because(best: BestKnown, speech: Speech) -> str:
    """Say why a value is the best one."""
    if best.rule == PINNED:
        return speech.say("decided by a person")
    if best.same == best.telling:
        only, every = _("no other record tells it"), _("all records tell the same")
        return speech.say(every if best.telling > 1 else only)
    if best.rule == Rule.VERIFIED_FIRST and best.verified:
        return speech.say("confirmed by a tax code or a second source")
    if best.rule == Rule.MOST_TRUSTED:
        return speech.say("the most trusted source")
    if best.rule == Rule.MOST_RECENT:
        return speech.say("told last")
    return speech.say(
        "%(same)s of %(telling)s records tell the same",
        same=speech.number(best.same),
        telling=speech.number(best.telling),
    )
