"""The golden record: for each detail of a person its best value, who told it, and by which rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from stdnum.it import codicefiscale

from tuttuno.errors import BadInput, Unknown
from tuttuno.vault.decisions import Decision
from tuttuno.vocab import Gender

Row = Mapping[str, Any]


class Rule(StrEnum):
    """Which of several values is taken; where a rule leaves several, the one told last."""

    MOST_RECENT = "most_recent"  # of the record that changed last
    MOST_TRUSTED = "most_trusted"  # of the source named first in `[golden] trust`
    MOST_FREQUENT = "most_frequent"  # that most records tell
    VERIFIED_FIRST = "verified_first"  # confirmed; after that, as most_frequent


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known of a person, taken from one record as a whole.

    Attributes:
        columns: Columns of a record; a street is never put beside another record's town.
        rule: The rule of a retailer who has not said otherwise.
        whole: Columns that a record has to tell to go before those that tell less.
    """

    name: str
    columns: tuple[str, ...]
    rule: Rule
    whole: tuple[str, ...] = ()


_NAME = ("given_name", "family_name")
_ADDRESS = ("address", "postal_code", "city", "province", "country")

DETAILS: tuple[Detail, ...] = (
    Detail("name", _NAME, Rule.MOST_RECENT, whole=_NAME),
    Detail("birth_date", ("birth_date",), Rule.VERIFIED_FIRST),
    Detail("gender", ("gender",), Rule.VERIFIED_FIRST),
    Detail("address", _ADDRESS, Rule.MOST_RECENT, whole=("address", "city")),
    Detail("email", ("email",), Rule.MOST_RECENT),
    Detail("phone", ("phone",), Rule.MOST_RECENT),
    Detail("loyalty_card", ("loyalty_card",), Rule.MOST_RECENT),
    Detail("tax_code", ("tax_code",), Rule.VERIFIED_FIRST),
    Detail("language", ("language",), Rule.MOST_RECENT),
)
_NAMES = tuple(detail.name for detail in DETAILS)
_GENDERS = {"M": Gender.MALE, "F": Gender.FEMALE}
#: Digits at the end of a phone number that make two spellings one.
_PHONE_DIGITS = 9


class BadGoldenSetting(BadInput):
    """A value in `[golden]` cannot be used."""

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        super().__init__(f"[golden] {where}: {reason}", hint="see docs/reference/settings.md")


@dataclass(frozen=True, slots=True)
class GoldenSettings:
    """How the best value is found.

    Attributes:
        trust: Sources, the most trusted first; those not named come behind, all alike.
        rules: The rule of each detail.
    """

    trust: tuple[str, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=lambda: {d.name: d.rule for d in DETAILS})

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Self:
        """Read the `[golden]` section of a project file over the defaults.

        Raises:
            Unknown: A key or a rule is in no list.
            BadGoldenSetting: A value is not of the right kind.
        """
        rules = {detail.name: detail.rule for detail in DETAILS}
        trust: tuple[str, ...] = ()
        for name, value in section.items():
            if name == "trust":
                trust = _sources(value)
            elif name not in rules:
                raise Unknown("setting of [golden]", name, [*rules, "trust"])
            elif value not in list(Rule):
                raise Unknown(f"rule for [golden] {name}", str(value), list(Rule))
            else:
                rules[name] = Rule(value)
        return cls(trust=trust, rules=rules)


@dataclass(frozen=True, slots=True)
class Told:
    """What one record tells of a detail.

    Attributes:
        values: What its columns hold, in their order; None where it does not say.
        at: When the record changed last; None is unknown.
        whole: False where others that tell more go before it.
        same: How many of her records tell the same.
        verified: True where a valid tax code of hers confirms it or, for what no tax code
            tells, a second source says the same.
        pin: The decision that pins the detail to this record; None for no such.
    """

    record_key: str
    source: str
    values: tuple[Any, ...] = field(repr=False)
    at: datetime | None
    whole: bool
    same: int
    verified: bool
    pin: int | None


@dataclass(frozen=True, slots=True)
class Best:
    """The best value of a detail.

    Attributes:
        chosen: The record it is taken from.
        rule: By which it was chosen, unless it is pinned.
        told: What each record tells, the chosen one first, then by the rule.
    """

    detail: Detail
    chosen: Told
    rule: Rule
    told: tuple[Told, ...]


def detail_of(name: str) -> Detail:
    """Return a detail by its name.

    Raises:
        Unknown: There is none.
    """
    for detail in DETAILS:
        if detail.name == name:
            return detail
    raise Unknown("detail of a person", name, _NAMES)


#: What stands for a rule where a steward has decided.
PINNED = "pinned"

_SAID = {
    Rule.MOST_RECENT: "told last",
    Rule.MOST_TRUSTED: "the most trusted source",
    Rule.MOST_FREQUENT: "{same} of {telling} records tell the same",
    PINNED: "decided by a person",
}


