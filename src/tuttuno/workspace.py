"""The composition root: one project folder, opened, with its parts wired together."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tuttuno.config import FILE, Settings, load_settings, parse, read_settings
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import Engine
from tuttuno.errors import Unavailable, Unknown
from tuttuno.identity.golden import GoldenSettings
from tuttuno.identity.registry import IdentitySettings
from tuttuno.intake.intake import Intake
from tuttuno.intake.settings import IntakeSettings
from tuttuno.intake.tracking.plan import TrackingPlan
from tuttuno.intake.tracking.reading import read_plan
from tuttuno.lake.store import Lake
from tuttuno.tasks.build_settings import BuildSettings
from tuttuno.tasks.init_project import lay_out, read_key
from tuttuno.tasks.market import MarketSeries
from tuttuno.tasks.open_release import Reading
from tuttuno.tasks.stores import Stores
from tuttuno.vault.beside import open_inbox
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import Vault, open_vault

_SQLITE = "sqlite:///"

#: What can compute a build.
ENGINES = ("duckdb", "spark")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One project: where it is, what it says, and the open doors to its stores."""

    root: Path
    settings: Settings
    stores: Stores
    pepper: bytes

    @property
    def vault(self) -> Vault:
        """Who."""
        return self.stores.vault

    @property
    def lake(self) -> Lake:
        """What."""
        return self.stores.lake

    @property
    def scratch(self) -> Path:
        """A folder for what may be thrown away."""
        return self.root / "tmp"

    def intake(self) -> Intake:
        """Open what takes files in; it has an engine of its own."""
        project = self.settings.project
        return Intake(
            vault=self.vault,
            lake=self.lake,
            engine=self._duckdb(remember=False),
            key=self.stores.key,
            scratch=self.scratch,
            settings=IntakeSettings(
                timezone=project.timezone, country=project.country, currency=project.currency
            ),
            plan=self.plan,
        )

    def inbox(self) -> Vault:
        """Open the inbox, and make it when there is none yet."""
        return open_inbox(self.vault)

    @property
    def plan(self) -> TrackingPlan:
        """Which events sources have agreed to send; its file is read anew each time."""
        settings = self.settings
        return read_plan(settings.tracking_plan, root=self.root, sources=settings.sources)

    @property
    def build(self) -> BuildSettings:
        """What a build depends on besides the data."""
        return BuildSettings(
            identity=IdentitySettings.read(self.settings.identity),
            params=self.settings.params,
            effects=self.settings.effects,
            config_hash=self.settings.config_hash,
            keep=self.settings.releases.keep,
            market=self._market,
        )

    @property
    def _market(self) -> MarketSeries | None:
        said = self.settings.market
        return None if said is None else MarketSeries(self.root / said.file, said.source)

    @property
    def golden(self) -> GoldenSettings:
        """By which rules the best known details of a person are found."""
        return GoldenSettings.read(self.settings.golden)

    def embedded(self) -> DuckDBEngine:
        """Open the engine in this process: builds, look-ups and pages use it."""
        return self._duckdb(remember=True)

    def _duckdb(self, *, remember: bool) -> DuckDBEngine:
        choice = self.settings.engine
        self.scratch.mkdir(exist_ok=True, mode=0o700)
        return DuckDBEngine(
            threads=choice.threads or None,
            memory=choice.memory,
            scratch=self.scratch,
            remember=remember,
        )

    def engine(self, name: str | None = None) -> Engine:
        """Open the engine that builds: the one named, else the one of the settings.

        Raises:
            Unknown: There is no such engine.
            Unavailable: Spark is asked for, and is not installed or cannot be started.
        """
        choice = self.settings.engine
        if name not in {None, *ENGINES}:
            raise Unknown("engine", str(name), ENGINES)
        self.scratch.mkdir(exist_ok=True, mode=0o700)
        if (name or choice.name) == "duckdb":
            return self.embedded()
        if find_spec("pyspark") is None:
            hint = "`pip install 'tuttuno[spark]'` adds it; `--engine duckdb` needs nothing"
            raise Unavailable("Spark is not installed", hint=hint)
        from tuttuno.engine.spark import SparkEngine  # noqa: PLC0415 - Spark is an extra

        return SparkEngine(master=choice.master, remote=choice.remote or None, scratch=self.scratch)

    def reading(self) -> Reading:
        """Return what keeps the current release open; one for each process that reads."""
        return Reading(self.vault, self.lake, self.embedded)


def open_workspace(root: Path) -> Workspace:
    """Open a project folder.

    Raises:
        NoProject: The folder holds none.
        BadInput: Its settings or keys cannot be read.
        Unavailable: Its vault does not answer, or is of another version.
    """
    settings = load_settings(root)
    return Workspace(
        root=root,
        settings=settings,
        stores=Stores(
            root=root,
            vault=open_vault(vault_url(root, settings)),
            lake=Lake(root / settings.lake.path),
            key=read_key(root / "keys" / "project.key"),
        ),
        pepper=read_key(root / "keys" / "pepper"),
    )


def make_workspace(root: Path, *, settings: str | None = None) -> Workspace:
    """Make a new project and open it.

    Raises:
        AlreadyThere: The folder holds a project.
        BadInput: The folder cannot be written, or the settings cannot be understood.
    """
    if settings is not None:
        read_settings(parse(settings, root / FILE), root / FILE)
    lay_out(root, settings=settings)
    workspace = open_workspace(root)
    migrate(workspace.vault)
    return workspace


def vault_url(root: Path, settings: Settings) -> str:
    """Return the vault's URL, with a relative SQLite path made to start at the project."""
    url = settings.vault.url
    if not url.startswith(_SQLITE) or url.startswith(_SQLITE + "/"):
        return url
    return _SQLITE + str((root / url.removeprefix(_SQLITE)).resolve())
