"""A CSV file is read as Python's csv module reads it; what is malformed is told line by line."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.staging import staged
from tuttuno.engine.csv import MOST_COLUMNS, BadLine, CsvDialect, stage_csv
from tuttuno.engine.csv_records import LONGEST, OPEN_QUOTE, STRETCH, TOO_LONG
from tuttuno.errors import BadInput


@pytest.fixture
def stage(duckdb_engine, tmp_path):
    return lambda data, **options: staged(duckdb_engine, tmp_path, data, **options)


SPICE = st.sampled_from(list("ab ,;\"\n\r\t|é😀'\\1"))
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
FIELD = st.text(SPICE | ANY, max_size=6)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(FIELD, min_size=width, max_size=width), min_size=1, max_size=8)
)


def written(table, line_end, delimiter, *, sparing):
    """A file, which Python's writer leaves invalid when it spares quotes around line ends."""
    breaks = any(end in field for row in table for field in row for end in "\r\n")
    quoting = csv.QUOTE_MINIMAL if sparing and (line_end == "\r\n" or not breaks) else csv.QUOTE_ALL
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow([f"c{nth}" for nth in range(len(table[0]))])
    writer.writerows(table)
    return text.getvalue()


@settings(max_examples=120, deadline=None)
@given(
    table=TABLE,
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    sparing=st.booleans(),
    ended=st.booleans(),
)
def test_a_valid_file_is_read_as_python_reads_it(
    duckdb_engine, table, line_end, delimiter, sparing, ended
):
    text = written(table, line_end, delimiter, sparing=sparing)
    text = text if ended else text.removesuffix(line_end)
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]
    with tempfile.TemporaryDirectory() as folder:
        dialect = CsvDialect(delimiter=delimiter)
        found, rows = staged(duckdb_engine, Path(folder), text.encode(), dialect=dialect)
    assert found.bad_lines == ()
    assert rows == [[value or None for value in row] for row in read if row]


LINES = st.sampled_from(
    [
        b"1,2",
        b'"a ""b""","c\nd"',
        b"1",
        b"1,2,3",
        b'1,"x',
        b'"x"y,2',
        b"\xff,1",
        b"a\0,1",
        b'5",x',
        b"",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from([b"\n", b"\r\n"]))
def test_no_line_is_lost_whatever_it_looks_like(duckdb_engine, lines, line_end):
    data = line_end.join([b"a,b", *lines])
    with tempfile.TemporaryDirectory() as folder:
        found, rows = staged(duckdb_engine, Path(folder), data)
    spans = [range(bad.line, bad.line + bad.text.count("\n") + 1) for bad in found.bad_lines]
    told = sum(map(len, spans))
    inside = sum((value or "").count("\n") for row in rows for value in row)
    blank = sum(not line for line in data.split(line_end)[1:])
    assert told + len(rows) + inside + blank >= data.count(b"\n")
    places = [found.row_of(nth) for nth in range(found.rows)]
    every = sorted([*places, *(bad.row for bad in found.bad_lines)])
    assert every == list(range(1, found.rows + len(found.bad_lines) + 1))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1", "1 columns where the header has 2"),
        (b"1,2,3", "3 columns where the header has 2"),
        (b"1,\xe9t\xe9", "byte 0xE9 is not UTF-8"),
        (b"1,\0", "a NUL byte"),
        (b'1,"abc', OPEN_QUOTE),
        (b'"a"b,2', OPEN_QUOTE),
        (b"1\r,2", "a line end that is not the file's"),
    ],
)
def test_a_malformed_line_is_told_and_the_others_are_read(stage, line, reason):
    found, rows = stage(b"a,b\nok,1\n" + line + b"\nok,2\nok,3\n")
    assert rows == [["ok", "1"], ["ok", "2"], ["ok", "3"]]
    assert found.bad_lines == (
        BadLine(line=3, reason=reason, text=line.decode(errors="backslashreplace"), row=2),
    )
    assert [found.row_of(nth) for nth in range(3)] == [1, 3, 4]


def test_an_open_quote_costs_one_line_although_quotes_follow(stage):
    found, rows = stage(b'a,b\n1,"abc\nok,"fine"\nok,"fi\nne"\n')
    assert rows == [["ok", "fine"], ["ok", "fi\nne"]]
    assert [(bad.line, bad.text) for bad in found.bad_lines] == [(2, '1,"abc')]


def test_a_physical_line_counts_as_one_also_inside_quotes(stage):
    found, _ = stage(b'a,b\n"1\n2\n3",x\noops\n')
    assert [(bad.line, bad.row) for bad in found.bad_lines] == [(5, 2)]


def test_a_quote_inside_an_unquoted_field_is_a_character(stage):
    assert stage(b'a,b\n5" pipe,"x"\n "y",z\n')[1] == [['5" pipe', "x"], [' "y"', "z"]]


def test_line_ends_may_be_mixed(stage):
    found, rows = stage(b'a,b\n1,2\r\n3,4\n"x\r\ny",5\r\n')
    assert (found.bad_lines, rows) == ((), [["1", "2"], ["3", "4"], ["x\r\ny", "5"]])
    assert stage(b'a,b\r\n1,2\n"x\ny",4\r\n')[1] == [["1", "2"], ["x\ny", "4"]]


