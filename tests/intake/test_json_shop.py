"""Documents of any shop: as Vendure and Medusa write them, by mappings that a project declares."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.hostile import spoilt_lines
from tests.intake.project import Project
from tuttuno.intake.section import BadMapping
from tuttuno.schema.lake import RECORD, SALE_LINE
from tuttuno.tasks.ingest import mapping_for
from tuttuno.tasks.quarantine import retry
from tuttuno.vault.batches import Counts
from tuttuno.vault.quarantine import QuarantineFilter

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "take-in-json.md"
SHOPS = "".join(
    block.partition("\n")[2]
    for block in PAGE.read_text("utf-8").split("```")
    if block.startswith("toml append=")
)
SOURCES = tomllib.loads(SHOPS)["sources"]
VENDURE = mapping_for("vendure", None, sources=SOURCES)
MEDUSA = mapping_for("medusa", None, sources=SOURCES)

#: As Vendure's admin interface gives an order: amounts in cents, with and without tax.
ORDER = {
    "id": "12", "code": "XRT4K2", "state": "PaymentSettled", "currencyCode": "EUR",
    "orderPlacedAt": "2026-03-01T10:00:00.000Z", "updatedAt": "2026-03-01T10:00:01.000Z",
    "customer": {"id": "7", "emailAddress": "giulia@example.it", "phoneNumber": "340 1000000"},
    "lines": [
        {"id": "31", "quantity": 2, "productVariant": {"sku": "CAM-01"},
         "linePrice": 10000, "lineTax": 2200, "proratedLinePrice": 9000,
         "proratedLinePriceWithTax": 10980},
        {"id": "32", "quantity": 1, "productVariant": {"sku": "CIN-02"},
         "linePrice": 2000, "lineTax": 440, "proratedLinePrice": 2000,
         "proratedLinePriceWithTax": 2440},
    ],
}  # fmt: skip

#: As Medusa gives one: amounts in the currency itself, its code in small letters.
OTHER = {
    "id": "order_01H", "status": "completed", "currency_code": "eur", "email": "g@example.it",
    "created_at": "2026-03-02T10:00:00.000Z", "updated_at": "2026-03-02T10:00:00.000Z",
    "items": [{"id": "i1", "variant_sku": "CAM-01", "quantity": 1, "subtotal": 49.09836065573771,
               "discount_subtotal": 4.09836065573771, "tax_total": 9.900000000000002}],
}  # fmt: skip


def take(project: Project, *found: object, mapping=VENDURE, name="x.jsonl"):
    project.given += 1
    text = "\n".join(json.dumps(each) for each in found)
    reports = project.take(project.write(f"{project.given}_{name}", text), mapping=mapping)
    return {each.table: each.counts for each in reports}


def test_cents_become_amounts_and_every_element_a_line(project: Project):
    assert take(project, ORDER)["sales"] == Counts(received=2, accepted=2)
    assert project.rows(SALE_LINE, "sale_id", "line_no", "product_id", "net", "vat") == [
        ("XRT4K2", 1, "CAM-01", Decimal("90.00"), Decimal("19.80")),
        ("XRT4K2", 2, "CIN-02", Decimal("20.00"), Decimal("4.40")),
    ]
    assert sorted(project.rows(SALE_LINE, "gross", "discount")) == [
        (Decimal("20.00"), Decimal("0.00")),
        (Decimal("100.00"), Decimal("10.00")),
    ]


def test_one_document_may_tell_of_several_tables(project: Project):
    assert take(project, ORDER)["people"] == Counts(received=1, accepted=1)
    assert len(project.rows(RECORD, "source")) == 1
    assert project.identifiers("vendure", "7") == [
        ("email", "giulia@example.it"),
        ("phone", "+393401000000"),
    ]


def test_amounts_of_many_decimals_are_rounded_and_discounts_taken_off(project: Project):
    take(project, OTHER, mapping=MEDUSA)
    assert project.rows(SALE_LINE, "net", "vat", "currency", "channel") == [
        (Decimal("45.00"), Decimal("9.90"), "EUR", "web")
    ]


def test_an_order_that_was_cancelled_replaces_its_lines_with_nothing(project: Project):
    later = {"status": "canceled", "updated_at": "2026-03-02T12:00:00.000Z"}
    for each in (OTHER, OTHER | later, OTHER):
        take(project, each, mapping=MEDUSA)
    assert project.rows(SALE_LINE, "quantity", "net", "vat") == [(Decimal(0),) * 3]


@pytest.mark.parametrize(
    ("off", "net"), [(None, Decimal("49.10")), ("4.10", Decimal("45.00")), ("4,10", None)]
)
def test_what_is_taken_off_may_be_absent_and_must_be_an_amount(project: Project, off, net):
    item = {**OTHER["items"][0], "subtotal": 49.1, "discount_subtotal": off}
    take(project, {**OTHER, "items": [item]}, mapping=MEDUSA)
    assert project.rows(SALE_LINE, "net") == ([net] if net else [])
    assert [fault[1:3] for fault in project.faults()] == ([] if net else [("net", "type")])


def test_a_document_in_another_state_is_none_of_ours(project: Project):
    found = take(project, {**ORDER, "state": "AddingItems"}, ORDER)
    assert found["sales"] == Counts(received=3, accepted=2, rejected=1)


def test_a_document_whose_list_is_empty_is_none(project: Project):
    assert take(project, {**ORDER, "lines": []}, ORDER)["sales"].rejected == 1


def test_a_document_that_no_mapping_speaks_of_waits(project: Project):
    found = take(project, {"type": "heartbeat"}, ORDER)
    assert found["sales"] == Counts(received=3, accepted=2, quarantined=1)


def test_an_envelope_that_is_declared_is_opened(project: Project):
    enveloped = {"order": {key: value for key, value in ORDER.items() if key != "id"}}
    assert take(project, enveloped)["sales"].accepted == 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"documents": []}, "documents"),
        ({"documents": SOURCES["medusa"]["documents"] * 2}, "two kinds for `sales`"),
        ({"documents": [{"table": "sales"}]}, "columns"),
        ({"documents": [{"table": "sale"}]}, "table"),
        ({"pickup": "x"}, "pickup"),
    ],
)
def test_a_declaration_that_cannot_be_is_named(change, word):
    with pytest.raises(BadMapping, match=word):
        mapping_for("s", None, sources={"s": {"format": "json", **change}})


@pytest.mark.parametrize(("document", "mapping"), [(ORDER, VENDURE), (OTHER, MEDUSA)])
def test_documents_gone_wrong_are_accounted_for(project: Project, document, mapping):
    path = project.files / "spoilt.jsonl"
    path.write_bytes(spoilt_lines(document, 400, 4).encode(errors="surrogatepass"))
    reports = project.take(path, mapping=mapping)
    assert sum(each.counts.received for each in reports) >= 400
    assert len(project.quarantine()) == sum(each.counts.quarantined for each in reports) > 50
    project.law()


def test_what_waits_is_tried_again_in_a_project_without_any_section(project: Project):
    # A format that means nothing without a section is none of those that are tried.
    reports = retry(QuarantineFilter(), root=project.root, intake=project.work, sources={})
    assert reports == ()
