"""What each kind of identifier may do: how many people may share it, and whether it ties alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Self, TypeVar

from tuttuno.errors import BadInput, Unknown
from tuttuno.vocab import IdentifierType

#: Raised by one whenever the same records and settings may lead to other persons.
METHOD = 2


#: Full name and address together: a value that identity makes itself.
RESIDENCE = "residence"

#: Name, birth date and place alike, weighed: a value that two records have for themselves.
LIKENESS = "likeness"

#: Everything that may tie records; the position in it is how a kind is written in arrays.
KINDS: tuple[str, ...] = (*(kind.value for kind in IdentifierType), RESIDENCE, LIKENESS)


class Strength(StrEnum):
    """How far one value speaks for one person."""

    UNIQUE = "unique"  # given to one person by whoever issues it
    STRONG = "strong"  # hers, though a household may share it
    WEAK = "weak"  # says something beside other evidence
    TRANSIENT = "transient"  # passes from hand to hand


@dataclass(frozen=True, slots=True)
class IdentifierRule:
    """Limits of one kind of identifier; beyond a limit a value makes no tie at all.

    Attributes:
        strength: How far one value speaks for one person.
        priority: Ties of the lowest number are kept first where two contradict each other.
        max_records: Records that may carry one value; more, and it is a shop's or a test value.
        max_persons: People who may share one value; up to here it is a household's.
        max_values: Values of this kind that one person may have.
        merges_alone: False where the records must also agree in given and family name.
        conflict_blocks: True where two values in one person are a contradiction, however many
            `max_values` there may be.
        recycled: True where a value is given to somebody else later, so that two family names
            on it mean two people and not a marriage.
        link_consent: True where a value ties nothing to a record whose person refuses
            profiling, from the moment she does until she agrees again.
    """

    strength: Strength
    priority: int
    max_records: int
    max_persons: int
    max_values: int
    merges_alone: bool = True
    conflict_blocks: bool = False
    recycled: bool = False
    link_consent: bool = False


def default_rules() -> dict[str, IdentifierRule]:
    """The rules of a retailer who has not said otherwise.

    Source: house defaults; persons per value as in the design of identity. `max_records` is
    wide because shops make a new customer of every guest order, and `max_values` of e-mails
    because some guests write another `+alias` each time.
    """
    unique, strong = Strength.UNIQUE, Strength.STRONG
    return {
        IdentifierType.TAX_CODE: IdentifierRule(
            unique, 1, max_records=50, max_persons=1, max_values=1, conflict_blocks=True
        ),
        IdentifierType.LOYALTY_CARD: IdentifierRule(
            unique, 2, max_records=100, max_persons=2, max_values=5
        ),
        IdentifierType.ACCOUNT: IdentifierRule(
            unique, 3, max_records=50, max_persons=1, max_values=50
        ),
        IdentifierType.EMAIL: IdentifierRule(
            strong, 4, max_records=200, max_persons=4, max_values=60
        ),
        IdentifierType.PHONE: IdentifierRule(
            strong, 5, max_records=200, max_persons=4, max_values=10, recycled=True
        ),
        IdentifierType.SOCIAL_HANDLE: IdentifierRule(
            strong, 6, max_records=50, max_persons=2, max_values=10, recycled=True
        ),
        IdentifierType.PAYMENT_TOKEN: IdentifierRule(
            Strength.WEAK, 7, max_records=50, max_persons=3, max_values=50, merges_alone=False
        ),
        IdentifierType.DEVICE: IdentifierRule(
            Strength.TRANSIENT, 8, max_records=50, max_persons=1, max_values=100,
            merges_alone=False,
        ),
        RESIDENCE: IdentifierRule(
            Strength.WEAK, 9, max_records=200, max_persons=4, max_values=1000, merges_alone=False
        ),
    }  # fmt: skip


#: What likeness may do: it ties two records whose names agree, after all other ties.
OF_LIKENESS = IdentifierRule(
    Strength.WEAK, 10, max_records=2, max_persons=1, max_values=1_000_000, merges_alone=False
)


@dataclass(frozen=True, slots=True)
class LikenessSettings:
    """Whether records that share no identifier are weighed, and what follows from the weight.

    Attributes:
        on: False to weigh nothing.
        tie: Bits from which on two records are tied, if name and birth date agree and
            something else does. A number that nothing reaches leaves all to stewards.
        review: Bits from which on a steward is asked.
        link_consent: As in `IdentifierRule`.
    """

    on: bool = True
    tie: float = 14.0
    review: float = 6.0
    link_consent: bool = False


_Rule = TypeVar("_Rule", IdentifierRule, LikenessSettings)


class BadIdentitySetting(BadInput):
    """A value in `[identity]` cannot be used."""

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        super().__init__(f"[identity] {where}: {reason}", hint="see docs/reference/settings.md")


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Everything an identity run depends on besides the records.

    Attributes:
        rules: One for each kind of identifier.
        largest_person: Records that may be one person; a group beyond it is cut at its
            weakest ties.
        likeness: What becomes of records that share nothing but likeness.
    """

    rules: Mapping[str, IdentifierRule] = field(default_factory=default_rules)
    largest_person: int = 1000
    likeness: LikenessSettings = LikenessSettings()

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Self:
        """Read the `[identity]` section of a project file over the defaults.

        Raises:
            Unknown: A key, or a kind of identifier, is in no list.
            BadIdentitySetting: A value is not of the right kind.
        """
        rules, largest, likeness = default_rules(), 1000, LikenessSettings()
        for name, value in section.items():
            if name == "largest_person":
                largest = _checked(name, value, int)
            elif name == LIKENESS:
                likeness = _changed(name, value, likeness)
            elif name in rules:
                rules[name] = _changed(name, value, rules[name])
            else:
                known = [*map(str, rules), LIKENESS, "largest_person"]
                raise Unknown("setting of [identity]", name, known)
        if likeness.review > likeness.tie:
            raise BadIdentitySetting("likeness.review", f"{likeness.review} is above `tie`")
        return cls(rules=rules, largest_person=largest, likeness=likeness)

    @property
    def config_hash(self) -> str:
        """Name of these settings and of the method: equal hash and records, equal persons."""
        said = {
            "method": METHOD,
            "largest_person": self.largest_person,
            "likeness": asdict(self.likeness),
            "rules": {str(kind): asdict(rule) for kind, rule in sorted(self.rules.items())},
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _changed(kind: str, section: object, rule: _Rule) -> _Rule:
    if not isinstance(section, Mapping):
        raise BadIdentitySetting(kind, f"a table is needed, not {section!r}")
    kinds = {part.name: type(getattr(rule, part.name)) for part in fields(rule)}
    found: dict[str, Any] = {}
    for name, value in section.items():
        if name not in kinds:
            raise Unknown(f"setting of [identity.{kind}]", name, kinds)
        found[name] = _checked(f"{kind}.{name}", value, kinds[name])
    return replace(rule, **found)


def _checked(where: str, value: object, kind: type) -> Any:
    if issubclass(kind, Strength):
        if not isinstance(value, str) or value not in list(Strength):
            raise BadIdentitySetting(where, f"{value!r} is none of {', '.join(Strength)}")
        return Strength(value)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise BadIdentitySetting(where, f"{value!r} is no {kind.__name__}")
    if kind is int and isinstance(value, int) and value < 1:
        raise BadIdentitySetting(where, f"{value} is below 1")
    return value
