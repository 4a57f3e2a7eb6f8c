"""What a retailer declares of a study: whom, since when, which treatment, what is left out."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import msgspec

from tuttuno.errors import BadInput, Unknown

#: What people, or stores, may be chosen or left out by; columns of the mart.
TRAITS = ("province", "country", "gender", "age_band", "generation", "home_store_id")
PLACES = ("store_id", "province", "country", "brand")

#: Studies that compare stores or catchments, not persons.
_OF_PLACES = {"cannibalisation_by_market", "click_and_collect_effect", "store_role"}

#: Studies that need to know at what a tier is reached.
_OF_TIERS = {"tier_effect"}

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One study as it was asked for; what is not declared has its default.

    Attributes:
        treatment: What is done to the treated; each study knows which ones it can judge.
        outcome: `orders` or `net`: in what the headline is told. The other is told beside it.
        since: First month, `YYYY-MM`; empty: the first whole month of the release.
        until: First month that no longer counts; empty: after the last whole one.
        baseline: Months at the start that only say who takes part.
        anticipation: Months before the treatment in which it may already act.
        population: Trait -> values of those who take part; empty: everybody.
        exclude: Trait -> values of those who do not.
        tier: The tier that is reached at the threshold; only a study of tiers needs it.
        threshold: Net spent in the baseline, in the currency of the project, at which the tier
            is reached; 0: not known.
    """

    name: str
    treatment: str
    outcome: str = "orders"
    since: str = ""
    until: str = ""
    baseline: int = 6
    anticipation: int = 0
    population: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tier: str = ""
    threshold: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, enough to ask the same again."""
        return asdict(self)


class _Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[effects.NAME]` of the project file."""

    treatment: str | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None
    baseline: int | None = None
    anticipation: int | None = None
    population: dict[str, tuple[str, ...]] | None = None
    exclude: dict[str, tuple[str, ...]] | None = None
    tier: str | None = None
    threshold: float | None = None


class BadDeclaration(BadInput):
    """A study is declared in a way that it cannot be asked."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"[effects.{name}] {reason}", hint="see docs/how-to/declare-a-study.md")


class WrongTreatment(BadInput):
    """A study is asked for a treatment that it cannot judge."""


def declared(default: Declaration, facts: Mapping[str, Any]) -> Declaration:
    """Return the default with what a project file says otherwise.

    Raises:
        BadDeclaration: A key or value is not known.
    """
    try:
        told = msgspec.convert(facts, _Declared)
    except msgspec.ValidationError as exc:
        raise BadDeclaration(default.name, str(exc)) from exc
    given = {key: value for key, value in msgspec.structs.asdict(told).items() if value is not None}
    found = replace(default, **given)
    _check(found)
    return found


def _check(found: Declaration) -> None:
    if found.outcome not in {"orders", "net"}:
        raise BadDeclaration(found.name, f"outcome {found.outcome!r} is not orders or net")
    for key, month in (("since", found.since), ("until", found.until)):
        if month and not _MONTH.fullmatch(month):
            raise BadDeclaration(found.name, f"{key} {month!r} is not a month like 2025-03")
    if found.since and found.until and found.since >= found.until:
        raise BadDeclaration(found.name, "until is not after since")
    if not 1 <= found.baseline <= 24:
        raise BadDeclaration(found.name, "baseline is between 1 and 24 months")
    _check_tier(found)
    if not 0 <= found.anticipation <= 6:
        raise BadDeclaration(found.name, "anticipation is between 0 and 6 months")
    known = PLACES if found.name in _OF_PLACES else TRAITS
    for trait in (*found.population, *found.exclude):
        if trait not in known:
            raise Unknown("trait", trait, known)


def _check_tier(found: Declaration) -> None:
    if found.threshold < 0:
        raise BadDeclaration(found.name, "threshold is an amount spent, above zero")
    if (found.tier or found.threshold) and found.name not in _OF_TIERS:
        raise BadDeclaration(found.name, "tier and threshold belong to [effects.tier_effect]")
