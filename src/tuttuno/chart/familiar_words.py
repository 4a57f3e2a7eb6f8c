"""What the effect of knowing a category from the store says in words."""

from collections.abc import Mapping
from typing import Any

from tuttuno.chart.voice import Voice

Plain = Mapping[str, Any]


def familiar_title(plain: Plain, voice: Voice) -> str:
    """Say what the first purchase in a store changes online, if it can be told."""
    if plain["low"] <= 0 <= plain["high"]:
        return voice.say(
            "Whether a first purchase in a store leads to more of the same category online cannot "
            "be told."
        )
    if plain["estimate"] < 0:
        return voice.say("Who first bought a category in a store buys less of it online since.")
    if plain["diagnostics"]["outcome"] == "net":
        return voice.say(
            "Who first bought a category in a store spends about %(euros)s more a year on it "
            "online.",
            euros=voice.money(plain["estimate"] * 12, cents=True),
        )
    return voice.say(
        "Who first bought a category in a store buys about %(more)s more articles of it a year "
        "online.",
        more=voice.number(plain["estimate"] * 12, 2),
    )


def familiar_meanings(plain: Plain, voice: Voice) -> list[str]:
    """Say against what the number stands, and what it is without the person's other categories."""
    told = plain["diagnostics"]
    lines = next(row for row in told["outcomes"] if row["name"] == "lines")
    net = next(row for row in told["outcomes"] if row["name"] == "net")
    return [
        voice.say(
            "Before, these buyers bought %(usual)s of it a month online. In money, the first "
            "purchase in a store is worth %(euros)s a person, category and month, between %(low)s "
            "and %(high)s.",
            usual=voice.number(told["usual"], 3),
            euros=voice.money(net["estimate"], cents=True),
            low=voice.money(net["low"], cents=True),
            high=voice.money(net["high"], cents=True),
        ),
        voice.say(
            "What the same persons newly buy online of categories that they never bought in a "
            "store is taken off: without that it would be %(plain)s articles a month, with it "
            "%(articles)s.",
            plain=voice.number(told["without_others"]["estimate"], 3),
            articles=voice.number(lines["estimate"], 3),
        ),
    ]


def familiar_naive(plain: Plain, voice: Voice) -> str:
    """Say what comparing levels would claim."""
    told = plain["diagnostics"]["naive"]
    return voice.say(
        "Who bought a category in a store buys %(times)s times as much of it online as who did "
        "not. That is taste: she likes it in both channels.",
        times=voice.number(told["treated"] / told["control"] if told["control"] else None, 1),
    )
