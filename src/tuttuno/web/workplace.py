"""The desk of a real project: each question is passed to its task with the project's stores."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any

from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES, measure
from tuttuno.measures.dimensions import DIMENSIONS
from tuttuno.measures.evaluate import dimensions_of
from tuttuno.studies.catalog import STUDIES
from tuttuno.tasks import measure as measuring
from tuttuno.tasks import roll_back
from tuttuno.tasks.active_months import months_remembered
from tuttuno.tasks.decide import Steward
from tuttuno.tasks.estimate_effect import estimate_effect
from tuttuno.tasks.explain_person import Why, explain_person
from tuttuno.tasks.find_people import NobodyFound, PersonRow, find_people
from tuttuno.tasks.golden_record import GoldenRecord, golden_record
from tuttuno.tasks.households import Household, show_household
from tuttuno.tasks.next_for_person import NextForPerson, next_for_person
from tuttuno.tasks.open_release import Reading, find_release, has_release
from tuttuno.tasks.people_behind import PARTS, People, check_part, list_buyers, people_behind
from tuttuno.tasks.released_facts import facts_remembered
from tuttuno.tasks.show_person import Contact, Glance, PersonCard, reveal_person, show_person
from tuttuno.tasks.show_receipt import Receipt, Sale, show_receipt
from tuttuno.vault import batches, quarantine, releases
from tuttuno.vault.batches import Batch, LedgerHour
from tuttuno.vault.quarantine import Quarantined, QuarantineFilter, RuleCount
from tuttuno.vault.releases import Release
from tuttuno.web.seen import Freshness, Known
from tuttuno.web.stewarding import Stewarding, StewardOfProject
from tuttuno.workspace import Workspace

#: Batches looked through for what came in after the release.
_RECENT = 500

#: Answers kept in this process; a release never changes, so neither do they.
_REMEMBERED = 256


_FILTERABLE = tuple(Known(one.name, one.label) for one in DIMENSIONS)


class Workplace:
    """`Desk` over one project; keeps the current release open between questions."""

    def __init__(self, workspace: Workspace, reading: Reading | None = None) -> None:
        self._workspace = workspace
        self._reading = reading or workspace.reading()
        self._answers: OrderedDict[tuple[int, str], Answer] = OrderedDict()
        self._lock = Lock()
        self._places: tuple[int, Mapping[str, str]] | None = None

    def freshness(self) -> Freshness | None:
        """Return the current release and its tail; None before the first build."""
        with self._workspace.vault.read() as con:
            shown = releases.current(con)
            if shown is None:
                return None
            waiting = batches.accepted_since(con, shown.at, most=_RECENT)
        return Freshness(shown.number, shown.at, waiting)

    def measures(self) -> Sequence[Known]:
        """Return the catalogue of measures, in the order of the questions."""
        return _catalogue()

    def dimensions(self, name: str) -> Sequence[Known]:
        """Return by what a measure can be split."""
        return _dimensions(name)

    def filterable(self) -> Sequence[Known]:
        """Return by what every measure can be filtered."""
        return _FILTERABLE

    def parts(self, name: str) -> Mapping[str, Sequence[str]] | None:
        """Return which words of a row choose its people; None when they cannot be listed."""
        return PARTS.get(name)

    def places(self) -> Mapping[str, str]:
        """Return the names of the stores by their ids; none before the first build."""
        with self._workspace.vault.read() as con:
            shown = releases.current(con)
        if shown is None:
            return {}
        if self._places is None or self._places[0] != shown.number:
            opened = self._reading.open(shown)
            store = opened.tables["store"].select("store_id", "name")
            rows = opened.engine.run(store).to_pylist()
            names = {row["store_id"]: row["name"] or row["store_id"] for row in rows}
            self._places = (shown.number, names)
        return self._places[1]

    def answer(self, name: str, ask: Ask) -> tuple[int, Answer]:
        """Return the current release and what the measure answers on it."""
        release = find_release(self._workspace.vault)

        def measured() -> Answer:
            return measuring.measure(
                name,
                ask,
                release=release,
                vault=self._workspace.vault,
                opener=self._reading.open,
                params=self._workspace.settings.params,
            )

        key = (release.number, measuring.answer_key(name, ask))
        return release.number, self._remembered(key, measured)

    def effects(self) -> Sequence[Known]:
        """Return the effects of the trade, in the order of the questions."""
        return tuple(Known(one.name, one.label) for one in STUDIES.values())

    def effect(self, name: str) -> tuple[int, Mapping[str, Any]]:
        """Return the current release and the answer to an effect on it, as plain values."""
        release = find_release(self._workspace.vault)
        found = estimate_effect(
            name,
            release=release,
            vault=self._workspace.vault,
            opener=self._reading.open,
            effects=self._workspace.settings.effects,
        )
        return release.number, found.as_dict()

    def people(self, name: str, part: Mapping[str, str], ask: Ask, *, actor: str) -> People:
        """List the people behind a row of an answer; the look is recorded."""
        check_part(name, part)
        at = self._glance()
        words = "&".join(f"{column}={word}" for column, word in sorted(part.items()))
        key = (at.opened.release.number, measuring.answer_key(f"{name}?{words}", ask))
        listed = self._remembered(key, lambda: list_buyers(name, part, ask, at))
        return people_behind(name, listed, at, actor=actor)

    def find(self, text: str, *, actor: str) -> Sequence[PersonRow]:
        """Find people by id, e-mail, phone or card number; looking is recorded."""
        try:
            return find_people(
                text,
                stores=self._workspace.stores,
                facts=self._glance().facts if has_release(self._workspace.vault) else None,
                country=self._workspace.settings.project.country,
                actor=actor,
            )
        except NobodyFound:
            return []

    def card(self, person_id: int, *, actor: str) -> PersonCard:
        """Return the card of a person, contact details masked; the look is recorded."""
        return show_person(person_id, self._glance(), actor=actor)

    def receipt(self, person_id: int, sale: Sale, *, actor: str) -> Receipt:
        """Return one receipt of a person, line by line; the look is recorded."""
        return show_receipt(person_id, sale, self._glance(), actor=actor)

    def reveal(self, person_id: int, *, actor: str) -> Sequence[Contact]:
        """Return the contact details in full; the look is recorded."""
        return reveal_person(person_id, vault=self._workspace.vault, actor=actor)

    def explain(self, person_id: int) -> Why:
        """Return why the records of a person are one person."""
        vault, settings = self._workspace.vault, self._workspace.build.identity
        return explain_person(person_id, vault=vault, settings=settings)

    def golden(self, person_id: int, *, actor: str) -> GoldenRecord:
        """Return the best known details of a person, masked; the look is recorded."""
        workspace = self._workspace
        return golden_record(
            person_id, vault=workspace.vault, settings=workspace.golden, actor=actor
        )

    def suggest(self, person_id: int, *, actor: str) -> NextForPerson:
        """Return what a person may buy next, and what she only looked at; the look is recorded."""
        return next_for_person(person_id, self._glance(), actor=actor)

    def household(self, person_id: int, *, actor: str) -> Household:
        """Return who lives with a person, as the last build found it; the look is recorded."""
        return show_household(person_id, vault=self._workspace.vault, actor=actor)

    def steward(self, *, actor: str) -> Stewarding:
        """Return what a steward can do, under a login."""
        workspace = self._workspace
        by = Steward(
            vault=workspace.vault,
            key=workspace.stores.key,
            identity=workspace.build.identity,
            country=workspace.settings.project.country,
            actor=actor,
        )
        return StewardOfProject(by, self._reading)

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

    def _remembered(self, key: tuple[int, str], make: Callable[[], Answer]) -> Answer:
        """Return an answer, made when it is not among those asked for lately."""
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
                return known
        answer = make()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return answer

    def _glance(self) -> Glance:
        settings = self._workspace.settings
        currency = settings.project.currency
        return Glance(
            self._workspace.vault,
            self._reading.current(),
            settings.params,
            currency,
            months_of=months_remembered,
            facts_of=facts_remembered,
        )


@cache
def _catalogue() -> tuple[Known, ...]:
    return tuple(Known(one.name, one.label, one.denominator) for one in MEASURES.values())


@cache
def _dimensions(name: str) -> tuple[Known, ...]:
    return tuple(Known(one.name, one.label) for one in dimensions_of(measure(name)))
