"""What the pages of the steward need done: looking at doubts, and deciding."""

from collections.abc import Sequence
from typing import Protocol

from tuttuno.identity.steward import Act
from tuttuno.tasks import decide, golden_record
from tuttuno.tasks.compare_records import (
    Comparison,
    RecordSeen,
    compare_records,
    records_of_person,
)
from tuttuno.tasks.decide import Steward
from tuttuno.tasks.open_release import NothingBuilt, Reading
from tuttuno.tasks.review import Doubtful, review
from tuttuno.vault.decisions import Decision


class Stewarding(Protocol):
    """Everything that one steward can do."""

    def review(self, limit: int) -> tuple[int, Sequence[Doubtful]]:
        """Return how many pairs are in doubt, and those to look at first."""
        ...

    def compare(self, one: str, other: str) -> Comparison:
        """Set two records side by side; the look is recorded."""
        ...

    def records(self, person_id: int) -> Sequence[RecordSeen]:
        """Return the records of a person; the look is recorded."""
        ...

    def decisions(self) -> Sequence[Decision]:
        """Return what was decided and holds, the latest first."""
        ...

    def merge(self, one: str, other: str, reason: str) -> Act:
        """Make two people one."""
        ...

    def never(self, one: str, other: str, reason: str) -> Act:
        """Keep two people apart for ever."""
        ...

    def split(self, person: str, record_keys: Sequence[str], reason: str) -> Act:
        """Say that some records of a person are somebody else's."""
        ...

    def pin(self, record_key: str, field: str, reason: str) -> Act:
        """Take a detail of a person from one of her records."""
        ...

    def undo(self, decision: int, reason: str) -> Act:
        """Take a decision back."""
        ...


class StewardOfProject:
    """`Stewarding` over one project, by one login."""

    def __init__(self, by: Steward, reading: Reading) -> None:
        self._by = by
        self._reading = reading

    def review(self, limit: int) -> tuple[int, Sequence[Doubtful]]:
        """Return how many pairs are in doubt, and those to look at first."""
        try:
            opened = self._reading.current()
        except NothingBuilt:
            opened = None
        return review(self._by.vault, opened, limit=limit)

    def compare(self, one: str, other: str) -> Comparison:
        """Set two records side by side; the look is recorded."""
        return compare_records(one, other, by=self._by)

    def records(self, person_id: int) -> Sequence[RecordSeen]:
        """Return the records of a person; the look is recorded."""
        return records_of_person(person_id, by=self._by)

    def decisions(self) -> Sequence[Decision]:
        """Return what was decided and holds, the latest first."""
        return decide.decided(self._by)

    def merge(self, one: str, other: str, reason: str) -> Act:
        """Make two people one."""
        return decide.merge(one, other, reason=reason, by=self._by)

    def never(self, one: str, other: str, reason: str) -> Act:
        """Keep two people apart for ever."""
        return decide.never(one, other, reason=reason, by=self._by)

    def split(self, person: str, record_keys: Sequence[str], reason: str) -> Act:
        """Say that some records of a person are somebody else's."""
        return decide.split(person, record_keys, reason=reason, by=self._by)

    def pin(self, record_key: str, field: str, reason: str) -> Act:
        """Take a detail of a person from one of her records."""
        return golden_record.pin(record_key, field, reason=reason, by=self._by)

    def undo(self, decision: int, reason: str) -> Act:
        """Take a decision back."""
        return decide.undo(decision, reason=reason, by=self._by)
