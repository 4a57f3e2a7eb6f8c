"""Build: resolve identity, make the mart, compute the measures, publish one release."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import perf_counter

import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.engine.port import Engine
from tuttuno.identity.likeness.look import of_all
from tuttuno.identity.likeness.spread import weighed_by
from tuttuno.identity.resolve import (
    IdentityRun,
    changed_since,
    outgrown,
    person_of_record,
    resolve,
)
from tuttuno.lake.store import Lake
from tuttuno.mart.build import DEFINITIONS, build_mart
from tuttuno.mart.changes import Changes
from tuttuno.progress import Progress, silent
from tuttuno.schema.lake import LAKE
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT
from tuttuno.tasks.build_settings import BuildSettings
from tuttuno.tasks.changes_since import changes_since
from tuttuno.tasks.estimate_effect import Source, declarations, effect_key
from tuttuno.tasks.households import find_households
from tuttuno.tasks.market import take_market
from tuttuno.tasks.measure import answer_key, first_asked
from tuttuno.tasks.open_release import bound
from tuttuno.tasks.prepare_answers import Wanted, prepare_answers
from tuttuno.tasks.retire_releases import retire_releases
from tuttuno.tasks.side_by_side import beside
from tuttuno.tasks.stores import Stores
from tuttuno.tasks.turn import turn
from tuttuno.vault import reach, releases
from tuttuno.vault.releases import Release
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Built:
    """The receipt of a build: what was published, out of what, in which time.

    Attributes:
        release: Number of the release that readers now see.
        records: Records that belong to somebody.
        persons: Persons they are.
        months: Months of the mart that were made again; None: all of them.
        seconds: Wall-clock seconds by step.
    """

    release: int
    at: datetime
    records: int
    persons: int
    months: tuple[str, ...] | None
    seconds: Mapping[str, float]


class _Steps:
    """Names the step at work and keeps how long each took."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started = perf_counter()
        self.seconds: dict[str, float] = {}

    def done(self, step: str) -> None:
        now = perf_counter()
        self.seconds[step] = round(now - self._started, 3)
        self._started = now
        self._progress(step, 1, 1)


