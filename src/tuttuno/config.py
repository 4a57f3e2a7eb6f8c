"""`tuttuno.toml` read into frozen settings; what is wrong is said with its place in the file."""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tuttuno.errors import BadInput, NotFound
from tuttuno.intake.expected import Expected

FILE = "tuttuno.toml"


class Project(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who the retailer is, and what a file means when it does not say.

    Attributes:
        name: Shown on every page.
        currency: ISO 4217; in what amounts are shown when they are all in one currency.
        timezone: IANA name; days and hours of sales without a store are counted in it.
        country: ISO 3166-1 alpha-2; national phone numbers without a country belong to it.
        language: Language of pages and findings, `it` or `en`.
    """

    name: str
    currency: str = "EUR"
    timezone: str = "Europe/Rome"
    country: str = "IT"
    language: str = "en"


class VaultPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the vault is: an SQLAlchemy URL; a relative SQLite path starts at the project."""

    url: str = "sqlite:///vault/vault.sqlite"


class LakePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the lake is: a folder; a relative one starts at the project."""

    path: str = "lake"


class EngineChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What runs the expressions.

    Attributes:
        name: `duckdb` or `spark`; the engine of `tuttuno build`.
        threads: For DuckDB; 0 means all cores.
        memory: For DuckDB; beyond it work spills to disk.
        master: For Spark in process or on a cluster, e.g. `local[*]`, `spark://host:7077`.
        remote: For Spark Connect, e.g. `sc://host:15002`; takes the place of `master`.
    """

    name: str = "duckdb"
    threads: int = 0
    memory: str = "4GB"
    master: str = "local[*]"
    remote: str = ""


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many releases stay readable; older ones give their disk space back."""

    keep: int = 5


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the pages are served.

    Attributes:
        hosts: Names under which browsers may ask for them; others are turned away.
        host: Address to listen on.
        port: Port to listen on.
    """

    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    host: str = "127.0.0.1"
    port: int = 8360


class MeasureChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers the retailer sets otherwise: measure -> parameter -> value."""

    params: dict[str, dict[str, float]] = msgspec.field(default_factory=dict)


class MarketFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The market that growth is set against.

    Attributes:
        file: A CSV: month, value, and perhaps channel and category; starts at the project.
        source: Who says so; shown beside every figure made from it.
    """

    file: str
    source: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    project: Project
    vault: VaultPlace = VaultPlace()
    lake: LakePlace = LakePlace()
    engine: EngineChoice = EngineChoice()
    releases: Retention = Retention()
    web: Web = Web()
    measures: MeasureChoices = msgspec.field(default_factory=MeasureChoices)
    effects: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    identity: dict[str, Any] = msgspec.field(default_factory=dict)
    golden: dict[str, Any] = msgspec.field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    alerts: dict[str, Expected] = msgspec.field(default_factory=dict)
    tracking_plan: dict[str, Any] = msgspec.field(default_factory=dict)
    market: MarketFile | None = None


class Settings(msgspec.Struct, frozen=True):
    """Everything `tuttuno.toml` says, checked; `config_hash` names what answers depend on."""

    project: Project
    vault: VaultPlace
    lake: LakePlace
    engine: EngineChoice
    releases: Retention
    web: Web
    params: Mapping[str, float]
    effects: Mapping[str, Mapping[str, Any]]
    identity: Mapping[str, Any]
    golden: Mapping[str, Any]
    sources: Mapping[str, Mapping[str, Any]]
    alerts: Mapping[str, Expected]
    tracking_plan: Mapping[str, Any]
    market: MarketFile | None
    config_hash: str


class NoProject(NotFound):
    """The folder holds no project."""

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(
            f"no {FILE} in {root}", hint="`tuttuno init DIR` makes a project, `-C DIR` enters one"
        )


class BadSettings(BadInput):
    """The project file cannot be understood."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}", hint="see docs/reference/settings.md")


def load_settings(root: Path) -> Settings:
    """Read `tuttuno.toml` of a project folder.

    Raises:
        NoProject: There is no such file.
        BadSettings: It is not TOML, or a key or value is not known; the message names it.
    """
    path = root / FILE
    if not path.is_file():
        raise NoProject(root)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as exc:
        raise BadSettings(path, str(exc)) from exc
    return read_settings(parse(text, path), path)


def parse(text: str, path: Path) -> dict[str, Any]:
    """Read TOML; `path` is only used to name it in errors."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise BadSettings(path, str(exc)) from exc


def read_settings(data: Mapping[str, Any], path: Path) -> Settings:
    """Check what a project file says; `path` is only used to name it in errors."""
    try:
        found = msgspec.convert(data, _File)
    except msgspec.ValidationError as exc:
        raise BadSettings(path, _place(str(exc))) from exc
    _check_project(found, path)
    return Settings(
        project=found.project,
        vault=found.vault,
        lake=found.lake,
        engine=found.engine,
        releases=found.releases,
        web=found.web,
        params=_flat(found.measures.params),
        effects=found.effects,
        identity=found.identity,
        golden=found.golden,
        sources=found.sources,
        alerts=found.alerts,
        tracking_plan=found.tracking_plan,
        market=found.market,
        config_hash=_hash_of(data),
    )


def _place(message: str) -> str:
    """Turn msgspec's `$.project.name` into the words of the file."""
    text, _, where = message.partition(" - at `$.")
    return f"[{where.rstrip('`')}] {text}" if where else text


def _check_project(found: _File, path: Path) -> None:
    if found.engine.name not in {"duckdb", "spark"}:
        raise BadSettings(path, f"[engine.name] {found.engine.name!r} is not duckdb or spark")
    if found.project.language not in {"it", "en"}:
        raise BadSettings(path, f"[project.language] {found.project.language!r} is not it or en")
    if found.releases.keep < 1:
        raise BadSettings(path, "[releases.keep] must be at least 1")
    unknown = sorted(set(found.alerts) - set(found.sources))
    if unknown:
        raise BadSettings(path, f"[alerts.{unknown[0]}] there is no source of this name")
    try:
        ZoneInfo(found.project.timezone)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise BadSettings(path, f"[project.timezone] {exc}") from exc


def _flat(params: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"{measure}.{name}": value
        for measure, values in params.items()
        for name, value in values.items()
    }


def _hash_of(data: Mapping[str, Any]) -> str:
    """Name what answers depend on: not where things are kept nor what runs them."""
    keys = ("project", "identity", "measures", "effects")
    weighty = {key: data[key] for key in keys if key in data}
    text = msgspec.json.encode(weighty, order="sorted", enc_hook=str)
    return hashlib.sha256(text).hexdigest()[:16]
