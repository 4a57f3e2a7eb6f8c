"""A connector: how one system's documents become rows, and what a project may say about it.

To add a system: write `intake/sources/<system>.py` with a `Connector`, name it in
`intake/sources/catalogue.py`, give it a page in `docs/how-to/`. Its reader takes one document
apart into `Row`s of text columns; everything after that (types, rules, versions, persons,
quarantine, ledger) is the same as for any file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tuttuno.intake.arrived import DOCUMENT, NO_RECORD, Documents
from tuttuno.intake.declared import STYLE, style_of
from tuttuno.intake.mapping import FileMapping, Style, Take, Tax
from tuttuno.intake.mapping import Mapping as FileMappings
from tuttuno.intake.section import BadMapping, Section
from tuttuno.schema.table import Table
from tuttuno.vocab import Channel

#: Keys that every connector understands beside those of `Style`.
_COMMON = ("format", "source", "channels", "stores", "webhook", "pull")


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of a system mean in the project's words.

    Attributes:
        channels: Code of the system -> our channel; others stay as they are, and wait in
            quarantine until they are declared.
        stores: Code of the system -> the store's key; others stay as they are.
    """

    channels: Mapping[str, str]
    stores: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """What a connector makes of its settings.

    Attributes:
        files: One for each table; broken documents are counted in the first.
        documents: How files are read.
    """

    files: tuple[FileMapping, ...]
    documents: Documents


@dataclass(frozen=True, slots=True)
class Connector:
    """One system.

    Attributes:
        name: The word after `--as`, and of `format` in the settings.
        make: Makes it ready: its section, how it writes, what its codes mean.
        keys: Settings of its own.
        channels: What its codes of channels usually mean.
        bare: True where it understands files without a section that declares anything.
    """

    name: str
    make: Callable[[Section, Style, Codes], Made]
    keys: tuple[str, ...] = ()
    channels: Mapping[str, str] = field(default_factory=dict)
    bare: bool = True


def connect(connector: Connector, declared: Mapping[str, object], *, name: str) -> FileMappings:
    """Make a system's files readable.

    Args:
        connector: The system.
        declared: Its section of `tuttuno.toml`; empty where there is none.
        name: Of the source.

    Raises:
        BadMapping: A setting cannot be understood; the message names its key.
    """
    section = Section(f"sources.{name}", declared)
    section.only((*STYLE, *_COMMON, *connector.keys))
    channels = section.words("channels")
    for code, channel in channels.items():
        if channel not in set(Channel):
            hint = f"known: {', '.join(Channel)}"
            raise BadMapping(
                f"{section.at('channels')}.{code}", f"cannot be {channel!r}", hint=hint
            )
    codes = Codes({**connector.channels, **channels}, section.words("stores"))
    style = style_of(section, Style())
    made = connector.make(section, style, codes)
    source = section.text("source", name)
    return FileMappings(name, made.files, source=source, documents=made.documents)


def sheet(
    table: Table, columns: Iterable[str], style: Style, codes: Codes, refusals: tuple[str, ...]
) -> FileMapping:
    """Return the mapping of rows whose columns have our names already.

    Channels and stores are put into the project's words here, not by the reader: so a row that
    waits for a code to be declared can be taken in as soon as it is.

    Args:
        table: The exchange table.
        columns: Those of its columns that the reader fills.
        style: How the source writes; amounts come free of tax from the reader.
        codes: What its codes mean.
        refusals: Why rows are no records.
    """
    takes = {name: Take(column=name, map=_words(name, codes)) for name in columns}
    return FileMapping(
        pattern="*",
        table=table,
        columns=takes,
        style=replace(style, tax=Tax()),
        skip={NO_RECORD: refusals} if refusals else {},
        ignore=(DOCUMENT, NO_RECORD),
    )


def _words(column: str, codes: Codes) -> Mapping[str, str]:
    if column in {"store_id", "home_store_id"}:
        return codes.stores
    return codes.channels if column in {"channel", "enrolled_channel"} else {}
