"""The Contoso sample as it is, by the mapping that ships with the examples."""

import csv
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.project import Project
from tuttuno.config import read_settings
from tuttuno.intake.declared import parse_mapping
from tuttuno.schema.lake import RECORD, SALE_LINE, STORE_SITE
from tuttuno.vault.batches import Counts
from tuttuno.vault.records import read_records

EXAMPLE = Path(__file__).parents[2] / "examples" / "contoso" / "tuttuno.toml"
SETTINGS = tomllib.loads(EXAMPLE.read_text("utf-8"))
MAPPING = parse_mapping(SETTINGS["sources"]["contoso"], name="contoso")


def test_the_example_is_a_whole_project_file():
    settings = read_settings(SETTINGS, EXAMPLE)
    assert (settings.project.currency, settings.project.timezone) == ("USD", "UTC")


def money_by_currency(folder: Path) -> dict[str, Decimal]:
    """Quantity times list price, worked out without any of our code."""
    with (folder / "Products.csv").open(encoding="utf-8", newline="") as file:
        prices = {
            row["ProductID"]: Decimal(row["Unit Price USD"].strip(" $").replace(",", ""))
            for row in csv.DictReader(file)
        }
    sums: Counter[str] = Counter()
    with (folder / "Sales.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Quantity"]:
                sums[row["Currency Code"]] += int(row["Quantity"]) * prices[row["ProductID"]]
    return dict(sums)


@pytest.fixture
def taken(project: Project, shared: Path):
    folder = shared / "data" / "contoso"
    return project, folder, {each.table: each for each in project.take(folder, mapping=MAPPING)}


def test_every_line_of_contoso_is_accounted_for(taken):
    project, folder, reports = taken
    assert {name: report.counts for name, report in reports.items()} == {
        "stores": Counts(received=67, accepted=66, rejected=1),
        "products": Counts(received=2_517, accepted=2_517),
        "people": Counts(received=15_266, accepted=15_266),
        "sales": Counts(received=62_884, accepted=62_883, quarantined=1),
    }
    project.law()
    # The last line of Sales.csv has no quantity: it is in the data, and nobody may guess it.
    assert project.faults() == [(62_884, "quantity", "required", None)]
    lines = project.rows(SALE_LINE, "sale_id", "channel", "handover", "store_id", "currency", "net")
    assert len({line[0] for line in lines}) == 26_326
    assert {line[1:3] for line in lines} == {("web", "delivered"), ("store", "carried")}
    assert {line[3] is None for line in lines if line[1] == "web"} == {True}
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line[4]] += line[5]
    assert sums == money_by_currency(folder)


def test_contoso_days_are_month_first_and_names_are_latin(taken):
    project, _, _ = taken
    days = project.rows(SALE_LINE, "sold_on")
    assert (str(min(days)), str(max(days))) == ("2016-01-01", "2021-02-20")
    assert len(project.rows(RECORD, "record_key")) == 15_266
    assert len(project.rows(STORE_SITE, "store_id")) == 66
    harding = project.record("contoso", "301").fields
    assert str(harding["birth_date"]) == "1939-07-03"
    assert (harding["given_name"], harding["family_name"]) == ("Lilly", "Harding")
    assert "L'HA\u0178-LES-ROSES" in {each["city"] for each in _cities(project)}


def _cities(project: Project):
    with project.work.vault.read() as con:
        return read_records(con, ["city"]).to_pylist()
