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
    "collected_only": _("Only click & collect"),
    "none": _("Not yet a buyer"),
    "lapsed": _("Not buying"),
    "all": _("All"),
    "side": _("Side"),
    "channel": _("Channel"),
    "online_share": _("Online share of a buyer’s spend"),
    "unknown": _("Unknown"),
    "generation": _("Generation"),
    "age_band": _("Age band"),
    "greatest": _("Born up to 1927"),
    "silent": _("Silent generation, 1928–45"),
    "boomer": _("Boomers, 1946–64"),
    "gen_x": _("Generation X, 1965–80"),
    "millennial": _("Millennials, 1981–96"),
    "gen_z": _("Generation Z, 1997–2012"),
    "alpha": _("Generation Alpha, from 2013"),
    "since": _("First online order in"),
    "past": _("Ever in a store"),
    "once_in_store": _("Once bought in a store"),
    "never_in_store": _("Never bought in a store"),
    "store_near": _("Store in the province"),
    "in_province": _("A store in the own province"),
    "not_in_province": _("No store in the own province"),
    "home_store": _("Home store"),
    "products": _("Products"),
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "new": _("New"),
    "promising": _("Promising"),
    "at_risk": _("At risk"),
    "fading": _("Fading"),
    "asleep": _("Asleep"),
    "inactive": _("Not active"),
    "active": _("Active"),
    "once": _("Once"),
    "several": _("Two to four times"),
    "often": _("Five times and more"),
    "any": _("All that names a product"),
    "viewed": _("Looked at"),
    "in_cart": _("Put in a cart"),
    "wished": _("Wished for"),
    "searched": _("Searched"),
    "safe": _("Safe"),
    "wavering": _("Wavering"),
    "slipping": _("Slipping away"),
    "gone": _("Probably gone"),
    "top_10": _("Best tenth"),
    "next_20": _("Next two tenths"),
    "next_30": _("Next three tenths"),
    "last_40": _("Last four tenths"),
    "bought": _("Buyers"),
    "buyers": _("Buyers"),
    "identified": _("Known"),
    "address": _("With a contact"),
    "has_address": _("With a contact"),
    "consent": _("With consent"),
    "consented": _("With consent"),
    "valid": _("With one that works"),
    "deliverable": _("Deliverable"),
    "reachable": _("Reachable"),
    "reached": _("Reached"),
    "engaged": _("Engaged"),
    "product": _("Product"),
    "brand": _("Brand"),
    "category": _("Category"),
    "repeat": _("Bought again"),
    "novel": _("New to the buyer"),
    "to_online": _("Online, for those with purchases in stores"),
    "to_store": _("In stores, for those with purchases online"),
    "as_seen": _("As everybody says it"),
    "later": _("Followed into the second half"),
    "like_with_like": _("Like with like"),
    "known": _("Known buyer"),
    "anonymous": _("Anonymous"),
    "female": _("Women"),
    "male": _("Men"),
    "other": _("Other"),
    "yes": _("Yes"),
    "no": _("No"),
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
    "collected_only": Hue.COLLECT,
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
    """Say the value of a column: months as months, stores by name, the rest as it is named.

    >>> from tuttuno.chart.voice import PlainVoice
    >>> said("channel", "web", PlainVoice()), said("month", "2026-01", PlainVoice())
    ('Web', '2026-01')
    """
    if column in {"month", "cohort"} and isinstance(word, str):
        return voice.month(word)
    if column in {"store", "home_store", "store_id"} and isinstance(word, str):
        return voice.place(word)
    return named(word, voice)


def hue_of(word: object) -> Hue:
    """Return the colour of a stored word; what belongs to no channel is plain."""
    return Hue.UNKNOWN if word is None else _HUES.get(str(word), Hue.PLAIN)
