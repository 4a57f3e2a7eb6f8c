"""What an identity run looks at: records with name and birth date, and the values they carry."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuttuno.identity.names import Name, words_of
from tuttuno.identity.registry import KINDS

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Columns of a record that are looked at.
COLUMNS = ("record_no", "given_name", "family_name", "birth_date")

#: Stands for an unknown birth date in arrays of days since 1970.
UNBORN = np.int64(-(2**31))

#: Dates that forms hold where nothing was typed: spreadsheets and computers start there.
_DEFAULT_DAYS = (date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30))
_OLDEST = date(1901, 1, 1)


@dataclass(frozen=True, slots=True)
class Faces:
    """The different things that records say of a person's name and birth date.

    The first says nothing. Attributes have one entry per face.

    Attributes:
        name: Position in `names`.
        born: Days since 1970, or `UNBORN`.
        names: The different names, as compared; the first is no name.
    """

    name: Ints
    born: Ints
    names: tuple[Name, ...]

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Values:
    """The different identifier values, one entry each, by ascending number.

    Attributes:
        number: As the vault knows it; negative for one that identity made itself.
        kind: Position in `KINDS`.
        start: Where its carriers begin in `Evidence.holder`.
        size: How many of the records looked at carry it.
        carriers: How many records of the whole vault carry it.
    """

    number: Ints
    kind: Ints
    start: Ints
    size: Ints
    carriers: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Records, by position in order of record number, and who carries which value.

    Attributes:
        record_no: Ascending.
        face: What each record says of its person: a position in `faces`, 0 for nothing.
        holder: Position of the record of each pair of record and value, by value, ascending.
        value: Position of the value of each pair.
    """

    record_no: Ints
    face: Ints
    faces: Faces
    values: Values
    holder: Ints
    value: Ints

    @property
    def records(self) -> int:
        """How many records."""
        return len(self.record_no)


def evidence_of(records: pa.Table, pairs: pa.Table) -> Evidence:
    """Make arrays of what the vault holds.

    Args:
        records: `COLUMNS`.
        pairs: `record_no`, `type`, `value_no` of all carriers of each value; those whose
            record is not given are counted among its carriers and otherwise left out.
    """
    records = records.sort_by("record_no")
    record_no = records["record_no"].to_numpy().astype(np.int64)
    name, names = _names(records["given_name"], records["family_name"])
    face, faces = _faces(name, births(records["birth_date"]), names)
    values, holder, value = _values(pairs, record_no)
    return Evidence(record_no, face, faces, values, holder, value)


def _values(pairs: pa.Table, record_no: Ints) -> tuple[Values, Ints, Ints]:
    number = pairs["record_no"].to_numpy().astype(np.int64)
    value, numbers = _ranked(pairs["value_no"].to_numpy().astype(np.int64))
    kind = np.zeros(len(numbers), dtype=np.int64)
    kind[value] = kinds_of(pairs["type"])
    # one sort of one key: two columns would take ten times as long
    span = int(number.max(initial=0)) + 1
    key = np.sort(value * span + number)
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = key[1:] != key[:-1]
    value, number = np.divmod(key[new], span)
    carriers = np.bincount(value, minlength=len(numbers)).astype(np.int64)
    holder = np.searchsorted(record_no, number).astype(np.int64)
    here = holder < len(record_no)
    here[here] = record_no[holder[here]] == number[here]
    value, holder = value[here], holder[here]
    size = np.bincount(value, minlength=len(numbers)).astype(np.int64)
    start = np.cumsum(size) - size
    return Values(numbers, kind, start, size, carriers), holder, value


def _ranked(value_no: Ints) -> tuple[Ints, Ints]:
    """The position of each number among the different ones, and those, ascending."""
    coded = pa.array(value_no).dictionary_encode()
    different = coded.dictionary.to_numpy()
    order = np.argsort(different)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[coded.indices.to_numpy()], different[order]


def kinds_of(column: pa.ChunkedArray) -> Ints:
    """Positions in `KINDS` of a column of their names."""
    coded = _coded(column)
    code = np.array([KINDS.index(text) for text in coded.dictionary.to_pylist()], dtype=np.int64)
    found: Ints = code[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def born_on(day: date | None) -> date | None:
    """A birth date as it is compared; None for what nobody typed and for who would be too old."""
    return None if day is None or day in _DEFAULT_DAYS or day < _OLDEST else day


def _names(given: pa.ChunkedArray, family: pa.ChunkedArray) -> tuple[Ints, tuple[Name, ...]]:
    """Number the different names; each different spelling of a part is folded once."""
    given_no, given_words = _parts(given)
    family_no, family_words = _parts(family)
    # no name at all comes first, so it is 0 even where every record has one
    pair = np.append(0, given_no * len(family_words) + family_no)
    coded = pa.array(pair).dictionary_encode()
    names = tuple(
        Name(given_words[both // len(family_words)], family_words[both % len(family_words)])
        for both in coded.dictionary.to_pylist()
    )
    return coded.indices.to_numpy()[1:].astype(np.int64), names


def _parts(column: pa.ChunkedArray) -> tuple[Ints, list[tuple[str, ...]]]:
    """Number the different folded spellings of one field; 0 is an empty field."""
    coded = _coded(column.cast(pa.string()))
    known: dict[tuple[str, ...], int] = {(): 0}
    folded = [words_of(text) for text in coded.dictionary.to_pylist()]
    number = np.array([known.setdefault(words, len(known)) for words in folded] + [0])
    code = pc.fill_null(coded.indices, len(folded)).to_numpy(zero_copy_only=False)
    return number.astype(np.int64)[code], list(known)


def _coded(column: pa.ChunkedArray) -> Any:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def births(column: pa.ChunkedArray) -> Ints:
    """Days since 1970; unknown for what nobody typed and for who would be too old to buy."""
    days = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), int(UNBORN))
    born = days.to_numpy().astype(np.int64)
    epoch = date(1970, 1, 1)
    default = np.isin(born, [(day - epoch).days for day in _DEFAULT_DAYS])
    return np.where(default | (born < (_OLDEST - epoch).days), UNBORN, born)


def _faces(name: Ints, born: Ints, names: tuple[Name, ...]) -> tuple[Ints, Faces]:
    # who says nothing comes first, as above
    key = np.append(0, name * 2**33 + (born - UNBORN))
    coded = pa.array(key).dictionary_encode()
    different, days = np.divmod(coded.dictionary.to_numpy(), 2**33)
    face: Ints = coded.indices.to_numpy()[1:].astype(np.int64)
    return face, Faces(different, days + UNBORN, names)
