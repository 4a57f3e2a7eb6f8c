"""Estimate effect: what something caused, on one release, computed once and then remembered."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis

import tuttuno
from tuttuno.effects.answer import Answer
from tuttuno.engine.port import Engine
from tuttuno.errors import Unknown
from tuttuno.studies.catalog import STUDIES, study
from tuttuno.studies.declaration import Declaration, declared
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.vault import releases
from tuttuno.vault.releases import Release
from tuttuno.vault.vault import Vault

#: Opens a release when an answer has to be computed; not called when it is remembered.
Opener = Callable[[Release], OpenRelease]

Effects = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """What an effect is estimated on: the tables of one release and their versions."""

    release: int
    engine: Engine
    tables: Mapping[str, ibis.Table]
    versions: Mapping[str, int]


def estimate_effect(
    name: str, *, release: Release, vault: Vault, opener: Opener, effects: Effects
) -> Answer:
    """Answer one effect on one release, as the project declares it.

    The answer is stored with the release, together with all that is needed to ask again: the
    declaration, the versions of the tables, the engine and the program.

    Raises:
        Unknown: No effect has this name.
        BadInput: It is declared in a way that it cannot be asked.
    """
    asked = declaration(name, effects)
    key = effect_key(asked)
    with vault.read() as con:
        text = releases.load_answer(con, release.number, key)
    if text is None:
        opened = opener(release)
        source = Source(release.number, opened.engine, opened.tables, release.tables)
        text = answered(asked, source)
        with vault.begin() as con:
            releases.save_answer(con, release.number, key, text)
    return Answer.from_dict(json.loads(text))


def answered(asked: Declaration, source: Source) -> str:
    """Estimate an effect; return it as the text that is stored."""
    found = STUDIES[asked.name].answer(asked, source.engine, source.tables)
    again = {
        "release": source.release,
        "tables": dict(source.versions),
        "engine": source.engine.name,
        "program": tuttuno.__version__,
    }
    told = replace(found, diagnostics={**found.diagnostics, "stored_with": again})
    return json.dumps(told.as_dict(), default=str, separators=(",", ":"))


def declarations(effects: Effects) -> tuple[Declaration, ...]:
    """Return how each study is to be asked.

    Raises:
        Unknown: An effect or a trait is declared that there is not.
        BadInput: A declaration cannot be understood.
    """
    for name in effects:
        if name not in STUDIES:
            raise Unknown("effect", name, STUDIES, see="see `tuttuno effect --help`")
    return tuple(declaration(name, effects) for name in STUDIES)


def declaration(name: str, effects: Effects) -> Declaration:
    """Return how one study is to be asked."""
    return declared(study(name).default, effects.get(name, {}))


def effect_key(asked: Declaration) -> str:
    """Name one question: the same for the same declaration."""
    text = json.dumps(asked.as_dict(), sort_keys=True)
    return f"effect-{asked.name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
