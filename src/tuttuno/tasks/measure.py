"""Measure: one number with a name, on one release, computed once and then remembered."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

import ibis

from tuttuno.chart.pictures import SPLITS
from tuttuno.engine.port import Engine
from tuttuno.errors import Unknown
from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.measures.evaluate import evaluate
from tuttuno.measures.params import Params
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.vault import releases
from tuttuno.vault.releases import Release
from tuttuno.vault.vault import Vault

#: Opens a release when an answer has to be computed; not called when it is remembered.
Opener = Callable[[Release], OpenRelease]


def measure(
    name: str,
    ask: Ask,
    *,
    release: Release,
    vault: Vault,
    opener: Opener,
    params: Mapping[str, float],
) -> Answer:
    """Answer one measure on one release.

    A release never changes, so neither does an answer on it: it is computed at the first
    time of asking and read from the vault afterwards. Two first askers may both compute it;
    they find the same.

    Raises:
        Unknown: No measure, dimension or parameter has such a name.
        BadInput: The measure cannot be asked so.
    """
    if name not in MEASURES:
        raise Unknown("measure", name, MEASURES, see="see `tuttuno measures`")
    key = answer_key(name, ask)
    with vault.read() as con:
        remembered = releases.load_answer(con, release.number, key)
    if remembered is not None:
        return Answer.from_json(remembered)
    opened = opener(release)
    found = compute(name, ask, engine=opened.engine, tables=opened.tables, params=params)
    with vault.begin() as con:
        releases.save_answer(con, release.number, key, found.to_json())
    return found


def compute(
    name: str,
    ask: Ask,
    *,
    engine: Engine,
    tables: Mapping[str, ibis.Table],
    params: Mapping[str, float],
) -> Answer:
    """Compute an answer on the tables of a release; nothing is remembered."""
    return evaluate(
        MEASURES[name],
        ask,
        engine=engine,
        tables=tables,
        params=Params(params),
    )


def first_asked() -> tuple[tuple[str, Ask], ...]:
    """Return the questions that pages open with: every measure, and as its pictures split it."""
    splits = ((name, Ask(by=(by,))) for name in MEASURES for by in SPLITS.get(name, ()))
    return (*((name, Ask()) for name in MEASURES), *splits)


def answer_key(name: str, ask: Ask) -> str:
    """Name one question: the same for the same question, whatever the order it was put in."""
    facts = asdict(ask) | {"where": sorted(ask.where)}
    text = json.dumps([name, facts], default=str, sort_keys=True)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
