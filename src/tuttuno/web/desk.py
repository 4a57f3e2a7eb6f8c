"""What the pages need done for them: one method a task, so that pages hold no logic."""

from collections.abc import Sequence
from typing import Any, Protocol

from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.vault.batches import Batch, LedgerHour
from tuttuno.vault.quarantine import Quarantined, RuleCount
from tuttuno.vault.releases import Release
from tuttuno.web.seen import Freshness, Known


class Desk(Protocol):
    """Everything the pages ask for."""

    def freshness(self) -> Freshness | None:
        """Return the current release and its tail; None before the first build."""
        ...

    def measures(self) -> Sequence[Known]:
        """Return the catalogue of measures, in the order of the questions."""
        ...

    def dimensions(self, name: str) -> Sequence[Known]:
        """Return by what a measure can be split and filtered."""
        ...

    def answer(self, name: str, ask: Ask) -> tuple[int, Answer]:
        """Return the current release and what the measure answers on it."""
        ...

    def find(self, text: str, *, actor: str) -> Sequence[Any]:
        """Find people by id, e-mail, phone or card number; looking is recorded."""
        ...

    def card(self, person_id: int, *, actor: str) -> Any:
        """Return the card of a person, contact details masked; the look is recorded."""
        ...

    def reveal(self, person_id: int, *, actor: str) -> Sequence[Any]:
        """Return the contact details in full; the look is recorded."""
        ...

    def explain(self, person_id: int) -> Any:
        """Return why the records of a person are one person."""
        ...

    def batches(self, *, limit: int, before: int | None) -> Sequence[Batch]:
        """Return what came in, newest first."""
        ...

    def ledger(self) -> Sequence[LedgerHour]:
        """Return received and outcomes by source and hour, newest first."""
        ...

    def held(self, *, rule: str | None, limit: int, after: int) -> Sequence[Quarantined]:
        """Return records held back, oldest first."""
        ...

    def rules(self) -> Sequence[RuleCount]:
        """Return how many records each rule holds back."""
        ...

    def releases(self) -> Sequence[Release]:
        """Return all releases, newest first."""
        ...

    def roll_back(self, number: int, *, actor: str) -> None:
        """Make another release the current one."""
        ...
