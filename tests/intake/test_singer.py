"""Singer: a tap's messages as rows, from a file or from a stream."""

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.hostile import spoilt_lines
from tests.intake.project import Project
from tuttuno.errors import BadInput
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.schema.lake import SALE_LINE
from tuttuno.tasks.ingest import mapping_for, spooled
from tuttuno.vault.batches import Counts

PLAIN = mapping_for("singer", None, sources={})
DECLARED = mapping_for(
    "tap",
    None,
    sources={
        "tap": {
            "format": "singer",
            "money": "minor",
            "streams": [
                {
                    "stream": "orders",
                    "table": "sales",
                    "each": "line_items",
                    "columns": {
                        "sale_id": "id",
                        "line_no": "line_items.#",
                        "sold_at": "created_at",
                        "channel": {"value": "web"},
                        "product_id": "line_items.sku",
                        "quantity": "line_items.quantity",
                        "net": "line_items.amount",
                        "currency": "currency",
                        "updated_at": "updated_at",
                    },
                }
            ],
        }
    },
)


def record(stream: str, **values: object) -> dict:
    return {"type": "RECORD", "stream": stream, "record": values}


PERSON = record("people", record_id=7, email="anna@example.it", updated_at="2026-01-01T00:00:00Z")
ORDER = record(
    "orders", id=9, created_at="2026-03-01T10:00:00Z", currency="EUR", updated_at=None,
    line_items=[{"sku": "A", "quantity": 1, "amount": 4910}, {"sku": "B", "quantity": 2,
                "amount": 1000}],
)  # fmt: skip
AROUND = [
    {"type": "SCHEMA", "stream": "people", "schema": {}, "key_properties": ["record_id"]},
    {"type": "STATE", "value": {"bookmark": 1}},
    {"type": "ACTIVATE_VERSION", "stream": "people", "version": 1},
]


def take(project: Project, *messages: dict, mapping=PLAIN):
    project.given += 1
    text = "\n".join(map(json.dumps, messages))
    reports = project.take(project.write(f"{project.given}.jsonl", text), mapping=mapping)
    return {each.table: each.counts for each in reports}


def test_a_stream_with_the_names_of_a_table_needs_no_mapping(project: Project):
    assert take(project, *AROUND[:1], PERSON, *AROUND[1:]) == {
        "people": Counts(received=1, accepted=1)
    }
    assert project.identifiers("singer", "7") == [("email", "anna@example.it")]


def test_any_other_stream_is_declared(project: Project):
    take(project, ORDER, mapping=DECLARED)
    assert project.rows(SALE_LINE, "source", "sale_id", "line_no", "net") == [
        ("tap", "9", 1, Decimal("49.10")),
        ("tap", "9", 2, Decimal("10.00")),
    ]


def test_messages_around_records_are_none(project: Project):
    assert take(project, *AROUND) == {"sales": Counts()}


def test_a_stream_that_nothing_speaks_of_waits(project: Project):
    found = take(project, ORDER, PERSON)
    assert found == {
        "sales": Counts(received=1, quarantined=1),
        "people": Counts(received=1, accepted=1),
    }
    assert "'orders'" in project.quarantine()[0].message


def test_a_stream_of_bytes_is_taken_in_like_a_file(project: Project, tmp_path: Path):
    stream = io.BytesIO(json.dumps(PERSON).encode())
    with spooled(stream, PLAIN, tmp_path) as path:
        (report,) = project.take(path, mapping=PLAIN)
        assert path.parent.stat().st_mode & 0o077 == 0
    assert report.counts == Counts(received=1, accepted=1)
    assert list(tmp_path.glob("stdin*")) == []


def test_a_stream_without_a_name_cannot_be_a_table(tmp_path: Path):
    with (
        pytest.raises(BadInput, match="standard input"),
        spooled(io.BytesIO(b""), EXCHANGE_FORMAT, tmp_path),
    ):
        pass


def test_messages_gone_wrong_are_accounted_for(project: Project):
    for message, mapping in ((PERSON, PLAIN), (ORDER, DECLARED)):
        project.given += 1
        path = project.files / f"{project.given}.jsonl"
        path.write_bytes(spoilt_lines(message, 300, 7).encode(errors="surrogatepass"))
        reports = project.take(path, mapping=mapping)
        assert sum(each.counts.received for each in reports) > 200
    assert len(project.quarantine()) == sum(each.counts.quarantined for each in project.ledger())
    project.law()


def test_records_that_lie_elsewhere_are_not_lost_in_silence(project: Project):
    batch = {"type": "BATCH", "stream": "people", "manifest": ["file:///x/1.jsonl.gz"]}
    path = project.write("tap.jsonl", "\n".join(json.dumps(each) for each in (PERSON, batch)))
    reports = project.take(path, mapping=PLAIN)
    assert sum(each.counts.quarantined for each in reports) == 1
    (kept,) = project.quarantine()
    assert "has its records in files beside" in kept.message
