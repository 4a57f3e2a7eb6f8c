"""Two records side by side: each thing that speaks for or against their being one person."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.identity.explain import NoSuchRecord
from tuttuno.identity.gather import Picture, around
from tuttuno.identity.likeness.words import SAYS, parts_of
from tuttuno.identity.profile import Rules
from tuttuno.identity.registry import KINDS, IdentitySettings
from tuttuno.identity.weights import Reason, Scales, chance
from tuttuno.schema.masked import masked
from tuttuno.vault import persons
from tuttuno.vault.identifiers import identifier_values
from tuttuno.vault.records import record_states
from tuttuno.vault.vault import Connection
from tuttuno.vocab import IdentifierType

_NAMES = {
    "agrees": "given and family name agree",
    "leans": "the given names agree, and nothing else can be compared",
    "silent": "there is no name to compare",
    "renamed": "one given name, two family names: a marriage, or two people",
    "contradicts": "the names contradict each other",
}
_BIRTHS = {
    "alike": "one birth date",
    "swapped": "one birth date, with day and month swapped",
    "apart": "two birth dates",
}
_VALUES = {
    "personal": "the same {kind} {shown}, which nobody else seems to use",
    "household": "the same {kind} {shown}, which {persons} people seem to share",
    "shared": "the same {kind} {shown}, which too many people share to tell anything",
    "junk": "the same {kind} {shown}, which stands on {records} records and tells nothing",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that speaks for or against, in the order in which they are added up.

    Attributes:
        reason: What it is about.
        says: As in `weights.Part`; of likeness a word of `likeness.words.SAYS`.
        bits: What it adds.
        total: The sum so far.
        kind: Of the shared identifier, or `residence`; of likeness the field; empty where there
            is none.
        shown: Its value, masked.
        persons, records: Who seem to share it, and how many records carry it.
    """

    reason: Reason
    says: str
    bits: float
    total: float
    kind: str = ""
    shown: str = ""
    persons: int = 0
    records: int = 0

    @property
    def text(self) -> str:
        """In plain words."""
        kind = "name and address" if self.kind == "residence" else self.kind.replace("_", " ")
        match self.reason:
            case Reason.START:
                return "before anything is compared: most pairs of records are two people"
            case Reason.VALUE:
                words = _VALUES[self.says].format(
                    kind=kind, shown=self.shown, persons=self.persons, records=self.records
                )
                return words.replace(" ,", ",")
            case Reason.NAMES:
                return _NAMES[self.says]
            case Reason.BIRTH:
                return _BIRTHS[self.says]
            case Reason.LIKENESS:
                return SAYS[self.says] if self.says == self.kind else f"{kind} {SAYS[self.says]}"
            case Reason.AT_ODDS:
                return f"two different values of {kind}, of which a person has one"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What speaks for and against two records being one person.

    Attributes:
        person_ids: The persons they belong to: one, or two.
        steps: They add up to the weight.
        weight: In bits; each further one doubles the odds.
        chance: The chance that the two are one person, if the weights are right.
    """

    person_ids: tuple[int, ...]
    steps: tuple[Step, ...]
    weight: float
    chance: float


def waterfall(con: Connection, one: str, other: str, settings: IdentitySettings) -> Waterfall:
    """Add up what speaks for and against two records, named by `record_key`.

    Two that share no tie and look alike are weighed by likeness, all others by points.

    Raises:
        NoSuchRecord: One of them belongs to nobody.
    """
    asked = pa.array([one, other])
    states = record_states(con, asked).to_pylist()
    number = {row["record_key"]: row["record_no"] for row in states}
    held = persons.persons_of_records(con, asked).to_pylist()
    person = {row["record_key"]: row["person_id"] for row in held}
    for key in (one, other):
        if key not in person:
            raise NoSuchRecord(key)
    rules = Rules.of(settings)
    picture = around(con, rules, np.unique([number[one], number[other]]).astype(np.int64))
    found, seen = picture.evidence, picture.profile
    ends = np.searchsorted(found.record_no, [number[one], number[other]])
    ids = tuple(dict.fromkeys((person[one], person[other])))
    alike = _steps_of_likeness(picture, int(ends[0]), int(ends[1]))
    if alike:
        return Waterfall(ids, alike, alike[-1].total, chance(alike[-1].total))
    parts = Scales(found, seen, rules, picture.judge).parts(int(ends[0]), int(ends[1]))
    shown = _masks(con, [int(found.values.number[p.value]) for p in parts if p.value is not None])
    steps: list[Step] = []
    total = 0.0
    for part in parts:
        total += part.bits
        at = part.value
        if at is None:
            kind = part.says if part.reason is Reason.AT_ODDS else ""
            steps.append(Step(part.reason, part.says, part.bits, total, kind=kind))
            continue
        steps.append(
            Step(
                part.reason,
                part.says,
                part.bits,
                total,
                kind=str(KINDS[int(found.values.kind[at])]),
                shown=shown.get(int(found.values.number[at]), ""),
                persons=int(seen.persons[at]),
                records=int(found.values.carriers[at]),
            )
        )
    return Waterfall(ids, tuple(steps), total, chance(total))


def _steps_of_likeness(picture: Picture, one: int, other: int) -> tuple[Step, ...]:
    """What two positions were weighed by as alike; empty where they were not."""
    steps: list[Step] = []
    total = 0.0
    for field, says, bits in parts_of(picture.alike.weighed, one, other):
        total += bits
        steps.append(Step(Reason.LIKENESS, says, bits, total, kind=field))
    return tuple(steps)


def _masks(con: Connection, numbers: list[int]) -> dict[int, str]:
    """Values by number, masked; none for those that identity made itself."""
    told = pa.array([number for number in numbers if number > 0], pa.int64())
    rows = identifier_values(con, told).to_pylist()
    return {row["value_no"]: masked(IdentifierType(row["type"]), row["value"]) for row in rows}
