"""The desk of a real project: each question is passed to its task with the project's stores."""

from collections.abc import Sequence
from typing import Any

from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES, measure
from tuttuno.measures.dimensions import DIMENSIONS
from tuttuno.tasks import measure as measuring
from tuttuno.tasks import roll_back
from tuttuno.tasks.find_people import NobodyFound, find_people
from tuttuno.tasks.open_release import find_release
from tuttuno.tasks.show_person import explain_person, reveal_person, show_person
from tuttuno.vault import batches, quarantine, releases
from tuttuno.vault.batches import Batch, LedgerHour
from tuttuno.vault.quarantine import Quarantined, QuarantineFilter, RuleCount
from tuttuno.vault.releases import Release
from tuttuno.web.seen import Freshness, Known
from tuttuno.workspace import Workspace

#: Batches looked through for what came in after the release; more are "many".
_RECENT = 500


class Workplace:
    """`Desk` over one project; keeps the current release open between questions."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._reading = workspace.reading()

    def freshness(self) -> Freshness | None:
        """Return the current release and its tail; None before the first build."""
        with self._workspace.vault.read() as con:
            shown = releases.current(con)
            if shown is None:
                return None
            recent = batches.batches(con, limit=_RECENT)
        waiting = sum(each.counts.accepted for each in recent if each.opened_at > shown.at)
        return Freshness(shown.number, shown.at, waiting)

    def measures(self) -> Sequence[Known]:
        """Return the catalogue of measures, in the order of the questions."""
        return [Known(one.name, one.label) for one in MEASURES.values()]

    def dimensions(self, name: str) -> Sequence[Known]:
        """Return by what a measure can be split and filtered."""
        without = measure(name).without
        return [Known(one.name, one.label) for one in DIMENSIONS if one.name not in without]

    def answer(self, name: str, ask: Ask) -> tuple[int, Answer]:
        """Return the current release and what the measure answers on it."""
        release = find_release(self._workspace.vault)
        answer = measuring.measure(
            name,
            ask,
            release=release,
            vault=self._workspace.vault,
            opener=self._reading.open,
            params=self._workspace.settings.params,
        )
        return release.number, answer

    def find(self, text: str, *, actor: str) -> Sequence[Any]:
        """Find people by id, e-mail, phone or card number; looking is recorded."""
        try:
            return find_people(
                text,
                stores=self._workspace.stores,
                opened=self._reading.current(),
                country=self._workspace.settings.project.country,
                actor=actor,
            )
        except NobodyFound:
            return []

    def card(self, person_id: int, *, actor: str) -> Any:
        """Return the card of a person, contact details masked; the look is recorded."""
        return show_person(
            person_id,
            vault=self._workspace.vault,
            opened=self._reading.current(),
            params=self._workspace.settings.params,
            currency=self._workspace.settings.project.currency,
            actor=actor,
        )

    def reveal(self, person_id: int, *, actor: str) -> Sequence[Any]:
        """Return the contact details in full; the look is recorded."""
        return reveal_person(person_id, vault=self._workspace.vault, actor=actor)

    def explain(self, person_id: int) -> Any:
        """Return why the records of a person are one person."""
        return explain_person(person_id, vault=self._workspace.vault)

    def batches(self, *, limit: int, before: int | None) -> Sequence[Batch]:
        """Return what came in, newest first."""
        with self._workspace.vault.read() as con:
            return batches.batches(con, limit=limit, before=before)

    def ledger(self) -> Sequence[LedgerHour]:
        """Return received and outcomes by source and hour, newest first."""
        with self._workspace.vault.read() as con:
            return batches.ledger_by_hour(con)

    def held(self, *, rule: str | None, limit: int, after: int) -> Sequence[Quarantined]:
        """Return records held back, oldest first."""
        with self._workspace.vault.read() as con:
            return quarantine.browse(con, QuarantineFilter(rule=rule), limit=limit, after=after)

    def rules(self) -> Sequence[RuleCount]:
        """Return how many records each rule holds back."""
        with self._workspace.vault.read() as con:
            return quarantine.count_by_rule(con)

    def releases(self) -> Sequence[Release]:
        """Return all releases, newest first."""
        with self._workspace.vault.read() as con:
            return releases.releases(con)

    def roll_back(self, number: int, *, actor: str) -> None:
        """Make another release the current one."""
        roll_back.roll_back(number, vault=self._workspace.vault, actor=actor)
