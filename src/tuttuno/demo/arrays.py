"""The few array verbs the simulator needs: typed arrays, random streams, Arrow text."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: "No such index": becomes null when a dictionary is applied.
NONE = -1

MICROS = 1_000_000
DAY = 86_400


def stream(seed: int, block: int, part: str) -> np.random.Generator:
    """Return the random numbers of one part of one block of people.

    They depend on nothing else, so blocks may be made in any order and a new part
    does not disturb the others.
    """
    branch = np.random.SeedSequence(seed, spawn_key=(block, crc32(part.encode())))
    return np.random.Generator(np.random.SFC64(branch))


def choose(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Draw `size` positions with the given relative weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return found


def within(counts: Ints) -> Ints:
    """Number the members of consecutive groups from 0: counts 2, 3 give 0 1 0 1 2."""
    starts = np.cumsum(counts) - counts
    return np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(starts, counts)


def rank(values: Ints) -> Ints:
    """Number values by size from 0; equal ones in the order they come."""
    place = np.empty(len(values), dtype=np.int64)
    place[np.argsort(values, kind="stable")] = np.arange(len(values))
    return place


def words(values: Sequence[str | None] | pa.Array, index: Ints) -> pa.Array:
    """Look texts up by position as an Arrow dictionary; a negative position is null."""
    kind = np.int8 if len(values) < 127 else np.int32
    mask = index < 0
    codes = pa.array(np.where(mask, 0, index).astype(kind), mask=mask)
    found = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return pa.DictionaryArray.from_arrays(codes, found)


def plain(values: Sequence[str | None] | pa.Array, index: Ints) -> pa.Array:
    """Look texts up by position as plain Arrow text; a negative position is null."""
    return words(values, index).dictionary_decode()


def join(*parts: Any, sep: str = "") -> pa.Array:
    """Put texts together row by row; null when any of them is null."""
    return pc.binary_join_element_wise(*parts, sep)


def digits(numbers: Ints, width: int = 0) -> pa.Array:
    """Write whole numbers as text, padded with zeros to `width`."""
    text = pc.cast(pa.array(numbers), pa.string())
    return pc.utf8_lpad(text, width, "0") if width else text


def keep(text: pa.Array, where: Flags) -> pa.Array:
    """Null every row where `where` is false."""
    return pc.if_else(pa.array(where), text, None)


def either(where: Flags, yes: pa.Array | pa.Scalar, no: pa.Array) -> pa.Array:
    """Take `yes` in rows where it holds, `no` elsewhere."""
    return pc.if_else(pa.array(where), yes, no)


def pick(style: Ints, options: Sequence[pa.Array]) -> pa.Array:
    """Take row i from `options[style[i]]`."""
    return pc.choose(pa.array(style), *options)


def moments(seconds: Ints, *, known: Flags | None = None) -> pa.Array:
    """Turn seconds since 1970 of a local clock into timestamps without a zone.

    From 02:00 to 02:59 a local clock skips or repeats itself twice a year, so nothing is
    written then: such a moment is put an hour earlier.
    """
    seconds = seconds - 3_600 * (seconds % DAY // 3_600 == 2)
    mask = None if known is None else ~known
    return pa.array((seconds * MICROS).view("datetime64[us]"), mask=mask)


def days(numbers: Ints, *, known: Flags | None = None) -> pa.Array:
    """Turn days since 1970 into dates."""
    mask = None if known is None else ~known
    return pa.array(numbers.astype("datetime64[D]"), mask=mask)


def money(cents: Ints) -> pa.Array:
    """Turn whole cents into decimal(14, 2)."""
    wide = np.empty((len(cents), 2), dtype=np.int64)
    wide[:, 0] = cents
    wide[:, 1] = cents >> 63  # the sign fills the upper half of a 128-bit number
    return pa.Array.from_buffers(pa.decimal128(14, 2), len(cents), [None, pa.py_buffer(wide)])
