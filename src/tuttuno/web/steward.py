"""What the pages of the steward say in words: doubts, the waterfall, what two records tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tuttuno.chart.voice import _
from tuttuno.identity.waterfall import Step, Waterfall
from tuttuno.identity.weights import Reason
from tuttuno.tasks.compare_records import Comparison, RecordSeen
from tuttuno.web.locale import Speech
from tuttuno.web.person import identifier, own_key

#: Width of the drawing of one step, in its own units.
WIDTH = 240

_NAMES = {
    "agrees": _("Given and family name agree"),
    "leans": _("The given names agree; no family name stands beside one of them"),
    "silent": _("One of the two has no name to compare"),
    "renamed": _("One given name, two family names: a marriage, or two people"),
    "contradicts": _("The names contradict each other"),
}
_BIRTHS = {
    "alike": _("One birth date"),
    "swapped": _("One birth date, with day and month swapped"),
    "apart": _("Two birth dates"),
}
_VALUES = {
    "personal": _("The same, and nobody else seems to use it"),
    "household": _("The same, and %(persons)s people seem to share it"),
    "shared": _("The same, but too many people share it to tell anything"),
    "junk": _("The same, but it stands on %(records)s records and tells nothing"),
}
_LIKENESS = {
    "equal": _("The same"),
    "swapped": _("One birth date, with day and month swapped"),
    "nearly": _("The same but for a slip of the keys"),
    "alike": _("Alike"),
    "partly": _("The same in part"),
    "different": _("Different"),
    "prior": _("Before anything is compared: most pairs of records are two people"),
    "around": _("What surrounds a person counts up to a limit"),
    "household": _("What would speak as well for two of one household is taken off"),
}
_FIELDS = {
    "name": _("Name"),
    "birth_date": _("Born"),
    "gender": _("Gender"),
    "address": _("Address"),
    "postal_code": _("Postal code"),
    "city": _("Town"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the waterfall, ready to be drawn.

    Attributes:
        kind: Of the shared identifier, in the reader's language; empty where there is none.
        left, width: Of its bar, in units of `WIDTH`.
        bits, total: What it adds and the sum so far, as figures.
    """

    text: str
    kind: str
    shown: str
    left: float
    width: float
    speaks_for: bool
    bits: str
    total: str


def bars(fall: Waterfall, speech: Speech) -> tuple[float, list[Bar]]:
    """Draw a waterfall: where zero stands, and one bar a step."""
    sums = [0.0, *(step.total for step in fall.steps)]
    low, high = min(sums), max(sums)
    scale = WIDTH / ((high - low) or 1.0)
    made = []
    for before, step in zip(sums, fall.steps, strict=False):
        left, right = sorted((before, step.total))
        made.append(
            Bar(
                text=said(step, speech),
                kind=_about(step, speech),
                shown=step.shown,
                left=round((left - low) * scale, 1),
                width=round(max((right - left) * scale, 1.5), 1),
                speaks_for=step.bits >= 0,
                bits=_signed(step.bits),
                total=_signed(step.total),
            )
        )
    return round(-low * scale, 1), made


def _about(step: Step, speech: Speech) -> str:
    if step.kind in _FIELDS:
        return speech.say(_FIELDS[step.kind])
    return identifier(step.kind, speech) if step.kind and step.kind != step.says else ""


def said(step: Step, speech: Speech) -> str:
    """Say one step as a CRM manager would."""
    counts = {"persons": speech.number(step.persons), "records": speech.number(step.records)}
    match step.reason:
        case Reason.START:
            return speech.say("Before anything is compared: most pairs of records are two people")
        case Reason.VALUE:
            return speech.say(_VALUES[step.says], **counts)
        case Reason.NAMES:
            return speech.say(_NAMES[step.says])
        case Reason.BIRTH:
            return speech.say(_BIRTHS[step.says])
        case Reason.LIKENESS:
            return speech.say(_LIKENESS[step.says])
        case Reason.AT_ODDS:
            return speech.say("Two different values, and a person has one")


def outcome(found: Comparison, speech: Speech) -> str:
    """Say in one sentence how the two stand."""
    chance = speech.percent(found.waterfall.chance)
    if found.joined:
        return speech.say("They are one person now; the evidence says %(chance)s.", chance=chance)
    return speech.say("They are two people now; the evidence says %(chance)s.", chance=chance)


def told(one: RecordSeen, other: RecordSeen, speech: Speech) -> Sequence[tuple[str, str, str]]:
    """Return what the two records tell, line by line; unknown is a dash."""
    lines = (
        (_("System"), one.source, other.source),
        (_("Its own key"), own_key(one.shown, speech), own_key(other.shown, speech)),
        (_("Name"), one.name, other.name),
        (_("Born"), _day(one.birth_date, speech), _day(other.birth_date, speech)),
        (_("E-mail"), one.email, other.email),
        (_("Telephone"), one.phone, other.phone),
        (_("Card"), one.loyalty_card, other.loyalty_card),
        (_("Place"), one.place, other.place),
        (_("Known since"), _day(one.since, speech), _day(other.since, speech)),
    )
    return [(speech.say(label), mine or "—", yours or "—") for label, mine, yours in lines]


def _day(day: date | None, speech: Speech) -> str | None:
    return None if day is None else speech.day(day)


def _signed(bits: float) -> str:
    return f"{bits:+.1f}".replace("-", "\u2212")