def test_blank_lines_are_no_records(stage):
    found, rows = stage(b"a\n\n1\n\n\n2\n")
    assert rows == [["1"], ["2"]]
    assert found.bad_lines == ()
    assert stage(b"a,b\n\n1,2\n\n")[1] == [["1", "2"]]


def test_without_quotes_a_quote_is_a_character(stage):
    rows = stage(b'a,b\n"x,"y\n', dialect=CsvDialect(quote=""))[1]
    assert rows == [['"x', '"y']]


@pytest.mark.parametrize("fill", ["x" * 40, "é" * 20, 'x\n"x"\r\n' * 5])
def test_records_across_many_stretches_are_read_in_their_order(stage, fill):
    rows = [[str(nth), fill] for nth in range(3 * STRETCH // 50)]
    records = [written([row], "\n", ",", sparing=True).partition("\n")[2] for row in rows]
    half = len(rows) // 2
    text = "".join(["c0,c1\n", *records[:half], "oops\n", *records[half:]])
    found, got = stage(text.encode())
    assert got == rows
    line = text[: text.index("oops")].count("\n") + 1
    assert [(bad.line, bad.row, bad.text) for bad in found.bad_lines] == [(line, half + 1, "oops")]
    assert [found.row_of(half - 1), found.row_of(half)] == [half, half + 2]


def test_the_header_names_the_columns(stage):
    found, rows = stage(b'\xef\xbb\xbf"a, b",, c \n1,2,3\n')
    assert found.columns == ("a, b", "column_2", "c")
    assert rows == [["1", "2", "3"]]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("told", [b"sep=;\r\n", b'"sep=;"\n'])
def test_the_line_that_tells_excel_the_delimiter_is_no_header(stage, mark, told):
    found, rows = stage(mark + told + b"a;b\n1;2\n3\n4;5\n", dialect=CsvDialect(";"))
    assert (found.columns, rows) == (("a", "b"), [["1", "2"], ["4", "5"]])
    assert [(bad.line, bad.row, bad.text) for bad in found.bad_lines] == [(4, 2, "3")]


@pytest.mark.parametrize("data", [b"a,b\n", b"a,b", b"a,b\r\n\r\n"])
def test_a_header_alone_is_an_empty_file(stage, data):
    found, rows = stage(data)
    assert (found.columns, found.rows, rows) == (("a", "b"), 0, [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty; not even a header"),
        (b"\n1,2\n", "first line of .* is blank"),
        (b"a,b,A \n1,2,3\n", "names columns twice: A, a; give each"),
        (b"a,_ROW\n", "names columns twice: _ROW"),
        (b",".join(b"c%d" % nth for nth in range(MOST_COLUMNS + 1)), "has 2001 columns; at most"),
        (b",".join(b"c%d" % nth for nth in range(100_000)), "header of .* cannot be read"),
        (b'"a,b\n1,2\n', "header of .* cannot be read; declare"),
        (b"\xe9,b\n1,2\n", "header of .* cannot be read; declare its encoding"),
        (b"PK\x03\x04....", "a zip archive or a spreadsheet, not CSV; unpack"),
        (b"PAR1....", "is a Parquet file, not CSV"),
        (bytes(range(256)) * 9, "header of .* cannot be read"),
        (
            b"a,b\n" + b"1\n" * 100_001,
            "more than 100000 malformed lines; the first is line 2: 1 col",
        ),
    ],
)
def test_what_is_no_such_file_is_refused_with_a_way_out(stage, data, said):
    with pytest.raises(BadInput, match=said):
        stage(data)


def test_a_file_that_is_not_there_is_refused(duckdb_engine, tmp_path):
    with pytest.raises(BadInput, match=r"cannot read .*gone\.csv: No such file"):
        stage_csv(
            duckdb_engine, tmp_path / "gone.csv", dialect=CsvDialect(), to=tmp_path / "x.parquet"
        )


def test_a_value_of_ten_megabytes_is_read_and_a_longer_line_than_the_limit_told(stage):
    long, too_long = b"y" * 10_000_000, b"z" * (LONGEST + 1)
    found, rows = stage(b"a,b\n1," + long + b"\n2," + too_long + b'\n3,"' + too_long + b"\n4,5\n")
    assert [(row[0], len(row[1])) for row in rows] == [("1", 10_000_000), ("4", 1)]
    assert [(bad.line, bad.reason, len(bad.text)) for bad in found.bad_lines] == [
        (3, TOO_LONG, 4000),
        (4, TOO_LONG, 4000),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": ""}, "'' cannot be a delimiter"),
        ({"delimiter": "::"}, "'::' cannot be a delimiter"),
        ({"delimiter": "é"}, "'é' cannot be a delimiter"),
        ({"quote": "\n"}, "cannot be a quote"),
        ({"delimiter": '"'}, "delimiter and quote are the same"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(options, said):
    with pytest.raises(BadInput, match=said):
        CsvDialect(**options)


@pytest.mark.parametrize(
    "name", ["*.csv", "a[1]?.csv", "it's.csv", "é ü.gz", "staged.csv", "clean"]
)
def test_a_file_may_have_any_name_and_is_left_as_it_was(stage, tmp_path, name):
    data = b"a,b\n1,2\noops\n"
    assert stage(data, name=name)[1] == [["1", "2"]]
    assert (tmp_path / name).read_bytes() == data
