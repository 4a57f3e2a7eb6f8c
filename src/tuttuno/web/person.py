"""What a person's card says in words: what matters today, how she is known, what she agreed."""

from tuttuno.chart.naming import named
from tuttuno.chart.voice import _
from tuttuno.tasks.explain_person import Apart
from tuttuno.tasks.show_person import ConsentShown, PersonCard
from tuttuno.web.locale import Speech

_IDENTIFIERS = {
    "loyalty_card": _("Card"),
    "account": _("Account"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "tax_code": _("Tax code"),
    "payment_token": _("Means of payment"),
    "device": _("Device"),
    "social_handle": _("Social name"),
    "residence": _("Name and address"),
    "score": _("Similar details"),
    "likeness": _("Similar details"),
    "steward": _("Decided by a person"),
}

_PURPOSES = {
    "marketing": _("advertising"),
    "profiling": _("profiling"),
    "third_parties": _("passing on to others"),
    "ad_match": _("advertising networks"),
}

_MEANS = {
    "email": _("by e-mail"),
    "sms": _("by SMS"),
    "phone": _("by telephone"),
    "post": _("by post"),
    "push": _("in the app"),
    "any": _("by any means"),
}


def identifier(kind: str, speech: Speech) -> str:
    """Say what kind of identifier tied two records."""
    return speech.say(_IDENTIFIERS[kind]) if kind in _IDENTIFIERS else kind


def own_key(shown: str, speech: Speech) -> str:
    """Say a source's own key; one that is an identifier itself is said to be one."""
    kind, _space, rest = shown.partition(" ")
    return f"{identifier(kind, speech)} {rest}" if kind in _IDENTIFIERS and rest else shown


def consent(state: ConsentShown, speech: Speech) -> str:
    """Say one consent in plain words, e.g. "Agreed: advertising by e-mail"."""
    purpose = speech.say(_PURPOSES.get(state.purpose, state.purpose))
    means = speech.say(_MEANS.get(state.contact_channel, state.contact_channel))
    if state.granted:
        return speech.say("Agreed: %(purpose)s %(means)s", purpose=purpose, means=means)
    return speech.say("Refused: %(purpose)s %(means)s", purpose=purpose, means=means)


def apart(value: Apart, speech: Speech) -> str:
    """Say why a value that others carry too did not join them to her."""
    why = {
        "household": _("%(persons)s people seem to share it, so it ties equal names only"),
        "shared": _("%(persons)s people seem to share it, more than are trusted"),
        "junk": _("%(records)s records carry it, more than any person has"),
        "conflict": _("it would join what contradicts itself"),
        "decided": _("somebody decided to keep the two apart"),
        "names": _("it ties only records whose names agree"),
    }
    text = why.get(value.reason)
    if text is None:
        return value.text
    counts = {"persons": speech.number(value.persons), "records": speech.number(value.records)}
    return speech.say(text, **counts)


def insights(card: PersonCard, speech: Speech) -> list[str]:
    """Return at most three sentences that matter when she stands at the counter."""
    said = []
    if card.waiting_parcels:
        said.append(
            speech.many(
                "%(count)s parcel is waiting to be collected.",
                "%(count)s parcels are waiting to be collected.",
                card.waiting_parcels,
            )
        )
    if card.channel_band:
        said.append(_habit(card, speech))
    if card.last_on:
        day = speech.day(card.last_on)
        said.append(speech.say("Bought last on %(day)s.", day=day))
    return said[:3]


def facts(card: PersonCard, speech: Speech) -> list[tuple[str, str]]:
    """Return what is known of her beyond the purchases, unknown things left out."""
    known = (
        (speech.say("Home store"), card.home_store),
        (speech.say("Level"), card.tier),
        (speech.say("Member since"), speech.day(card.enrolled_on) if card.enrolled_on else None),
        (speech.say("Age"), card.age_band.replace("-", "\u2013") if card.age_band else None),
        (speech.say("Place"), card.place),
        (speech.say("Language"), speech.tongue(card.language) if card.language else None),
    )
    return [(label, value) for label, value in known if value]


def _habit(card: PersonCard, speech: Speech) -> str:
    habits = {
        "online_only": _("Buys only online."),
        "online_led": _("Buys mostly online, sometimes in store."),
        "balanced": _("Buys in both channels."),
        "store_led": _("Buys mostly in store, sometimes online."),
        "store_only": _("Buys only in store."),
        "undetermined": _("Has bought too little to say which channel is preferred."),
    }
    text = habits.get(card.channel_band or "")
    return speech.say(text) if text else named(card.channel_band, speech)
