"""Open one release for reading: its tables, bound at exactly the versions it names."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any, TypeVar

import ibis

from tuttuno.engine.port import Engine, ParquetFiles
from tuttuno.errors import NotFound
from tuttuno.lake.pick import Picker
from tuttuno.lake.store import Lake
from tuttuno.schema.lake import LAKE, SUPPLIED
from tuttuno.schema.mart import MART
from tuttuno.vault import releases
from tuttuno.vault.releases import Release
from tuttuno.vault.vault import Vault

_T = TypeVar("_T")


class NothingBuilt(NotFound):
    """The project has no release to read."""

    def __init__(self) -> None:
        super().__init__("nothing has been built yet", hint="run `tuttuno build`")


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """One release and an engine in which its tables are bound by name.

    Attributes:
        files: Those of each table, in the version that the release names.
    """

    release: Release
    engine: Engine
    tables: Mapping[str, ibis.Table]
    files: Mapping[str, ParquetFiles] = field(repr=False)
    _made: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False, compare=False)
    _making: RLock = field(default_factory=RLock, repr=False, compare=False)

    def once(self, make: Callable[..., _T], *options: float | str) -> _T:
        """Return `make(self, *options)`: made at the first asking, for a release never changes.

        `make` is a function of a module, never a lambda: it is known again by itself.
        """
        key = (make, *options)
        with self._making:
            if key not in self._made:
                self._made[key] = make(self, *options)
            made: _T = self._made[key]
            return made

    def ask(self, question: ibis.Table, values: Mapping[ibis.Scalar, Any]) -> list[dict[str, Any]]:
        """Return the rows of a question that `once` made, its parameters filled in."""
        rows: list[dict[str, Any]] = self.engine.run(question, values).to_pylist()
        return rows

    def rows_of(
        self,
        person: int,
        table: str,
        columns: Sequence[str],
        months: Collection[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return what a table, kept by month and sorted by person, holds of one, in no order.

        Args:
            person: Who.
            table: Its name.
            columns: Those to return.
            months: To look into; None: all.
        """
        within = {} if months is None else {"month": months}
        found = self.once(picker, table).rows(person, columns, within=within)
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows


def picker(opened: OpenRelease, table: str) -> Picker:
    """Return what finds the rows of one person in a table, for `OpenRelease.once`."""
    return Picker(opened.files[table], "person_id")


def find_release(vault: Vault, number: int | None = None) -> Release:
    """Return the release that readers see, or an earlier one by number.

    Raises:
        NothingBuilt: No release was ever published.
        NotFound: No release has this number.
    """
    with vault.read() as con:
        if number is not None:
            return releases.release_of(con, number)
        found = releases.current(con)
    if found is None:
        raise NothingBuilt
    return found


def has_release(vault: Vault) -> bool:
    """True once something was published."""
    with vault.read() as con:
        return releases.current(con) is not None


def open_release(release: Release, *, lake: Lake, engine: Engine) -> OpenRelease:
    """Bind every table of a release in an engine; later builds do not change what it reads."""
    files = _files(release.tables, lake)
    tables = {name: engine.bind(name, source) for name, source in files.items()}
    return OpenRelease(release, engine, tables, files)


def bound(versions: Mapping[str, int], *, lake: Lake, engine: Engine) -> Mapping[str, ibis.Table]:
    """Bind the tables of a release, each at its version; one it does not name is empty."""
    return {name: engine.bind(name, source) for name, source in _files(versions, lake).items()}


def _files(versions: Mapping[str, int], lake: Lake) -> Mapping[str, ParquetFiles]:
    return {
        table.name: lake.files(table, versions[table.name])
        if table.name in versions
        else ParquetFiles((), table.schema, table.partition)
        for table in (*LAKE, *SUPPLIED, *MART)
    }


class Reading:
    """Keeps the release that readers see open, and opens the next one when it is published.

    Many threads may read at once. A release that is no longer current stays open until its
    last reader has let go of it.
    """

    def __init__(self, vault: Vault, lake: Lake, engine_of: Callable[[], Engine]) -> None:
        self._vault = vault
        self._lake = lake
        self._engine_of = engine_of
        self._opening = Lock()
        self._opened: OpenRelease | None = None

    def current(self) -> OpenRelease:
        """Return the release now serving, open.

        Raises:
            NothingBuilt: There is none.
        """
        return self.open(find_release(self._vault))

    def open(self, release: Release) -> OpenRelease:
        """Return a release, open; the one asked for last stays open for the next asker."""
        opened = self._opened
        if opened is not None and opened.release.number == release.number:
            return opened
        with self._opening:
            if self._opened is None or self._opened.release.number != release.number:
                self._opened = open_release(release, lake=self._lake, engine=self._engine_of())
            return self._opened
