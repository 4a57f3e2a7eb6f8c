"""What an effect says in words: a title, the figure behind it, and no more than its rung allows.

Everything here reads the plain values of an answer, `Answer.as_dict` of `tuttuno.effects`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tuttuno.chart.crossing_words import crossing_words
from tuttuno.chart.diversion_words import (
    category_meanings,
    category_title,
    market_meanings,
    market_title,
)
from tuttuno.chart.familiar_words import familiar_meanings, familiar_naive, familiar_title
from tuttuno.chart.tier_words import tier_meanings, tier_title
from tuttuno.chart.voice import Voice, _

Plain = Mapping[str, Any]

#: What a rung of the ladder of evidence is called.
RUNGS = {
    "A": _("Description"),
    "B": _("Adjusted for what was observed"),
    "C": _("Before and after, against others"),
    "D": _("Drawn by a rule or an event"),
    "E": _("Experiment"),
}

#: What each rung allows to be said.
ALLOWED = {
    "A": _("This describes; it says nothing of causes."),
    "B": _("People who are alike in what was observed were compared; what was not observed stays "
           "in the number."),
    "C": _("The same people or stores were compared before and after, with others who had not "
           "been treated. It holds if both would otherwise have moved alike; nobody drew lots."),
    "D": _("A rule or an event decided who was treated, close to what a lot would have done."),
    "E": _("Lots decided who was treated."),
}  # fmt: skip

#: What effects are called.
LABELS = {
    "cannibalisation": _("Cannibalisation"),
    "cannibalisation_by_category": _("Cannibalisation by category"),
    "cannibalisation_by_market": _("Cannibalisation by market"),
    "loyalty_effect": _("Effect of the loyalty programme"),
    "familiarity_effect": _("Effect of knowing the product"),
    "tier_effect": _("Effect of a tier"),
    "click_and_collect_effect": _("Effect of click & collect"),
    "store_role": _("Effect of a new store"),
}


def title(plain: Plain, voice: Voice) -> str:
    """Say what was found in one sentence, or that nothing can be said."""
    if plain["refused"] is not None:
        return voice.say("The data cannot answer this question.")
    return _TITLES[plain["effect"]](plain, voice)


def figure(plain: Plain, voice: Voice) -> tuple[str, str]:
    """Write the estimate, and beside it its unit, interval and size."""
    if plain["refused"] is not None:
        return "", ""
    interval = voice.say(
        "95%% interval %(low)s to %(high)s",
        low=amount(plain["low"], plain["unit"], voice),
        high=amount(plain["high"], plain["unit"], voice),
    )
    size = voice.say(
        "%(treated)s treated, %(control)s compared with",
        treated=voice.number(plain["treated"]),
        control=voice.number(plain["control"]),
    )
    said = _UNITS[plain["effect"]] if plain["unit"] == "1" else plain["unit"]
    unit = voice.say(said)
    return amount(plain["estimate"], plain["unit"], voice), f"{unit} · {interval} · {size}"


def amount(value: float | None, unit: str, voice: Voice) -> str:
    """Write a figure in the unit of an effect."""
    if unit == "1":
        return voice.percent(value)
    if unit.startswith("EUR"):
        return voice.money(value) if value is None or abs(value) >= 100 else _cents(value, voice)
    return voice.number(value, 3)


def paragraphs(plain: Plain, voice: Voice) -> list[str]:
    """Say what the number means, what it is worth in money, and how far it may be trusted."""
    if plain["refused"] is not None:
        counted = (
            crossing_words(plain["diagnostics"]["crossing"], voice)
            if "crossing" in plain["diagnostics"]
            else []
        )
        return [voice.say("A number that cannot be defended would be worse than none."), *counted]
    allowed = ALLOWED[plain["rung"]]
    return [
        *_MEANINGS[plain["effect"]](plain, voice),
        voice.say(allowed) + doubt(plain["diagnostics"], voice),
    ]


def doubt(told: Plain, voice: Voice) -> str:
    """Say what the time before treatment and the bounds speak for or against."""
    said = ""
    test = told.get("pre_trend")
    if test and test["p"] is not None:
        text = (
            _("Before the treatment both moved alike, as far as the data can tell (p = %(p)s).")
            if test["p"] >= 0.05
            else _("Before the treatment they did not move quite alike (p = %(p)s): be wary.")
        )
        said += " " + voice.say(text, p=voice.number(test["p"], 3))
    honest = told.get("honest")
    if honest:
        said += " " + voice.say(
            "The conclusion falls when trends afterwards differ by %(times)s times the largest "
            "difference seen before.",
            times=voice.number(honest["breakdown"], 1),
        )
    return said


def naive(plain: Plain, voice: Voice) -> str:
    """Say what a comparison without adjustment would claim, and why it is wrong."""
    told = plain["diagnostics"].get("naive")
    if not told or plain["refused"] is not None:
        return ""
    return _NAIVE[plain["effect"]](plain, voice)


def _cents(value: float, voice: Voice) -> str:
    return voice.money(value, cents=True)


def _cannibalisation(plain: Plain, voice: Voice) -> str:
    if plain["high"] <= 0:
        return voice.say("Buying online adds to what members buy in stores.")
    if plain["low"] <= 0:
        return voice.say("Whether the online shop takes sales from the stores cannot be told.")
    return voice.say(
        "Of 100 orders that members newly place online, about %(lost)s were lost by the stores.",
        lost=voice.number(plain["estimate"] * 100),
    )


def _loyalty(plain: Plain, voice: Voice) -> str:
    if plain["low"] <= 0 <= plain["high"]:
        return voice.say("Whether enrolment leads to more online orders cannot be told.")
    if plain["estimate"] < 0:
        return voice.say("Online buyers order less online after they enrol.")
    return voice.say(
        "Enrolment leads to about %(orders)s more online orders a year for each online buyer.",
        orders=voice.number(_orders(plain)["estimate"] * 12, 1),
    )


def _collect(plain: Plain, voice: Voice) -> str:
    if plain["low"] <= 0 <= plain["high"]:
        return voice.say("What click & collect does to the stores cannot be told yet.")
    if plain["estimate"] < 0:
        return voice.say("Stores have fewer receipts since they offer click & collect.")
    return voice.say(
        "Click & collect brings a store about %(share)s more receipts.",
        share=voice.percent(plain["estimate"]),
    )


def _role(plain: Plain, voice: Voice) -> str:
    share = voice.percent(abs(plain["estimate"]))
    closing = plain["diagnostics"]["event"] == "closing"
    if plain["low"] <= 0 <= plain["high"]:
        return voice.say("What the store does to online orders around it cannot be told.")
    if plain["estimate"] < 0:
        return (
            voice.say("Where a store closed, online orders fell by about %(share)s.", share=share)
            if closing
            else voice.say(
                "Where a store opened, online orders fell by about %(share)s.", share=share
            )
        )
    return (
        voice.say("Where a store closed, online orders rose by about %(share)s.", share=share)
        if closing
        else voice.say("Where a store opened, online orders rose by about %(share)s.", share=share)
    )


def _orders(plain: Plain) -> Plain:
    found: Plain = plain["diagnostics"]["outcomes"][0]
    return found


def _said_cannibalisation(plain: Plain, voice: Voice) -> list[str]:
    told = plain["diagnostics"]
    euros = told["euros"]
    return [
        voice.say(
            "Members who began to buy online spent %(online)s online in the months seen. Of this "
            "the stores lost %(diverted)s; %(added)s is new, between %(low)s and %(high)s.",
            online=voice.money(euros["online"]),
            diverted=voice.money(euros["diverted"]),
            added=voice.money(euros["incremental"]),
            low=voice.money(euros["low"]),
            high=voice.money(euros["high"]),
        ),
        voice.say("It is about members of the programme, because only their receipts are seen."),
    ]


def _unsure(euros: Plain, voice: Voice) -> str:
    """Say that an amount may be nothing, where its interval holds zero."""
    sure = not euros["low"] <= 0 <= euros["high"]
    return "" if sure else " " + voice.say("In money it may as well be nothing.")


def _said_loyalty(plain: Plain, voice: Voice) -> list[str]:
    euros = plain["diagnostics"]["euros"]
    return [
        voice.say(
            "In money, enrolment is worth %(euros)s of online sales a person and month, between "
            "%(low)s and %(high)s; for all who enrolled in the months seen, about %(total)s.",
            euros=_cents(euros["estimate"], voice),
            low=_cents(euros["low"], voice),
            high=_cents(euros["high"], voice),
            total=voice.money(euros["total"]),
        )
        + _unsure(euros, voice),
        voice.say(
            "It is about people who bought online before. What enrolment does in the stores cannot "
            "be told: before it, their receipts have no name."
        ),
    ]


def _said_collect(plain: Plain, voice: Voice) -> list[str]:
    told = plain["diagnostics"]
    online = next(one for one in told["outcomes"] if one["name"] == f"{told['outcome']}_online")
    return [
        voice.say(
            "In money, the launch is worth %(euros)s a store and month, between %(low)s and "
            "%(high)s.",
            euros=voice.money(told["euros"]["estimate"]),
            low=voice.money(told["euros"]["low"]),
            high=voice.money(told["euros"]["high"]),
        )
        + _unsure(told["euros"], voice),
        voice.say(
            "Online orders from the provinces of these stores changed by %(share)s, between "
            "%(low)s and %(high)s.",
            share=voice.percent(online["estimate"]),
            low=voice.percent(online["low"]),
            high=voice.percent(online["high"]),
        ),
    ]


def _said_role(plain: Plain, voice: Voice) -> list[str]:
    told = plain["diagnostics"]
    said = [
        voice.say(
            "In money, it is worth %(euros)s of online sales a province and month, between "
            "%(low)s and %(high)s. The provinces: %(places)s.",
            euros=voice.money(told["euros"]["estimate"]),
            low=voice.money(told["euros"]["low"]),
            high=voice.money(told["euros"]["high"]),
            places=", ".join(told["places"]),
        )
        + _unsure(told["euros"], voice)
    ]
    said += [
        voice.say(
            "Up to %(far)s km away online orders changed by %(share)s, between %(low)s and "
            "%(high)s.",
            far=voice.number(ring["to_km"]),
            share=voice.percent(ring["estimate"]),
            low=voice.percent(ring["low"]),
            high=voice.percent(ring["high"]),
        )
        for ring in told["rings"]
    ]
    return [*said, *crossing_words(plain["diagnostics"]["crossing"], voice)]


def _naive_cannibalisation(plain: Plain, voice: Voice) -> str:
    told = plain["diagnostics"]["naive"]
    if told["adjusted_times"] is None:
        return ""
    return voice.say(
        "Buyers in both channels spend %(times)s times as much as those in stores only. Most of "
        "that is selection: those who buy much sooner or later buy everywhere. Going online itself "
        "multiplied their spending by %(adjusted)s.",
        times=voice.number(told["times"], 1),
        adjusted=voice.number(told["adjusted_times"], 1),
    )


def _naive_loyalty(plain: Plain, voice: Voice) -> str:
    told = plain["diagnostics"]["naive"]
    return voice.say(
        "Members place %(difference)s more online orders a month than online buyers without a "
        "card. That is no effect of the programme: the keen ones enrol.",
        difference=voice.number(told["difference"], 3),
    )


def _naive_collect(plain: Plain, voice: Voice) -> str:
    told = plain["diagnostics"]["naive"]["store"]
    return voice.say(
        "After their launch these stores had %(times)s times the receipts of before. Seasons and "
        "everything else that happened meanwhile are in that figure.",
        times=voice.number(told["times"], 2),
    )


def _naive_role(plain: Plain, voice: Voice) -> str:
    return voice.say(
        "After it these provinces had %(times)s times the online orders of before. The growth that "
        "all provinces had is in that figure.",
        times=voice.number(plain["diagnostics"]["naive"]["times"], 2),
    )


_UNITS = {
    "cannibalisation_by_market": _("of the new online orders were lost by the stores"),
    "cannibalisation_by_category": _("of the new online articles were lost by the stores"),
    "cannibalisation": _("of the new online orders were lost by the stores"),
    "click_and_collect_effect": _("more receipts in a store"),
    "store_role": _("more online orders around the store"),
    "loyalty_effect": "",
}

#: Units of estimates as they are said; extracted for the catalogues.
SAID_UNITS = (
    _("online orders per person and month"),
    _("EUR per person and month"),
    _("online articles per person, category and month"),
    _("EUR per person, category and month"),
)

_TITLES: Mapping[str, Callable[[Plain, Voice], str]] = {
    "cannibalisation": _cannibalisation,
    "cannibalisation_by_category": category_title,
    "cannibalisation_by_market": market_title,
    "loyalty_effect": _loyalty,
    "familiarity_effect": familiar_title,
    "tier_effect": tier_title,
    "click_and_collect_effect": _collect,
    "store_role": _role,
}

_MEANINGS: Mapping[str, Callable[[Plain, Voice], list[str]]] = {
    "cannibalisation": _said_cannibalisation,
    "cannibalisation_by_category": category_meanings,
    "cannibalisation_by_market": market_meanings,
    "loyalty_effect": _said_loyalty,
    "familiarity_effect": familiar_meanings,
    "tier_effect": tier_meanings,
    "click_and_collect_effect": _said_collect,
    "store_role": _said_role,
}

_NAIVE: Mapping[str, Callable[[Plain, Voice], str]] = {
    "cannibalisation": _naive_cannibalisation,
    "loyalty_effect": _naive_loyalty,
    "familiarity_effect": familiar_naive,
    "click_and_collect_effect": _naive_collect,
    "store_role": _naive_role,
}
