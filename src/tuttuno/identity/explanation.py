"""What an explanation says: records, the ties between them, and what did not join them."""

from dataclasses import dataclass
from enum import StrEnum

from tuttuno.identity.names import Verdict
from tuttuno.identity.registry import LIKENESS, RESIDENCE

#: In the place of a kind of identifier: somebody has decided it.
STEWARD = "steward"


class Refusal(StrEnum):
    """Why a value that records share does not make them one person."""

    HOUSEHOLD = "household"  # a few people share it; only equal names are tied
    SHARED = "shared"  # more people share it than its kind allows
    JUNK = "junk"  # more records carry it than any person has
    CONFLICT = "conflict"  # the person would contradict herself
    DECIDED = "decided"  # a steward has said that they are two people
    NAMES = "names"  # its kind needs names that agree, and they do not


_WORDS = {
    Refusal.HOUSEHOLD: "{kind} {shown} belongs to {persons} people, so it ties equal names only",
    Refusal.SHARED: "{kind} {shown} is shared by {persons} people, more than are trusted",
    Refusal.JUNK: "{kind} {shown} is on {records} records, more than any person has",
    Refusal.CONFLICT: "{kind} {shown} would join what contradicts itself",
    Refusal.DECIDED: "{kind} {shown} is shared by people whom somebody decided to keep apart",
    Refusal.NAMES: "{kind} {shown} ties only records whose names agree",
}
_SAYS = {
    Verdict.AGREES: "names agree",
    Verdict.LEANS: "given names agree",
    Verdict.SILENT: "no name contradicts",
    Verdict.RENAMED: "same given name, another family name",
    Verdict.CONTRADICTS: "names contradict",
}


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """One record; `shown` is its source's own key, masked."""

    record_key: str
    source: str
    shown: str


@dataclass(frozen=True, slots=True)
class SeenTie:
    """What joins two records.

    Attributes:
        one, other: `record_key`s.
        kind: Of identifier, or `residence` for name and address together.
        shown: The value, masked; empty for a residence.
        carriers: Records that carry the value.
        verdict: What the names and birth dates say.
        parts: Of a tie by likeness, what adds up to its weight: field, word, bits.
    """

    one: str
    other: str
    kind: str
    shown: str
    carriers: int
    verdict: Verdict
    parts: tuple[tuple[str, str, float], ...] = ()

    @property
    def weight(self) -> float:
        """Bits of a tie by likeness: the sum of its parts."""
        return sum(bits for _, _, bits in self.parts)

    @property
    def text(self) -> str:
        """In plain words."""
        if self.kind == STEWARD:
            return "decided by a person"
        if self.kind == LIKENESS:
            return f"name, birth date and place alike ({self.weight:+.1f} bits)"
        kind = "name and address" if self.kind == RESIDENCE else self.kind.replace("_", " ")
        return f"same {kind} {self.shown}".rstrip() + f" ({_SAYS[self.verdict]})"


@dataclass(frozen=True, slots=True)
class RefusedValue:
    """A value that others carry as well, and why it did not join them.

    Attributes:
        persons: How many people it seems to have at least.
        records: How many records carry it.
    """

    kind: str
    shown: str
    reason: Refusal
    persons: int
    records: int

    @property
    def text(self) -> str:
        """In plain words."""
        facts = {"kind": self.kind.replace("_", " "), "shown": self.shown}
        words = _WORDS[self.reason].format(persons=self.persons, records=self.records, **facts)
        return " ".join(words.split())


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why some records are one person, as the vault stands now.

    Attributes:
        person_ids: The persons the records belong to: one, or the two of a pair.
        records: The records, the oldest first.
        ties: One tie to each further record, nearest to the first one first; between two
            records, the shortest chain. Empty where they are not one person.
        refused: Values that lead to somebody else and did not join her.
    """

    person_ids: tuple[int, ...]
    records: tuple[SeenRecord, ...]
    ties: tuple[SeenTie, ...]
    refused: tuple[RefusedValue, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The systems the records come from."""
        return tuple(sorted({record.source for record in self.records}))
