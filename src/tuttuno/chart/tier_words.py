"""What the effect of a tier says in words."""

from collections.abc import Mapping
from typing import Any

from tuttuno.chart.voice import Voice

Plain = Mapping[str, Any]


def tier_title(plain: Plain, voice: Voice) -> str:
    """Say what holding the tier changes for who just reached it, if it can be told."""
    tier = plain["diagnostics"]["tier"]
    if plain["low"] <= 0 <= plain["high"]:
        return voice.say(
            "Whether the tier %(tier)s leads to more online orders cannot be told.", tier=tier
        )
    if plain["estimate"] < 0:
        return voice.say("Who just reached %(tier)s orders less online for it.", tier=tier)
    return voice.say(
        "Holding %(tier)s leads who just reached it to about %(orders)s more online orders a year.",
        tier=tier,
        orders=voice.number(_outcome(plain, "orders_online")["estimate"] * 12, 1),
    )


def tier_meanings(plain: Plain, voice: Voice) -> list[str]:
    """Say what it is worth in money, and between whom it was compared."""
    told = plain["diagnostics"]
    net = _outcome(plain, "net_online")
    return [
        voice.say(
            "In money, it is worth %(euros)s of online sales a person and month, between %(low)s "
            "and %(high)s.",
            euros=voice.money(net["estimate"], cents=True),
            low=voice.money(net["low"], cents=True),
            high=voice.money(net["high"], cents=True),
        ),
        voice.say(
            "Members who spent up to %(away)s less than %(threshold)s were compared with members "
            "who spent as much more; at the threshold the share that holds %(tier)s rises by "
            "%(share)s.",
            away=voice.money(told["bandwidth"]),
            threshold=voice.money(told["threshold"]),
            tier=told["tier"],
            share=voice.percent(told["holds"]["estimate"]),
        ),
    ]


def _outcome(plain: Plain, name: str) -> Plain:
    found: Plain = next(one for one in plain["diagnostics"]["outcomes"] if one["name"] == name)
    return found
