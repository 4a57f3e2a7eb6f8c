"""Between Arrow columns and what the vault stores, column by column and without row objects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from tuttuno.vault.tables.columns import IDENTIFIER_CODES, Day, Flag, Kind, Moment

_WORDS: Final = pa.array([None, *map(str, IDENTIFIER_CODES)], pa.string())
_TYPES: Final[Mapping[type[Any], pa.DataType]] = {
    Moment: pa.timestamp("us"),
    Day: pa.date32(),
    Flag: pa.bool_(),
    Kind: pa.string(),
    sa.Double: pa.float64(),
}


def arrow_type(column: sa.ColumnElement[Any]) -> pa.DataType:
    """Return the Arrow type in which a column is handed over."""
    found = _TYPES.get(type(column.type))
    if found is None:
        plain = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
        found = pa.int64() if isinstance(plain, sa.Integer) else pa.string()
    return found


def to_stored(array: pa.Array, column: sa.ColumnElement[Any]) -> pa.Array:
    """Return Arrow values as the vault stores them.

    Raises:
        ValueError: A word is not in the list of its column.
        pa.ArrowInvalid: A value does not fit the type of its column.
    """
    if pa.types.is_null(array.type):
        return array
    convert = _TO_STORED.get(type(column.type))
    return convert(array) if convert else array.cast(arrow_type(column))


def from_stored(values: Sequence[Any], column: sa.ColumnElement[Any]) -> pa.Array:
    """Return stored values as Arrow hands them over."""
    convert = _FROM_STORED.get(type(column.type))
    return convert(values) if convert else pa.array(values, arrow_type(column))


def values_of(array: pa.Array) -> list[Any]:
    """Return Python values; for texts and whole numbers far faster than Arrow's own list."""
    if array.null_count == len(array):
        return [None] * len(array)
    if pa.types.is_string(array.type) or array.null_count == 0:
        values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
        return values
    listed: list[Any] = array.to_pylist()
    return listed


def _micros(array: pa.Array) -> pa.Array:
    # Only the unit is cast: the number below is UTC whatever the zone.
    zone = getattr(array.type, "tz", None)
    return array.cast(pa.timestamp("us", tz=zone)).cast(pa.int64())


def _codes(array: pa.Array) -> pa.Array:
    encoded = pc.dictionary_encode(array.cast(pa.string()))
    code = Kind().process_bind_param
    codes = pa.array([code(word, None) for word in encoded.dictionary.to_pylist()], pa.int64())
    return codes.take(encoded.indices)


_TO_STORED: Final[Mapping[type[Any], Callable[[pa.Array], pa.Array]]] = {
    Moment: _micros,
    Day: lambda array: array.cast(pa.date32()).cast(pa.string()),
    Flag: lambda array: array.cast(pa.int64()),
    Kind: _codes,
}
_FROM_STORED: Final[Mapping[type[Any], Callable[[Sequence[Any]], pa.Array]]] = {
    Moment: lambda values: pa.array(values, pa.int64()).cast(pa.timestamp("us")),
    Day: lambda values: pa.array(values, pa.string()).cast(pa.date32()),
    Flag: lambda values: pa.array(values, pa.int64()).cast(pa.bool_()),
    Kind: lambda values: _WORDS.take(pa.array(values, pa.int64())),
}
