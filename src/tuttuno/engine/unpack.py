"""From what was handed over to plain UTF-8 text on disk, within limits, chunk by chunk."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from tuttuno.errors import BadInput

CHUNK = 1_048_576

_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_STRANGE = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a database",
}
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_UTF8 = {"utf-8", "ascii"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a packed file may unfold before it is taken for an attack.

    Attributes:
        inflated: Bytes at most.
        ratio: Bytes out for each byte in, at most, once `free` bytes are out.
        free: Bytes that come out before the ratio is looked at.
    """

    inflated: int = 20 * 2**30
    ratio: int = 100
    free: int = 16 * 2**20


def plain_text(path: Path, encoding: str, work: Path, limits: Limits) -> Path:
    """Return the file as UTF-8 that is not packed: itself, or a copy at `work`.

    What cannot be decoded is left as it is, so that its line is found to be no UTF-8.
    """
    head = _head(path)
    kind = next((what for magic, what in _STRANGE.items() if head.startswith(magic)), None)
    if kind:
        raise BadInput(f"{path} is {kind}, not CSV", hint="unpack or export it as CSV first")
    packing = next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)
    chunks = _unpacked(path, packing, limits) if packing else _chunks(path)
    first = next(chunks, b"")
    name = _codec(encoding)
    if not name.startswith("utf-32"):  # its mark begins like that of utf-16
        name = _MARKS.get(first[:2], name)
    if not packing and name in _UTF8:
        return path
    with work.open("wb") as out:
        for chunk in _transcoded(path, first, chunks, name):
            out.write(chunk)
    return work


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError as exc:
        raise BadInput(f"cannot read {path}: {exc.strerror}") from exc


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as exc:
        hint = "use a name such as utf-8, cp1252, latin-1 or utf-16"
        raise BadInput(f"no encoding is called {encoding!r}", hint=hint) from exc


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _read(file)


def _read(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _unpacked(path: Path, packing: str, limits: Limits) -> Iterator[bytes]:
    size, out = path.stat().st_size, 0
    try:
        with pa.CompressedInputStream(pa.OSFile(str(path)), packing) as stream:
            for chunk in _read(stream):
                out += len(chunk)
                if out > limits.inflated or out > max(limits.free, size * limits.ratio):
                    hint = f"at most {limits.ratio} times its size and {limits.inflated} bytes"
                    raise BadInput(f"{path} unfolds to more than {out} bytes", hint=hint)
                yield chunk
    except (OSError, pa.ArrowInvalid) as exc:
        hint = "it was cut off or damaged on its way; fetch it again"
        raise BadInput(f"{path} cannot be unpacked: {exc}", hint=hint) from exc


def _transcoded(path: Path, first: bytes, rest: Iterator[bytes], name: str) -> Iterator[bytes]:
    if name in _UTF8:
        yield first
        yield from rest
        return
    decoder = codecs.getincrementaldecoder(name)(errors="surrogateescape")
    try:
        for chunk in _with_end(first, rest):
            text = decoder.decode(chunk or b"", final=chunk is None)
            yield text.encode(errors="surrogateescape")
    except UnicodeError as exc:
        hint = "declare the encoding it was written in"
        raise BadInput(f"{path} is not {name}: {exc}", hint=hint) from exc


def _with_end(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes | None]:
    yield first
    yield from rest
    yield None