def build(
    stores: Stores,
    engine: Engine,
    *,
    settings: BuildSettings,
    full: bool = False,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> Built:
    """Make and publish one release; readers see the former one until the last moment.

    Only months that changed since the release now serving are made again, unless `full`, or
    unless settings that answers depend on have changed. The publication is one transaction
    of the vault; whatever kills the build before it leaves the former release serving, and
    what was written is overwritten by the next build.

    Raises:
        BadInput: A study is declared in a way that it cannot be asked.
        Busy: Another build of the project is running.
        Unavailable: The engine, the disk or the vault did not answer; safe to run again.
    """
    declarations(settings.effects)
    with turn(stores.root, "build"):
        number = _announce(stores.vault, settings, engine, at=clock())
        try:
            return _make(number, stores, engine, _Work(settings, full, clock, progress))
        except BaseException:
            with stores.vault.begin() as con:
                releases.fail(con, number, metrics={}, at=clock())
            raise


@dataclass(frozen=True, slots=True)
class _Work:
    settings: BuildSettings
    full: bool
    clock: Clock
    progress: Progress


def _announce(vault: Vault, settings: BuildSettings, engine: Engine, *, at: datetime) -> int:
    with vault.begin() as con:
        return releases.open_release(con, config_hash=_weighty(settings), engine=engine.name, at=at)


def _weighty(settings: BuildSettings) -> str:
    """Name what answers depend on besides the data: settings, and what the models count."""
    return f"{settings.config_hash}.{DEFINITIONS}"


def _make(number: int, stores: Stores, engine: Engine, work: _Work) -> Built:
    vault, lake, steps = stores.vault, stores.lake, _Steps(work.progress)
    with vault.read() as con:
        before = releases.current(con)
    fresh = work.full or before is None or before.config_hash != _weighty(work.settings)
    supplied = take_market(work.settings.market, lake=lake, engine=engine)
    seen = _versions(lake) | supplied
    run = resolve(
        vault,
        settings=work.settings.identity,
        full=fresh or outgrown(vault, work.settings.identity),
        clock=work.clock,
        progress=work.progress,
        weigher=partial(weighed_by, engine) if engine.name == "spark" else of_all,
    )
    steps.done("identity")
    belongs = person_of_record(vault)

    # The vault keeps one core busy, and the lake all others.
    with beside(partial(_said, vault)) as said, beside(partial(_households, vault, work, run)):
        mart = build_mart(
            engine=engine,
            lake=lake,
            told=lambda name: belongs if name == PERSON_OF_RECORD.name else said()[name],
            versions=seen,
            changes=None if fresh else _changes(before, vault, lake, engine),
            progress=work.progress,
        )
    tables = {**seen, **mart.versions}
    steps.done("mart")
    same = None if fresh or before is None or tables != before.tables else before
    source = Source(number, engine, bound(tables, lake=lake, engine=engine), tables)
    answers = _answers(source, vault, work, same)
    steps.done("answers")
    at, persons = work.clock(), len(belongs["person_id"].unique())
    with vault.begin() as con:
        for key, text in answers.items():
            releases.save_answer(con, number, key, text)
        releases.publish(
            con,
            number,
            tables=tables,
            identity_run=run.run_no,
            metrics={"seconds": steps.seconds, "persons": persons, "records": belongs.num_rows},
            at=at,
        )
    retire_releases(stores, keep=work.settings.keep)
    steps.done("publication")
    return Built(
        release=number,
        at=at,
        records=belongs.num_rows,
        persons=persons,
        months=None if mart.months is None else tuple(sorted(mart.months)),
        seconds=steps.seconds,
    )


def _households(vault: Vault, work: _Work, run: IdentityRun) -> None:
    if run.records:
        find_households(vault, settings=work.settings.identity)


def _said(vault: Vault) -> dict[str, pa.Table]:
    with vault.read() as con:
        return {
            RECORD_CONTACT.name: reach.contacts_of_records(con),
            RECORD_CONSENT.name: reach.consents_of_records(con),
        }


def _changes(before: Release | None, vault: Vault, lake: Lake, engine: Engine) -> Changes | None:
    if before is None or before.identity_run is None:
        return None
    moved = changed_since(vault, before.identity_run)
    return changes_since(before, lake=lake, engine=engine, changed_records=moved)


def _versions(lake: Lake) -> dict[str, int]:
    """The lake as the build reads it; identity comes after, so it knows every buyer in it."""
    found = {table.name: lake.version(table) for table in LAKE}
    return {name: version for name, version in found.items() if version is not None}


def _answers(source: Source, vault: Vault, work: _Work, same: Release | None) -> dict[str, str]:
    """Answer what pages open with, so that they open at once, and every study.

    Args:
        source: The tables of the release that is being made.
        vault: Holds the answers on earlier releases.
        work: What is built by.
        same: A release of the same tables, whose answers are taken over; None: there is none.
    """
    questions = {answer_key(name, ask): (name, ask) for name, ask in first_asked()}
    studies = {effect_key(one): one for one in declarations(work.settings.effects)}
    known = _known(vault, same, (*questions, *studies)) if same else {}
    wanted = Wanted(
        tuple(question for key, question in questions.items() if key not in known),
        tuple(study for key, study in studies.items() if key not in known),
        work.settings.params,
    )
    return known | prepare_answers(wanted, source, progress=work.progress)


def _known(vault: Vault, before: Release, keys: Iterable[str]) -> dict[str, str]:
    """Return what was answered on a release, as it is stored."""
    with vault.read() as con:
        texts = {key: releases.load_answer(con, before.number, key) for key in keys}
    return {key: text for key, text in texts.items() if text is not None}
