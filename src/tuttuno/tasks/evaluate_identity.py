"""Evaluate identity: put the records of a labelled file together, and score the outcome."""

import gzip
import resource
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from tuttuno.errors import BadInput, NotFound
from tuttuno.identity.matching.headings import field_of, recognised
from tuttuno.identity.matching.matcher import MatchSettings, persons_of
from tuttuno.identity.matching.prepare import FIELDS
from tuttuno.identity.matching.quality import Quality, quality_of

_NAMES = ("given_name", "family_name", "full_name")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A file whose true persons are known, and which of its columns are compared.

    Attributes:
        path: A CSV or Parquet file.
        truth: Column that names the true person; never compared.
        fields: Column of the file by field of identity; where empty, columns are recognised by
            their headings.
        id: Column that names the record; never compared.
        extra: Further columns to compare.
    """

    path: Path
    truth: str
    fields: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    extra: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came out.

    Attributes:
        quality: Scores against the truth.
        compared: Column of the file by what it was compared as.
        unlabelled: Records without a truth; put together with the others, and not scored.
        seconds: From opening the file to the last person.
        peak_mb: Most memory this process has held, in MiB.
        config_hash: Which configuration this was; the same for every file.
    """

    quality: Quality
    compared: Mapping[str, str]
    unlabelled: int
    seconds: float
    peak_mb: float
    config_hash: str

    def facts(self) -> dict[str, Any]:
        """The scores, in the order in which they are promised."""
        return asdict(self.quality) | {
            "seconds": round(self.seconds, 3),
            "peak_mb": round(self.peak_mb, 1),
            "config_hash": self.config_hash,
        }


class BadLabelledFile(BadInput):
    """A labelled file, or what was said of it, cannot be used."""


class NoSuchColumn(BadLabelledFile):
    """A column that was named is not in the file."""

    def __init__(self, name: str, columns: Iterable[str], path: Path) -> None:
        self.name = name
        self.columns = list(columns)
        super().__init__(f"{path} has no column {name!r}", hint=_nearest(name, self.columns))


class NoSuchField(BadLabelledFile):
    """Identity compares no field of this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"identity knows no field {name!r}", hint=_nearest(name, FIELDS))


def evaluate_identity(file: Labelled, settings: MatchSettings | None = None) -> Evaluated:
    """Put the records of a file together with the default configuration, and score the outcome.

    The labels are read for the score alone: nothing is tuned on them.

    Raises:
        BadLabelledFile: The file cannot be read, a column or field is unknown, or no record
            has a truth.
    """
    settings = settings or MatchSettings()
    began = time.perf_counter()
    table = _read(file.path)
    compared = _compared(file, table.column_names)
    truth = _texts(table, file.truth, file.path)
    labelled = np.array([text is not None for text in truth], dtype=np.bool_)
    if not labelled.any():
        raise BadLabelledFile(
            f"{file.path}: the column {file.truth!r} is empty",
            hint="--truth names the column that says which records are one person",
        )
    columns = {name: _texts(table, at, file.path) for name, at in compared.items()}
    records = pa.table(_names_in_one(columns))
    found = persons_of(records, settings)
    seconds = time.perf_counter() - began
    number = {text: place for place, text in enumerate(sorted({t for t in truth if t}))}
    true = np.array([number[text] for text in truth if text is not None], dtype=np.int64)
    return Evaluated(
        quality=quality_of(found[labelled], true),
        compared=compared,
        unlabelled=int((~labelled).sum()),
        seconds=seconds,
        peak_mb=_peak_mb(),
        config_hash=settings.hash,
    )


def fields_from(text: str) -> dict[str, str]:
    """Read `given_name=first_name,birth_date=dob`: fields of identity, and columns of a file.

    >>> fields_from("given_name=first_name, dob=born")
    {'given_name': 'first_name', 'birth_date': 'born'}
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, column = (side.strip() for side in part.partition("="))
        if not (name and equals and column):
            raise BadLabelledFile(
                f"cannot read {part!r} in --map", hint="write field=column,field=column"
            )
        known = name if name in FIELDS else field_of(name)
        if known is None:
            raise NoSuchField(name)
        if known in found:
            raise BadLabelledFile(f"--map names the field {known!r} twice", hint="keep one")
        found[known] = column
    return found


