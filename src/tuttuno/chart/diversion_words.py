"""What cannibalisation by category and by market says, and the picture of one dot a category."""

from collections.abc import Mapping
from typing import Any

from tuttuno.chart.picture import Dots, Hue, Mark
from tuttuno.chart.voice import Voice

Plain = Mapping[str, Any]

#: Below this, categories are said to differ.
_UNLIKE = 0.05


def category_title(plain: Plain, voice: Voice) -> str:
    """Say what stores lose of new online articles, and where, if categories differ at all."""
    if plain["low"] <= 0 <= plain["high"]:
        return voice.say("Whether the online shop takes articles from the stores cannot be told.")
    if plain["high"] < 0:
        return voice.say("Buying online adds to the articles that members buy in stores.")
    told = plain["diagnostics"]
    rows = _known(told)
    lost = voice.number(plain["estimate"] * 100)
    if told["alike"] is None or told["alike"] >= _UNLIKE or len(rows) < 2:
        return voice.say(
            "Of 100 articles that members newly buy online the stores lost about %(lost)s, in no "
            "category clearly more than in the others.",
            lost=lost,
        )
    return voice.say(
        "Of 100 articles that members newly buy online the stores lost about %(lost)s: most in "
        "%(most)s, least in %(least)s.",
        lost=lost,
        most=category(rows[0]["category"], voice),
        least=category(rows[-1]["category"], voice),
    )


def category_meanings(plain: Plain, voice: Voice) -> list[str]:
    """Say what was compared, how the categories differ, and what could not be told."""
    told = plain["diagnostics"]
    said = [
        voice.say(
            "It is about members of the programme before and after their first online order: in "
            "each category, what they buy less in stores for what they newly buy online."
        )
    ]
    if told["alike"] is not None:
        said.append(
            voice.say(
                "If the stores lost the same share in every category, categories would lie as far "
                "apart as here with a probability of %(p)s.",
                p=voice.number(told["alike"], 3),
            )
        )
    dumb = [row["category"] for row in told["by_category"] if row["estimate"] is None]
    if dumb:
        said.append(
            voice.say(
                "No share can be told for %(categories)s: what members buy online there cannot be "
                "told from nothing.",
                categories=", ".join(category(name, voice) for name in dumb),
            )
        )
    return said


def market_title(plain: Plain, voice: Voice) -> str:
    """Say what stores lose or gain where a province newly orders online."""
    both = _outcome(plain, "both")
    if plain["low"] > 0:
        return voice.say(
            "Of 100 orders that provinces newly place online since they can collect them, about "
            "%(lost)s were lost by their stores.",
            lost=voice.number(plain["estimate"] * 100),
        )
    if plain["high"] < 0:
        return voice.say(
            "Where one can collect, more is ordered online and more is bought in the stores."
        )
    if both["low"] > 0:
        return voice.say(
            "Where one can collect, both channels together sell about %(share)s more; whether the "
            "stores lose any of it cannot be told.",
            share=voice.percent(both["estimate"]),
        )
    return voice.say(
        "What stores lose where a province newly orders online and collects cannot be told."
    )


def market_meanings(plain: Plain, voice: Voice) -> list[str]:
    """Say what both channels together gained, in orders and in money."""
    both, euros = _outcome(plain, "both"), plain["diagnostics"]["euros"]
    return [
        voice.say(
            "Both channels together changed by %(share)s, between %(low)s and %(high)s. In money "
            "that is %(euros)s a province and month, between %(least)s and %(most)s: %(store)s in "
            "its stores and %(online)s online.",
            share=voice.percent(both["estimate"]),
            low=voice.percent(both["low"]),
            high=voice.percent(both["high"]),
            euros=voice.money(euros["estimate"]),
            least=voice.money(euros["low"]),
            most=voice.money(euros["high"]),
            store=voice.money(euros["store"]),
            online=voice.money(euros["online"]),
        ),
        voice.say(
            "Who comes to collect buys in the store as well: a negative share says that stores "
            "gained where more was ordered online."
        ),
    ]


def _outcome(plain: Plain, side: str) -> Plain:
    told = plain["diagnostics"]
    name = f"{told['outcome']}_{side}"
    found: Plain = next(one for one in told["outcomes"] if one["name"] == name)
    return found


def category(name: str, voice: Voice) -> str:
    """Say a category; articles without one have a name too."""
    return name or voice.say("without a category")


def category_dots(plain: Plain, voice: Voice) -> Dots:
    """One dot a category around what all of them together tell."""
    share = plain["unit"] == "1"
    marks = tuple(
        Mark(
            category(row["category"], voice), row["estimate"],
            voice.percent(row["estimate"], 0) if share else voice.number(row["estimate"], 3),
            Hue.STORE if share else Hue.ONLINE, low=row["low"], high=row["high"],
        )
        for row in _known(plain["diagnostics"])
    )  # fmt: skip
    title = (
        voice.say("Share of new online articles that the stores lost, by category")
        if share
        else voice.say("Bought more online a person and month, by category")
    )
    axis = (
        voice.say("Share lost by the stores, %")
        if share
        else voice.say("Articles a person and month")
    )
    return Dots(title, marks, plain["estimate"], voice.say("all categories"), axis)


def _known(told: Plain) -> list[Plain]:
    """Categories with a share, the largest loss first."""
    rows = [row for row in told["by_category"] if row["estimate"] is not None]
    return sorted(rows, key=lambda row: -row["estimate"])
