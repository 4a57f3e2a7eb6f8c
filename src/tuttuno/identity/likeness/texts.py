"""Columns of the vault as likeness compares them; each different text is folded once."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.identity.evidence import UNBORN, Ints, births
from tuttuno.identity.matching.columns import NONE, Column, column_of
from tuttuno.identity.matching.words import fold

#: What likeness compares, beside the number of a record.
COLUMNS = (
    "record_no",
    "record_key",
    "given_name",
    "family_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "tax_code",
    "address",
    "postal_code",
    "city",
)


def coded(column: pa.ChunkedArray | pa.Array) -> tuple[Ints, list[str]]:
    """The different texts of a column, and for each record which one it has, or `NONE`."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    # a dictionary may hold texts that no record has
    plain = column.cast(pa.string()).dictionary_encode()
    code = pc.fill_null(plain.indices, NONE).to_numpy(zero_copy_only=False)
    return code.astype(np.int64), plain.dictionary.to_pylist()


def folded(column: pa.ChunkedArray, form: Callable[[str], str | None]) -> Column:
    """A column in the form in which it is compared; what comes to nothing is not said."""
    code, texts = coded(column)
    other = column_of(form(text) for text in texts)
    return Column(np.append(other.code, NONE)[code], other.values)


def counted(column: pa.ChunkedArray, form: Callable[[str], Any]) -> dict[str, int]:
    """How many records say each of the things that a text comes to: one, or several."""
    code, texts = coded(column)
    times = np.bincount(code[code != NONE], minlength=len(texts)).tolist()
    found: dict[str, int] = {}
    for text, count in zip(texts, times, strict=True):
        said = form(text)
        for one in (said,) if isinstance(said, str) else said or ():
            if one:
                found[one] = found.get(one, 0) + count
    return found


def postal_code(text: str) -> str:
    """A postal code as it is compared."""
    return fold(text).replace(" ", "")


def days_of(column: pa.ChunkedArray) -> pa.Array:
    """Birth dates as texts of eight digits; null for what nobody typed."""
    days = births(column)
    told = pa.array(days, mask=days == UNBORN).cast(pa.int32()).cast(pa.date32())
    return pc.strftime(told, format="%Y%m%d")


def day_of(born: date | None) -> str | None:
    """As `days_of`, of one date that `evidence.born_on` lets pass."""
    return None if born is None else f"{born:%Y%m%d}"