def _compared(file: Labelled, columns: Sequence[str]) -> dict[str, str]:
    """What is compared as what; the truth and the record's own id never are."""
    apart = {file.truth} | ({file.id} if file.id else set())
    named = [file.truth, *file.fields.values(), *file.extra, *([file.id] if file.id else [])]
    for name in named:
        if name not in columns:
            raise NoSuchColumn(name, columns, file.path)
    for name in (*file.fields.values(), *file.extra):
        if name in apart:
            raise BadLabelledFile(
                f"{name!r} is the truth or the id, and cannot be compared as well",
                hint="take it out of --map or --extra",
            )
    free = [name for name in columns if name not in apart and name not in file.extra]
    found = dict(file.fields or recognised(free))
    for name in file.extra:
        if name in found.values():
            continue
        known = field_of(name)
        plain = f"{_EXTRA}{name}" if name in FIELDS else name
        found[known if known and known not in found else plain] = name
    if not found:
        raise BadLabelledFile(
            f"{file.path}: no column is recognised", hint="say which is which with --map"
        )
    return found


#: Begins the name under which an extra column is compared whose field is another column's.
_EXTRA = "extra_"


def _names_in_one(columns: dict[str, list[str | None]]) -> dict[str, list[str | None]]:
    """Put every name of a record into one comparison: the same words do not count twice."""
    names = [name for name in columns if field_of(name.removeprefix(_EXTRA)) in _NAMES]
    whole = [name for name in names if name not in _NAMES or name == "full_name"]
    if not any(name in _NAMES for name in names) or not whole:
        return columns
    told = zip(*(columns[name] for name in whole), strict=True)
    joined = [" ".join(text for text in row if text) or None for row in told]
    rest = {name: texts for name, texts in columns.items() if name not in whole}
    return rest | {"full_name": joined}


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise NotFound(f"{path} does not exist", hint="name a CSV or Parquet file")
    try:
        table = (
            parquet.read_table(path) if path.suffix.lower() in {".parquet", ".pq"} else _csv(path)
        )
    except (OSError, EOFError, pa.ArrowException, UnicodeDecodeError) as exc:
        raise BadLabelledFile(f"cannot read {path}: {exc}", hint="CSV or Parquet is read") from exc
    names = [name.strip() for name in table.column_names]
    if len(set(names)) < len(names):
        raise BadLabelledFile(f"{path}: two columns have one name", hint="give each its own")
    if not table.num_rows:
        raise BadLabelledFile(f"{path} holds no records", hint="is it the right file?")
    return table.rename_columns(names)


def _csv(path: Path) -> pa.Table:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        head = raw.decode("utf-8-sig").partition("\n")[0]
        encoding = "utf-8"
    except UnicodeDecodeError:
        head, encoding = raw.decode("latin-1").partition("\n")[0], "latin-1"
    sign = max(",;\t|", key=head.count)
    names = csv.open_csv(
        pa.BufferReader(raw),
        read_options=csv.ReadOptions(encoding=encoding),
        parse_options=csv.ParseOptions(delimiter=sign, newlines_in_values=True),
    ).schema.names
    return csv.read_csv(
        pa.BufferReader(raw),
        read_options=csv.ReadOptions(encoding=encoding),
        parse_options=csv.ParseOptions(delimiter=sign, newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def _texts(table: pa.Table, name: str, path: Path) -> list[str | None]:
    """A column as texts without blanks around them; an empty one is none."""
    column = table[name]
    try:
        if pa.types.is_floating(column.type):  # 4011.0 is how pandas keeps 4011 beside nulls
            listed = [None if v is None else f"{v:.0f}" if v == v // 1 else str(v)
                      for v in column.to_pylist()]  # fmt: skip
        else:
            listed = column.cast(pa.string()).to_pylist()
    except pa.ArrowException as exc:
        raise BadLabelledFile(
            f"{path}: the column {name!r} holds {column.type}, not texts", hint="leave it out"
        ) from exc
    return [(text.strip() or None) if text else None for text in listed]


def _nearest(name: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    close = get_close_matches(name.lower(), listed, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(listed)}"


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
