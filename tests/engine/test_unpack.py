"""Packed files and other encodings become plain UTF-8, within limits."""

import gzip

import pyarrow as pa
import pytest

from tests.engine.staging import staged
from tuttuno.engine.csv import CsvDialect
from tuttuno.engine.unpack import Limits
from tuttuno.errors import BadInput

DATA = "città,€\nForlì,“è”\n"
ROWS = [["Forlì", "“è”"]]


@pytest.fixture
def stage(duckdb_engine, tmp_path):
    return lambda data, **options: staged(duckdb_engine, tmp_path, data, **options)


def zstd(data):
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(data)
    return packed.getvalue().to_pybytes()


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_packed_file_is_unpacked_whatever_it_is_called(stage, pack):
    assert stage(pack(DATA.encode()), name="file.txt")[1] == ROWS


def test_a_packed_file_may_have_several_members(stage):
    data = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert stage(data)[1] == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_a_declared_encoding_is_read(stage, encoding):
    found, rows = stage(DATA.encode(encoding), dialect=CsvDialect(encoding=encoding))
    assert (found.columns, rows) == (("città", "€"), ROWS)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_byte_order_mark_overrules_what_was_declared(stage, encoding):
    found, rows = stage(DATA.encode(encoding), dialect=CsvDialect(encoding="utf-8"))
    assert (found.columns, rows) == (("città", "€"), ROWS)


def test_a_character_across_two_chunks_is_read(stage, monkeypatch):
    monkeypatch.setattr("tuttuno.engine.unpack.CHUNK", 3)
    assert stage(DATA.encode("utf-16"))[1] == ROWS


def test_a_byte_that_the_encoding_lacks_makes_its_line_malformed(stage):
    found, rows = stage(b"a,b\n\x81,x\n1,\x80\n", dialect=CsvDialect(encoding="cp1252"))
    assert rows == [["1", "€"]]
    assert [(bad.line, bad.reason) for bad in found.bad_lines] == [(2, "byte 0x81 is not UTF-8")]


@pytest.mark.parametrize(
    ("data", "encoding", "said"),
    [
        (b"a,b\n", "klingon", "no encoding is called 'klingon'; use a name such as"),
        (DATA.encode("utf-16")[:-1], "utf-16", "is not utf-16: .*truncated data; declare"),
        (b"a,b\n", "utf-16", "is not utf-16|header .* cannot be read"),
    ],
)
def test_an_encoding_that_cannot_be_is_refused(stage, data, encoding, said):
    with pytest.raises(BadInput, match=said):
        stage(data, dialect=CsvDialect(encoding=encoding))


NOISE = b"a,b\n" + "".join(f"{nth * 7919 % 10007},{nth}\n" for nth in range(5000)).encode()


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(NOISE)[:-9],
        zstd(NOISE)[:-9],
        gzip.compress(NOISE)[:99] + b"?" + gzip.compress(NOISE)[100:],
    ],
    ids=["gzip cut", "zstd cut", "gzip flipped"],
)
def test_a_damaged_packing_is_refused(stage, data):
    with pytest.raises(BadInput, match=r"cannot be unpacked: .*; it was cut off or damaged"):
        stage(data)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_bomb_is_refused_before_it_unfolds(stage, pack):
    bomb = pack(b"a,b\n" + b"0" * 200_000_000)
    limits = Limits(free=1_000_000)
    with pytest.raises(BadInput, match=r"unfolds to more than [0-9]{1,8} bytes; at most 100 times"):
        stage(bomb, limits=limits)


def test_a_file_that_unfolds_to_too_much_is_refused(stage):
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    with pytest.raises(BadInput, match=r"at most 100 times its size and 4000 bytes"):
        stage(data, limits=Limits(inflated=4000))
    assert stage(data, limits=Limits(inflated=4004))[0].rows == 1000
