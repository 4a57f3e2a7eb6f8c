"""What the pages need done for them: one method a task, so that pages hold no logic."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.tasks.explain_person import Why
from tuttuno.tasks.find_people import PersonRow
from tuttuno.tasks.golden_record import GoldenRecord
from tuttuno.tasks.households import Household
from tuttuno.tasks.next_for_person import NextForPerson
from tuttuno.tasks.people_behind import People
from tuttuno.tasks.show_person import Contact, PersonCard
from tuttuno.tasks.show_receipt import Receipt, Sale
from tuttuno.vault.batches import Batch, LedgerHour
from tuttuno.vault.quarantine import Quarantined, RuleCount
from tuttuno.vault.releases import Release
from tuttuno.web.seen import Freshness, Known
from tuttuno.web.stewarding import Stewarding


class Desk(Protocol):
    """Everything the pages ask for."""

    def freshness(self) -> Freshness | None:
        """Return the current release and its tail; None before the first build."""
        ...

    def measures(self) -> Sequence[Known]:
        """Return the catalogue of measures, in the order of the questions."""
        ...

    def dimensions(self, name: str) -> Sequence[Known]:
        """Return by what a measure can be split."""
        ...

    def filterable(self) -> Sequence[Known]:
        """Return by what every measure can be filtered."""
        ...

    def places(self) -> Mapping[str, str]:
        """Return the names of the stores by their ids."""
        ...

    def answer(self, name: str, ask: Ask) -> tuple[int, Answer]:
        """Return the current release and what the measure answers on it."""
        ...

    def effects(self) -> Sequence[Known]:
        """Return the effects of the trade, in the order of the questions."""
        ...

    def effect(self, name: str) -> tuple[int, Mapping[str, Any]]:
        """Return the current release and the answer to an effect on it, as plain values."""
        ...

    def parts(self, name: str) -> Mapping[str, Sequence[str]] | None:
        """Return which words of a row choose its people; None when they cannot be listed."""
        ...

    def people(self, name: str, part: Mapping[str, str], ask: Ask, *, actor: str) -> People:
        """List the people behind a row of an answer; the look is recorded."""
        ...

    def find(self, text: str, *, actor: str) -> Sequence[PersonRow]:
        """Find people by id, e-mail, phone or card number; looking is recorded."""
        ...

    def card(self, person_id: int, *, actor: str) -> PersonCard:
        """Return the card of a person, contact details masked; the look is recorded."""
        ...

    def receipt(self, person_id: int, sale: Sale, *, actor: str) -> Receipt:
        """Return one receipt of a person, line by line; the look is recorded."""
        ...

    def reveal(self, person_id: int, *, actor: str) -> Sequence[Contact]:
        """Return the contact details in full; the look is recorded."""
        ...

    def explain(self, person_id: int) -> Why:
        """Return why the records of a person are one person."""
        ...

    def golden(self, person_id: int, *, actor: str) -> GoldenRecord:
        """Return the best known details of a person, masked; the look is recorded."""
        ...

    def suggest(self, person_id: int, *, actor: str) -> NextForPerson:
        """Return what a person may buy next, and what she only looked at; the look is recorded."""
        ...

    def household(self, person_id: int, *, actor: str) -> Household:
        """Return who lives with a person, as the last build found it; the look is recorded."""
        ...

    def steward(self, *, actor: str) -> Stewarding:
        """Return what a steward can do, under a login."""
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
