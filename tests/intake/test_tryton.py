"""Tryton: a running shop's exports to the cent, with tax in the price and without."""

import csv
import random
import shutil
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.project import Project
from tuttuno.schema.lake import RECORD, SALE_LINE
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.batches import Counts

SECTION = {
    "format": "tryton",
    "currency": "EUR",
    "timezone": "UTC",
    "tax": {"included": True, "rate": 0.22},
    "stores": {"S001 Milano Duomo": "S001", "S002 Roma Tritone": "S002"},
}
TRYTON = mapping_for("tryton", None, sources={"tryton": SECTION})
HEAD = "Sale/Number,Sale/Date,Sale/Point/Name,Sale/State,Product/Code,Quantity,Amount,Sale/Total\n"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def exports(shared: Path, tmp_path: Path) -> Path:
    """The CSV exports alone: the folder has an answer of the JSON interface too."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for path in (shared / "data" / "tryton_pos").glob("*.csv"):
        shutil.copy(path, folder)
    return folder


LATE = {"now": datetime(2026, 12, 1, tzinfo=UTC)}


def test_every_row_of_the_exports_is_accounted_for(project: Project, exports: Path):
    reports = project.take(exports, mapping=TRYTON, **LATE)
    lines = {path.name: len(table(path)) for path in exports.iterdir()}
    assert {Path(each.file).name: each.counts.received for each in reports} == lines
    assert Counter(each.counts.quarantined for each in reports) == {0: len(lines)}
    accepted = {Path(each.file).name: each.counts.accepted for each in reports}
    taken = ("pos_ticket_lines.csv", "card_sale_lines.csv", "parties.csv")
    assert accepted == {name: count if name in taken else 0 for name, count in lines.items()}


def test_prices_with_tax_and_without_come_to_the_totals_to_the_cent(project: Project, exports):
    project.take(exports, mapping=TRYTON, **LATE)
    found: Counter[str] = Counter()
    for sale, net, vat in project.rows(SALE_LINE, "sale_id", "net", "vat"):
        found[sale] += net + vat
    told = {row["Number"]: Decimal(row["Total"]) for row in table(exports / "card_sales.csv")}
    told |= {
        row["Sale/Number"]: Decimal(row["Sale/Total"])
        for row in table(exports / "pos_ticket_lines.csv")
    }
    assert dict(found) == told
    paid: Counter[str] = Counter()
    for row in table(exports / "pos_payments.csv"):
        paid[row["Sale/Number"]] += Decimal(row["Amount"])
    assert {sale: found[sale] for sale in paid} == dict(paid)


def test_the_same_article_costs_the_same_at_the_till_and_at_the_counter(project, exports):
    project.take(exports, mapping=TRYTON, **LATE)
    rows = project.rows(SALE_LINE, "product_id", "quantity", "net")
    apiece = {(product, net) for product, quantity, net in rows if quantity == 1}
    assert len(apiece) == len({product for product, _ in apiece}) == 6


def test_a_ticket_is_anonymous_and_a_counter_sale_is_not(project: Project, exports: Path):
    project.take(exports, mapping=TRYTON, **LATE)
    rows = project.rows(SALE_LINE, "sale_id", "record_key", "store_id", "channel")
    known = {row[0] for row in rows if row[1] is not None}
    assert known == {row["Number"] for row in table(exports / "card_sales.csv")}
    assert {row[2:] for row in rows} == {("S001", "store"), ("S002", "store")}
    assert len(project.rows(RECORD, "record_key")) == 13


def test_a_party_has_her_names_contacts_address_and_card(project: Project, exports: Path):
    project.take(exports, mapping=TRYTON, **LATE)
    fields = project.record("tryton", "2").fields
    assert (fields["given_name"], fields["family_name"]) == ("Giulia", "ROSSI")
    assert (fields["postal_code"], fields["city"]) == ("20123", "MILANO")
    assert project.identifiers("tryton", "2") == [
        ("email", "giulia.rossi@example.it"),
        ("loyalty_card", "2990000100000"),
        ("phone", "+393401000000"),
    ]


def test_what_comes_again_is_a_duplicate_and_a_later_edit_a_new_version(project, exports):
    project.take(exports, mapping=TRYTON, **LATE)
    again = project.take(exports, mapping=TRYTON, **LATE)
    assert sum(each.counts.accepted for each in again) == 0
    heads = exports / "card_sales.csv"
    text = heads.read_text("utf-8").replace("processing,6,COLOMBO", "cancelled,6,COLOMBO", 1)
    heads.write_text(text.replace("2026-11-23 02:13:01.525776", "2026-11-24 02:13:01"), "utf-8")
    lines = project.take(exports / "card_sale_lines.csv", mapping=TRYTON, **LATE)[0]
    assert (lines.counts.accepted, lines.counts.quarantined) == (2, 0)
    assert {row[1] for row in project.rows(SALE_LINE, "sale_id", "quantity") if row[0] == "20"} == {
        Decimal(0)
    }


def take(project: Project, text: str, *, name="tickets.csv", mapping=TRYTON):
    return project.take(project.write(name, text), mapping=mapping)[0]


def test_lines_without_the_heads_of_their_sales_are_refused(project: Project):
    text = "Sale/Number,Product/Code,Quantity,Amount\n1,A,1.0,5.00\n"
    assert "heads of their sales" in take(project, text).refused
    heads = (
        "Number,Party/Code,State,Total,Tax,Sale Date,Description\n2,7,done,6.10,1.10,2026-03-01,S\n"
    )
    project.write("heads.csv", heads)
    (report,) = project.take(project.write("lines.csv", text + "2,A,1.0,5.00\n"), mapping=TRYTON)
    assert report.counts == Counts(received=2, accepted=1, quarantined=1)


def test_a_ticket_that_does_not_add_up_waits(project: Project):
    good = "1,2026-03-01,S,posted,A,1.0,6.10,6.10\n"
    bad = "2,2026-03-01,S,posted,A,1.0,6.10,7.00\n"
    assert take(project, HEAD + good + bad).counts == Counts(received=2, accepted=1, quarantined=1)
    assert "adds up to 6.10, and its total says 7.00" in project.quarantine()[0].message


def test_a_ticket_that_is_still_open_is_no_sale(project: Project):
    line = "1,2026-03-01,S,open,A,1.0,6.10,6.10\n"
    assert take(project, HEAD + line).counts == Counts(received=1, rejected=1)


def test_tax_that_nobody_declared_is_not_guessed(project: Project):
    bare = mapping_for("tryton", None, sources={"tryton": {"format": "tryton", "currency": "EUR"}})
    take(project, HEAD + "1,2026-03-01,S,posted,A,1.0,6.10,6.10\n", mapping=bare)
    assert project.faults() == [(1, "net", "required", None)]


def test_an_export_of_something_else_is_refused(project: Project):
    assert "no export" in take(project, "a,b\n1,2\n").refused


SCRAPS = ["", '"', ",", "\n", "\x00", "\udcff", "x" * 200, "-", "1e9", "posted", "2026-13-01"]


def test_torn_exports_are_accounted_for(project: Project):
    chance = random.Random(3)  # noqa: S311 - a seed, so that a failure can be repeated
    whole = HEAD + "".join(f"{n // 2},2026-03-01,S,posted,A{n},1.0,6.10,12.20\n" for n in range(12))
    for number in range(120):
        text = whole
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(SCRAPS) + text[at + chance.randrange(6) :]
        path = project.files / f"{number}.csv"
        path.write_bytes(text.encode(errors="surrogateescape"))
    reports = project.take(mapping=TRYTON)
    assert all(each.refused or each.counts.received for each in reports)
    assert len(project.quarantine()) == sum(each.counts.quarantined for each in reports)
    project.law()
