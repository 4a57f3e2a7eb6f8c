"""What an identity run looks at: records with name and birth date, and the values they carry."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuttuno.identity.names import Name, words_of
from tuttuno.vocab import IdentifierType

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Position in this tuple is how a kind of identifier is written in arrays.
KINDS = tuple(IdentifierType)
CODE_OF = {kind: code for code, kind in enumerate(KINDS)}

#: Stands for an unknown birth date in arrays of days since 1970.
UNBORN = np.int64(-(2**31))

#: Dates that forms hold where nothing was typed: spreadsheets and computers start there.
_DEFAULT_DAYS = (date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30))
_OLDEST = date(1901, 1, 1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Records, by position in order of record number, and the values they carry.

    Attributes:
        record_no: Ascending.
        face: What each record says of its person's name and birth date, as a position in the
            arrays below; equal for records that say the same, 0 for those that say nothing.
        face_name: Position in `names`.
        face_born: Days since 1970, or `UNBORN`.
        names: The different names, as compared; the first is no name.
        value: Number of the identifier value of each pair, ascending.
        kind: Its kind, a position in `KINDS`.
        holder: Position of the record that carries it, ascending within a value.
        carriers: How many records of the whole vault carry it.
    """

    record_no: Ints
    face: Ints
    face_name: Ints
    face_born: Ints
    names: tuple[Name, ...]
    value: Ints
    kind: Ints
    holder: Ints
    carriers: Ints

    @property
    def records(self) -> int:
        """How many records."""
        return len(self.record_no)


def evidence_of(records: pa.Table, pairs: pa.Table) -> Evidence:
    """Make arrays of what the vault holds.

    Args:
        records: `record_no`, `given_name`, `family_name`, `birth_date`.
        pairs: `record_no`, `type`, `value_no` of all carriers of each value; those whose
            record is not given are counted among its carriers and otherwise left out.
    """
    records = records.sort_by("record_no")
    record_no = records["record_no"].to_numpy().astype(np.int64)
    name, names = _names(records["given_name"], records["family_name"])
    face, face_name, face_born = _faces(name, _births(records["birth_date"]))
    return Evidence(record_no, face, face_name, face_born, names, *_pairs(pairs, record_no))


def _pairs(pairs: pa.Table, record_no: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    number = pairs["record_no"].to_numpy().astype(np.int64)
    value = pairs["value_no"].to_numpy().astype(np.int64)
    kind = _kinds(pairs["type"])
    order = np.lexsort((number, value))
    number, value, kind = number[order], value[order], kind[order]
    new = np.ones(len(value), dtype=np.bool_)
    new[1:] = (value[1:] != value[:-1]) | (number[1:] != number[:-1])
    number, value, kind = number[new], value[new], kind[new]
    _, carriers = np.unique(value, return_counts=True)
    carriers = np.repeat(carriers, carriers)
    holder = np.searchsorted(record_no, number)
    here = holder < len(record_no)
    here[here] = record_no[holder[here]] == number[here]
    return value[here], kind[here], holder[here].astype(np.int64), carriers[here]


def _kinds(column: pa.ChunkedArray) -> Ints:
    coded = _coded(column)
    code = np.array([CODE_OF[IdentifierType(text)] for text in coded.dictionary.to_pylist()])
    found: Ints = code.astype(np.int64)[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def _names(given: pa.ChunkedArray, family: pa.ChunkedArray) -> tuple[Ints, tuple[Name, ...]]:
    """Number the different names; each different spelling of a part is folded once."""
    given_no, given_words = _parts(given)
    family_no, family_words = _parts(family)
    pair = given_no * len(family_words) + family_no
    # pair 0 is no name at all; keep it at 0 even where every record has a name
    different, name = np.unique(np.append(pair, 0), return_inverse=True)
    names = tuple(
        Name(given_words[both // len(family_words)], family_words[both % len(family_words)])
        for both in different.tolist()
    )
    return name[:-1].astype(np.int64), names


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


def _births(column: pa.ChunkedArray) -> Ints:
    """Days since 1970; unknown for what nobody typed and for who would be too old to buy."""
    days = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), int(UNBORN))
    born = days.to_numpy().astype(np.int64)
    epoch = date(1970, 1, 1)
    default = np.isin(born, [(day - epoch).days for day in _DEFAULT_DAYS])
    return np.where(default | (born < (_OLDEST - epoch).days), UNBORN, born)


def _faces(name: Ints, born: Ints) -> tuple[Ints, Ints, Ints]:
    """Number what records say of name and birth; 0 for those that say nothing."""
    # UNBORN is the smallest date, so nothing said sorts first; the appended row secures it
    name, born = np.append(name, 0), np.append(born, UNBORN)
    key = name * 2**33 + (born - UNBORN)
    _, first, face = np.unique(key, return_index=True, return_inverse=True)
    return face[:-1].astype(np.int64), name[first], born[first]
