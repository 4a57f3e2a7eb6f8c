"""What passes between counter and screen, in words: accounting beside chance, never a cause."""

from collections.abc import Mapping
from typing import Any

from tuttuno.chart.voice import Voice

#: With fewer looks of known persons nothing is said of looking before buying.
ENOUGH = 100


def crossing_words(crossing: Mapping[str, Any], voice: Voice) -> list[str]:
    """Say how many orders follow on the other side, and how many would by chance."""
    after, before = crossing["online_after_store"], crossing["store_after_online"]
    return [
        voice.say(
            "Accounting, not an effect: %(after)s of the online orders of known buyers follow a "
            "receipt of the same buyer in a store within %(days)s days, %(before)s of the receipts "
            "an online order; %(back)s of returned online orders come back to a store.",
            after=voice.percent(after["share"]),
            before=voice.percent(before["share"]),
            back=voice.percent(crossing["returned_in_store"]["share"]),
            days=voice.number(crossing["days"]),
        )
        + _chance(after, before, voice),
        _looked(crossing, voice),
    ]


def _chance(after: Mapping[str, Any], before: Mapping[str, Any], voice: Voice) -> str:
    if after.get("chance") is None or before.get("chance") is None:
        return ""
    return " " + voice.say(
        "If orders fell on any day, %(after)s and %(before)s would do so by chance.",
        after=voice.percent(after["chance"]),
        before=voice.percent(before["chance"]),
    )


def _looked(crossing: Mapping[str, Any], voice: Voice) -> str:
    """Say how many look online before they buy in a store, or that too little is seen of it."""
    told = crossing.get("looked_before") or {"looks": 0, "n": 0}
    unseen = voice.say(
        "Who looks in a store and buys online is seen only where she bought something there too."
    )
    if told["looks"] < ENOUGH or not told["n"]:
        few = voice.say(
            "Too few looks online have a known buyer to say how many look online before they buy "
            "in a store."
        )
        return f"{few} {unseen}"
    looked = voice.say(
        "Of the articles that known buyers bought in stores, %(share)s they had looked at online, "
        "signed in, within %(days)s days before; had they bought them on any day, it would be "
        "%(chance)s.",
        share=voice.percent(told["share"], 2),
        chance=voice.percent(told["chance"], 2),
        days=voice.number(crossing["days"]),
    )
    return f"{looked} {unseen}"
