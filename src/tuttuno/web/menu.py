"""The navigation at the left: never more than two levels, only what the reader may open."""

from collections.abc import Collection
from dataclasses import dataclass

from tuttuno.chart.voice import _
from tuttuno.web.door import Viewer
from tuttuno.web.locale import Speech


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; `here` is true on the page it leads to."""

    label: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Links under one heading; the first has none."""

    label: str
    entries: tuple[Entry, ...]


_SECTIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("", (("measures:read", "/", _("Overview")),)),
    (
        _("Who are they"),
        (
            ("measures:read", "/measures/channel_class", _("Channel classes")),
            ("measures:read", "/measures/multichannel_worth", _("Worth of both channels")),
            ("measures:read", "/measures/channel_share", _("Share of each channel")),
            ("measures:read", "/measures/coverage", _("Sales with a known buyer")),
            ("measures:read", "/measures/online_exclusives", _("Only online")),
            ("measures:read", "/measures/generations", _("Generations")),
            ("measures:read", "/measures/rfm", _("Recency, frequency, value")),
            ("measures:read", "/measures/lifetime_value", _("Lifetime value")),
            ("measures:read", "/measures/purchases_foreseen", _("Foreseen and seen")),
            ("measures:read", "/measures/churn_risk", _("Still active")),
            ("measures:read", "/measures/social_activity", _("Social activity")),
        ),
    ),
    (
        _("How do they move"),
        (
            ("measures:read", "/measures/channel_migration", _("Moves between classes")),
            ("measures:read", "/measures/first_crossing", _("Until the other channel")),
            ("measures:read", "/measures/product_overlap", _("Products in both channels")),
            ("measures:read", "/measures/click_and_collect", _("Click & collect")),
            ("measures:read", "/measures/cohorts", _("Cohorts")),
            ("measures:read", "/measures/growth", _("Growth by channel")),
            ("measures:read", "/measures/returns", _("Returns")),
            ("measures:read", "/measures/interests", _("Looked at, then bought")),
            ("measures:read", "/measures/basket_affinity", _("Bought together")),
            ("measures:read", "/measures/next_product", _("Next product")),
        ),
    ),
    (
        _("Does it cause"),
        (
            ("measures:read", "/effects/cannibalisation", _("Cannibalisation")),
            ("measures:read", "/effects/cannibalisation_by_category", _("The same by category")),
            ("measures:read", "/effects/cannibalisation_by_market", _("The same by market")),
            ("measures:read", "/effects/loyalty_effect", _("Effect of the loyalty programme")),
            ("measures:read", "/effects/familiarity_effect", _("Effect of knowing the product")),
            ("measures:read", "/effects/tier_effect", _("Effect of a tier")),
            ("measures:read", "/effects/click_and_collect_effect", _("Effect of click & collect")),
            ("measures:read", "/effects/store_role", _("Effect of a new store")),
        ),
    ),
    (
        _("How do we reach them"),
        (("measures:read", "/measures/reachability", _("Reachability")),),
    ),
    (
        _("People"),
        (
            ("people:read", "/people", _("Find a person")),
            ("people:steward", "/stewardship", _("Identity review")),
        ),
    ),
    (
        _("Operations"),
        (
            ("intake:read", "/intake", _("Intake")),
            ("intake:read", "/quarantine", _("Quarantine")),
            ("releases:read", "/releases", _("Releases")),
        ),
    ),
)


def menu(
    viewer: Viewer, speech: Speech, path: str, *, measures: Collection[str]
) -> tuple[Section, ...]:
    """Return the sections that have something for this reader, measures that exist only."""
    sections = []
    for label, links in _SECTIONS:
        entries = tuple(
            Entry(speech.say(text), href, here=_leads_to(href, path))
            for permission, href, text in links
            if permission in viewer.permissions and _exists(href, measures)
        )
        if entries:
            sections.append(Section(speech.say(label) if label else "", entries))
    return tuple(sections)


def _exists(href: str, measures: Collection[str]) -> bool:
    name = href.removeprefix("/measures/")
    return name == href or name in measures


def _leads_to(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))


def measure_label(name: str) -> str:
    """Return what a measure is called in the navigation, or its name in plain words."""
    for _section, links in _SECTIONS:
        for _permission, href, text in links:
            if href == f"/measures/{name}":
                return text
    return name.replace("_", " ").capitalize()