def said(rule: str, same: int, telling: int, *, verified: bool) -> str:
    """Say in a few words why a value is the best one.

    >>> said("most_recent", 2, 3, verified=False), said("most_recent", 3, 3, verified=False)
    ('told last', 'all records tell the same')
    >>> said("verified_first", 1, 3, verified=True)
    'confirmed by a tax code or a second source'
    """
    if rule != PINNED and same == telling:
        return "all records tell the same" if telling > 1 else "no other record tells it"
    if rule == Rule.VERIFIED_FIRST:
        if verified:
            return "confirmed by a tax code or a second source"
        rule = Rule.MOST_FREQUENT
    return _SAID[rule].format(same=same, telling=telling)


def golden_record(
    rows: Sequence[Row], settings: GoldenSettings, pins: Sequence[Decision] = ()
) -> tuple[Best, ...]:
    """Find the best value of every detail that any record tells.

    Args:
        rows: The records of one person, as the vault holds them, in any order.
        settings: By which rules.
        pins: What stewards pinned on her records; of two on one detail the later holds.
    """
    confirmed = _confirmed(rows)
    found = (_best(detail, rows, settings, (pins, confirmed)) for detail in DETAILS)
    return tuple(best for best in found if best is not None)


def _best(
    detail: Detail,
    rows: Sequence[Row],
    settings: GoldenSettings,
    known: tuple[Sequence[Decision], Mapping[str, set[Any]]],
) -> Best | None:
    pins, confirmed = known
    telling = [row for row in rows if any(row[column] for column in detail.columns)]
    if not telling:
        return None
    rule = settings.rules[detail.name]
    pinned = {one.a_key: one.decision_no for one in pins if one.field == detail.name}
    keys = [_folded(detail, row) for row in telling]
    told = [
        _told(detail, row, [r for r, k in zip(telling, keys, strict=True) if k == key], confirmed)
        for row, key in zip(telling, keys, strict=True)
    ]
    told = [replace(one, pin=pinned.get(one.record_key)) for one in told]
    told.sort(key=lambda one: _rank(one, rule, settings.trust))
    return Best(detail, told[0], rule, tuple(told))


def _rank(one: Told, rule: Rule, trust: Sequence[str]) -> tuple[Any, ...]:
    """Where a record stands among those that tell a detail: the smallest is the best."""
    last = -one.at.timestamp() if one.at is not None else float("inf")
    by_rule: tuple[int, ...] = ()
    if rule is Rule.MOST_TRUSTED:
        by_rule = (trust.index(one.source) if one.source in trust else len(trust),)
    elif rule is Rule.MOST_FREQUENT:
        by_rule = (-one.same,)
    elif rule is Rule.VERIFIED_FIRST:
        by_rule = (not one.verified, -one.same)
    return (-(one.pin or 0), not one.whole, *by_rule, last, one.record_key)


def _told(
    detail: Detail, row: Row, alike: Sequence[Row], confirmed: Mapping[str, set[Any]]
) -> Told:
    if detail.name in confirmed:
        verified = row[detail.columns[0]] in confirmed[detail.name]
    else:
        verified = len({other["source"] for other in alike}) > 1
    return Told(
        record_key=row["record_key"],
        source=row["source"],
        values=tuple(row[column] for column in detail.columns),
        at=row["updated_at"] or row["created_at"],
        whole=all(row[column] for column in detail.whole),
        same=len(alike),
        verified=verified,
        pin=None,
    )


def _folded(detail: Detail, row: Row) -> tuple[str, ...]:
    """What two spellings of one value have in common."""
    texts = [" ".join(str(row[column] or "").casefold().split()) for column in detail.columns]
    if detail.name == "phone":
        texts = ["".join(sign for sign in texts[0] if sign.isdigit())[-_PHONE_DIGITS:]]
    return tuple(texts)


def _confirmed(rows: Sequence[Row]) -> dict[str, set[Any]]:
    """What the valid tax codes of a person say: the codes, her birth date, her gender."""
    codes = {row["tax_code"] for row in rows if row["tax_code"]}
    valid = {code for code in codes if codicefiscale.is_valid(code)}
    found: dict[str, set[Any]] = {"tax_code": valid}
    if valid:
        people = {codicefiscale.compact(code) for code in valid}
        people = {code for code in people if not code.isdigit()}  # a company's has no birth date
        born: set[date] = {codicefiscale.get_birth_date(code) for code in people}
        found |= {
            "birth_date": born,
            "gender": {_GENDERS[codicefiscale.get_gender(code)] for code in people},
        }
    return found


def _sources(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadGoldenSetting("trust", f"a list of sources is needed, not {value!r}")
    return tuple(value)
