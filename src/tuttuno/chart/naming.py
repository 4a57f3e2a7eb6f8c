"""What stored words are called in front of people, and which colour they have."""

from tuttuno.chart.picture import Hue
from tuttuno.chart.voice import Voice, _

#: Stored word -> what people say. Words that are missing here are shown as they are.
NAMES = {
    "online_only": _("Only online"),
    "store_only": _("Only in store"),
    "both": _("Both channels"),
    "online_led": _("Mostly online"),
    "store_led": _("Mostly in store"),
    "balanced": _("Balanced"),
    "undetermined": _("Too few orders to say"),
    "store": _("Store"),
    "online": _("Online"),
    "web": _("Web"),
    "app": _("App"),
    "marketplace": _("Marketplace"),
    "social": _("Social"),
    "phone": _("Phone"),
    "carried": _("Carried out"),
    "delivered": _("Delivered"),
    "collected": _("Click & collect"),
    "shipped_from_store": _("Shipped from store"),
    "none": _("Not buying"),
    "lapsed": _("Not buying"),
    "new": _("New"),
    "buyers": _("Buyers"),
    "identified": _("Known"),
    "address": _("With a contact"),
    "has_address": _("With a contact"),
    "consent": _("With consent"),
    "consented": _("With consent"),
    "deliverable": _("Deliverable"),
    "reachable": _("Reachable"),
    "reached": _("Reached"),
    "engaged": _("Engaged"),
    "product": _("Product"),
    "brand": _("Brand"),
    "category": _("Category"),
    "known": _("Known buyer"),
    "anonymous": _("Anonymous"),
    "female": _("Women"),
    "male": _("Men"),
    "other": _("Other"),
    "true": _("Yes"),
    "false": _("No"),
    "persons": _("Buyers"),
    "units": _("Pieces"),
    "revenue": _("Revenue"),
    "orders": _("Orders"),
    "sales": _("Sales"),
}

_HUES = {
    "online_only": Hue.ONLINE,
    "online_led": Hue.ONLINE,
    "online": Hue.ONLINE,
    "web": Hue.ONLINE,
    "app": Hue.ONLINE,
    "marketplace": Hue.ONLINE,
    "social": Hue.ONLINE,
    "delivered": Hue.ONLINE,
    "store_only": Hue.STORE,
    "store_led": Hue.STORE,
    "store": Hue.STORE,
    "carried": Hue.STORE,
    "both": Hue.BOTH,
    "balanced": Hue.BOTH,
    "collected": Hue.COLLECT,
    "shipped_from_store": Hue.COLLECT,
    "phone": Hue.PHONE,
    "undetermined": Hue.UNKNOWN,
    "anonymous": Hue.UNKNOWN,
    "none": Hue.UNKNOWN,
    "lapsed": Hue.UNKNOWN,
}


def named(word: object, voice: Voice) -> str:
    """Say a stored word; null is said to be unknown.

    >>> from tuttuno.chart.voice import PlainVoice
    >>> named("store_led", PlainVoice()), named(None, PlainVoice()), named("MI", PlainVoice())
    ('Mostly in store', 'Unknown', 'MI')
    """
    if word is None:
        return voice.say("Unknown")
    if isinstance(word, bool):
        word = str(word).lower()
    text = str(word)
    return voice.say(NAMES[text]) if text in NAMES else text


def said(column: str, word: object, voice: Voice) -> str:
    """Say the value of a column: months as months, everything else as it is named.

    >>> from tuttuno.chart.voice import PlainVoice
    >>> said("channel", "web", PlainVoice()), said("month", "2026-01", PlainVoice())
    ('Web', '2026-01')
    """
    if column == "month" and isinstance(word, str):
        return voice.month(word)
    return named(word, voice)


def hue_of(word: object) -> Hue:
    """Return the colour of a stored word; what belongs to no channel is plain."""
    return Hue.UNKNOWN if word is None else _HUES.get(str(word), Hue.PLAIN)
