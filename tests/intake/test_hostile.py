"""Whatever is handed over: a clear word, or a row in quarantine; never a traceback."""

import gzip
import random
import string

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.intake.project import Project
from tuttuno.intake.ingest import ingest
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.schema.exchange import EXCHANGE
from tuttuno.vault.batches import Counts

WIDE = ",".join(f"c{i}" for i in range(100_000)).encode()
HEAD = "source,record_id,email,given_name,birth_date\n"


def take_bytes(project: Project, data: bytes, name: str = "people.csv"):
    path = project.files / name
    path.write_bytes(data)
    return project.take(path)[0]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"PK\x03\x04zip", "is a zip archive or a spreadsheet", id="xlsx"),
        pytest.param(b"%PDF-1.4", "is a PDF document", id="pdf"),
        pytest.param(b"\x1f\x8b\x08broken", "cannot be unpacked", id="broken gzip"),
        pytest.param(b"\x28\xb5\x2f\xfdbroken", "cannot be unpacked", id="broken zstd"),
        pytest.param(gzip.compress(HEAD.encode())[:-9], "cannot be unpacked", id="cut gzip"),
        pytest.param(
            gzip.compress(HEAD.encode() + b"x" * 40_000_000), "unfolds to more than", id="bomb"
        ),
        pytest.param(b"source,record_id,email,Email\n", "names columns twice", id="twin headers"),
        pytest.param(WIDE + b"\n1,2\n", "cannot be read", id="10^5 columns"),
        pytest.param(WIDE[:30_000] + b"\n1,2\n", "columns; at most", id="too many columns"),
        pytest.param(WIDE, "cannot be read", id="10^5 columns without an end"),
        pytest.param(b"\x00" * 100, "people.csv", id="only NUL"),
        pytest.param(bytes(range(256)), "people.csv", id="every byte"),
        pytest.param(b"<html><body>Session expired</body></html>", "has no column", id="html"),
        pytest.param(b"\n\n\n", "people.csv", id="blank lines"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_word(project: Project, data, word):
    report = take_bytes(project, data)
    assert word in report.refused
    assert report.counts == Counts()
    assert [each.status for each in project.ledger()] == ["refused"]


def test_lines_that_are_no_rows_are_kept_as_they_are(project: Project):
    text = HEAD + 'crm,1,,A,\ncrm,2,,B\ncrm,3,"open,C,\ncrm,4,,D,,,\ncrm,5,,E,\n'
    report = take_bytes(project, text.encode())
    assert report.counts == Counts(received=5, accepted=2, quarantined=3)
    kept = {each.row: (each.rule, each.payload["line"]) for each in project.quarantine()}
    assert kept == {
        2: ("unreadable", "crm,2,,B"),
        3: ("unreadable", 'crm,3,"open,C,'),
        4: ("unreadable", "crm,4,,D,,,"),
    }
    assert project.record("crm", "5").fields["given_name"] == "E"


def test_a_wrong_encoding_costs_the_line_and_not_the_file(project: Project):
    report = take_bytes(project, HEAD.encode() + b"crm,1,,Nicol\xf2,\ncrm,2,,Anna,\n")
    assert report.counts == Counts(received=2, accepted=1, quarantined=1)


def test_a_number_of_a_row_counts_unreadable_lines_too(project: Project):
    text = HEAD + "crm,1\ncrm,2,,A,x\ncrm\ncrm,4,,B,y\n"
    take_bytes(project, text.encode())
    assert sorted((each.row, each.value) for each in project.quarantine()) == [
        (1, "crm,1"),
        (2, "x"),
        (3, "crm"),
        (4, "y"),
    ]


def test_a_formula_is_kept_as_the_text_it_is(project: Project):
    take_bytes(project, HEAD.encode() + b"crm,1,,\"=cmd|' /C calc'!A0\",\n")
    assert project.record("crm", "1").fields["given_name"] == "=cmd|' /C calc'!A0"


def test_a_byte_order_mark_and_utf_16_are_understood(project: Project):
    take_bytes(project, b"\xef\xbb\xbf" + HEAD.encode() + b"crm,1,,Anna,\n")
    take_bytes(project, (HEAD + "crm,2,,Zo\u00eb,\n").encode("utf-16"), "people_2.csv")
    names = [project.record("crm", each).fields["given_name"] for each in "12"]
    assert names == ["Anna", "Zo\u00eb"]


def test_a_value_of_megabytes_waits_in_quarantine(project: Project):
    report = take_bytes(project, HEAD.encode() + b"crm,1,," + b"x" * 5_000_000 + b",\n")
    assert report.counts == Counts(received=1, quarantined=1)
    (kept,) = project.quarantine()
    assert (kept.rule, len(kept.value)) == ("length", 500)


def parquet_bytes(project: Project) -> bytes:
    path = project.files / "good.parquet"
    rows = pa.table({"source": ["crm"] * 5_000, "record_id": [str(i) for i in range(5_000)]})
    pq.write_table(rows, path, compression="zstd")
    data = path.read_bytes()
    path.unlink()
    return data


def test_a_cut_parquet_file_is_refused(project: Project):
    report = take_bytes(project, parquet_bytes(project)[:-100], "people.parquet")
    assert "is not a whole Parquet file" in report.refused


def test_a_damaged_parquet_file_is_refused_and_its_sisters_go_on(project: Project):
    data = bytearray(parquet_bytes(project))
    data[200:400] = bytes(200)
    (project.files / "people_1.parquet").write_bytes(data)
    rows = pa.table({"source": ["crm"], "record_id": ["sound"]})
    pq.write_table(rows, project.files / "people_2.parquet", compression="zstd")
    damaged, sound = project.take()
    assert "is damaged" in damaged.refused
    assert sound.counts == Counts(received=1, accepted=1)


SCRAPS = [
    b"crm", b"1", b"", b",", b"\n", b"\r\n", b'"', b'""', b"\x00", b"\xff", b"\xef\xbb\xbf", b";",
    b"NaN", b"0000-00-00", b"9999-12-31", b"=1+1", b"\xe2\x80\xae", b"'", b"\\", b"-1", b"1e999",
    b"\t", b"a@b.c", b"2026-01-01T00:00:00Z", b"true", b"null", b" ", b"\xc3\x28", b"\x1a",
]  # fmt: skip


def junk(chance: random.Random, table) -> bytes:
    """A file that begins like one of the table, and goes on in whatever way."""
    names = list(table.columns)
    chance.shuffle(names)
    head = ",".join(dict.fromkeys([*table.required, *names[: chance.randrange(6)]])).encode()
    if chance.random() < 0.15:
        head = b"".join(chance.choice(SCRAPS) for _ in range(8))
    body = b"".join(
        chance.choice([b",", b",", b"\n", chance.choice(SCRAPS), _word(chance)])
        for _ in range(chance.randrange(300))
    )
    return head + b"\n" + body


def _word(chance: random.Random) -> bytes:
    letters = string.ascii_letters + string.digits
    return "".join(chance.choice(letters) for _ in range(chance.randrange(9))).encode()


@pytest.mark.parametrize(
    "count",
    [pytest.param(100, marks=pytest.mark.slow), pytest.param(2_000, marks=pytest.mark.storm)],
)
def test_junk_is_accounted_for_to_the_last_row(project: Project, count):
    chance = random.Random(5)  # noqa: S311 - a seed, so that a failure can be repeated
    for number in range(count):
        table = EXCHANGE[number % len(EXCHANGE)]
        (project.files / f"{table.name}_{number}.csv").write_bytes(junk(chance, table))
    reports = ingest([project.files], EXCHANGE_FORMAT, project.work)
    assert len(reports) == count
    assert [each for each in reports if each.counts.difference] == []
    assert all(each.refused or each.counts.received >= 0 for each in reports)
    quarantined = sum(each.counts.quarantined for each in reports)
    assert len(project.quarantine()) == quarantined > 0
