"""Notes of measures in the reader's language: the sentences they make, with the facts put in.

A note arrives as finished English. It is recognised by the sentence it was made from, and
said again; one that is not known is shown as it came.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from tuttuno.chart.voice import _
from tuttuno.web.locale import Speech

#: Every sentence of a note that has facts in it.
SENTENCES = (
    _("Sales are known from %(day)s on: who bought before that day seems to have come after it, "
      "so the first cohorts hold old customers too."),
    _("Sales are known from %(day)s on: earlier buyers seem new."),
    _("%(count)s steps from %(since)s to %(until)s; a person counts once for each move between "
      "two of them."),
    _("The year of birth is known of %(share)s of the buyers."),
    _("The window before begins on %(since)s and sales are known from %(day)s on: growth on what "
      "lies before is unknown."),
    _("The window of a year before begins on %(since)s and sales are known from %(day)s on: "
      "growth on what lies before is unknown."),
    _("The window does not hold two steps of %(count)s months, so nobody can be seen to move; "
      "choose an earlier first day, or shorter steps (channel_migration.months)."),
    _("No adoption with a filter on %(names)s: orders sent home have no store."),
    _("%(count)s orders are less than %(days)s days old and still on their way; the latest "
      "periods will still change."),
    _("%(count)s of %(all)s products were not listed on both sides in the window and are left "
      "out of the comparison with chance."),
    _("Coverage is that of the window without the filter on %(names)s: only known buyers have "
      "such a trait."),
    _("%(count)s sales without a known buyer are of 0 to %(most)s further people who buy online; "
      "capture and recapture puts them at %(persons)s (%(low)s to %(high)s)."),
    _("%(count)s sales without a known buyer are of 0 to %(most)s further people who buy in "
      "stores; capture and recapture puts them at %(persons)s (%(low)s to %(high)s)."),
    _("The window holds more than one currency and amounts are added as if they were one; "
      "split by currency, or choose one."),
    _("%(scope)s: MBG/NBD in weeks r = %(r)s, alpha = %(alpha)s, a = %(a)s, b = %(b)s; "
      "Gamma-Gamma p = %(p)s, q = %(q)s, gamma = %(gamma)s."),
    _("Sales do not reach back far enough to foresee a quarter that is known by now."),
    _("Pareto/NBD, the check, r = %(r)s, alpha = %(alpha)s, s = %(s)s, beta = %(beta)s."),
    _("Pareto/NBD, the check, cannot be estimated."),
    _("MBG/NBD in weeks r = %(r)s, alpha = %(alpha)s, a = %(a)s, b = %(b)s."),
    _("%(scope)s: %(model)s cannot be estimated: fewer than %(count)s buyers came back."),
    _("%(scope)s: %(model)s cannot be estimated: a parameter runs away."),
    _("%(scope)s: %(model)s cannot be estimated: the mean value of a purchase has no bound."),
    _("Nothing is bought together so much more often than by chance that it could be told apart."),
    _("%(count)s buyers bought on both sides on their first day and are left out."),
    _("The window is shorter than the %(count)s months of silence after which a buyer counts as "
      "lapsed: nobody can be seen to lapse in it."),
    _("Who never shows a card or a name cannot be told from those who do, so that number of people "
      "is the least and a share of persons at most what is shown; the truth lies between the "
      "bounds."),
    _("The market: %(source)s."),
    _("No product was bought by enough known buyers to say what goes with it."),
    _("%(count)s people were active on social media in the window; %(known)s of them are known to "
      "have bought in it."),
    _("Nothing has been sold yet, as far as this release knows."),
    _("Members show their card at %(share)s of their store receipts, as %(count)s receipts with a "
      "known means of payment tell; the change in the store is scaled up to all of them."),
)  # fmt: skip

_HOLE = re.compile(r"%\((\w+)\)s")


def noted(note: str, speech: Speech) -> str:
    """Say a note in the reader's language."""
    whole = speech.say(note)
    if whole != note:
        return whole
    said = list(_said(note, speech))
    return " ".join(said) if said else note


def _said(note: str, speech: Speech) -> Iterator[str]:
    """Say the sentences of a note one after the other; nothing when one is not known."""
    found, rest = [], note
    while rest:
        match = next(
            ((text, hit) for text in SENTENCES if (hit := _pattern(text).match(rest))), None
        )
        if match is None:
            return
        text, hit = match
        facts = {name: _fact(value, speech) for name, value in hit.groupdict().items()}
        found.append(speech.say(text, **facts))
        rest = rest[hit.end() :].lstrip()
    yield from found


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = _HOLE.split(text)
    made = "".join(
        re.escape(part) if at % 2 == 0 else f"(?P<{part}>.+?)" for at, part in enumerate(parts)
    )
    return re.compile(made + r"(?=\s|$)")


def _fact(value: str, speech: Speech) -> str:
    """Write a day, a share, an amount or a number as the reader does; another fact as it is."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return speech.day(date.fromisoformat(value))
    if re.fullmatch(r"[\d.]+%", value):
        return speech.percent(float(value.removesuffix("%")) / 100)
    if amount := re.fullmatch(r"(-?[\d,]+)(\.\d+)? ([A-Z]{3})", value):
        whole, cents, currency = amount.groups(default="")
        exact = float(f"{whole}{cents}".replace(",", ""))
        return speech.money(exact, currency, cents=bool(cents))
    if number := re.fullmatch(r"(-?\d[\d,]*)(\.\d+)?", value):
        whole, rest = number.groups(default="")
        return speech.number(float(f"{whole}{rest}".replace(",", "")), max(len(rest) - 1, 0))
    return value
