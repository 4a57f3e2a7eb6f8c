"""The public Contoso sample, made by others: what a plain count of its files says."""

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tests.measures.scenario import FILLED, closed, table_of
from tuttuno.mart.build import MODELS
from tuttuno.mart.returns import return_origin
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import measure
from tuttuno.measures.evaluate import evaluate
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT

#: Store 0 is the web shop.
WEB = "0"


def sale_lines(folder: Path) -> tuple[pa.Table, pa.Table]:
    with (folder / "Products.csv").open(encoding="utf-8-sig") as file:
        price = {
            row["ProductID"]: Decimal(row["Unit Price USD"].strip().lstrip("$").replace(",", ""))
            for row in csv.DictReader(file)
        }
    with (folder / "Sales.csv").open(encoding="utf-8-sig") as file:
        # The file ends in the middle of its last row.
        rows = [_line(row, price) for row in csv.DictReader(file) if row["Quantity"]]
    known = sorted({row["record_key"] for row in rows})
    who = [{"record_key": key, "person_id": int(key)} for key in known]
    return table_of(SALE_LINE, rows), table_of(PERSON_OF_RECORD, who)


def _line(row: dict[str, str], price: dict[str, Decimal]) -> dict[str, object]:
    day = datetime.strptime(row["Order Date"], "%m/%d/%Y")  # noqa: DTZ007 - a day has no zone
    web = row["StoreID"] == WEB
    quantity = Decimal(row["Quantity"])
    return {
        "source": "contoso",
        "sale_id": row["OrderID"],
        "line_no": int(row["Line Item"]),
        "record_key": row["CustomerID"],
        "sold_at": day,
        "sold_on": day.date(),
        "month": day.strftime("%Y-%m"),
        "channel": "web" if web else "store",
        "store_id": None if web else row["StoreID"],
        "product_id": row["ProductID"],
        "quantity": quantity,
        "net": quantity * price[row["ProductID"]],
        "currency": row["Currency Code"],
    }


@pytest.fixture(scope="module")
def contoso(shared, duck):
    lines, who = sale_lines(shared / "data" / "contoso")
    said_nowhere = (*FILLED, RECORD_CONTACT, RECORD_CONSENT)
    filled = {table.name: table_of(table, []) for table in said_nowhere}
    filled |= {SALE_LINE.name: lines, PERSON_OF_RECORD.name: who}
    closed(duck)
    tables = {name: duck.bind(name, rows) for name, rows in filled.items()}
    for model in (return_origin, *MODELS):
        tables[model.name] = duck.keep(model.name, model.of(**tables))
    return tables


def answer(name, tables, engine, **ask):
    return evaluate(measure(name), Ask(**ask), engine=engine, tables=tables)


def test_of_11887_buyers_3317_bought_on_both_sides(contoso, duck):
    persons: dict[str, int] = {}
    for row in answer("channel_class", contoso, duck, all_time=True).rows:
        persons[row["class"]] = persons.get(row["class"], 0) + row["persons"]
    assert persons == {"both": 3_317, "online_only": 1_230, "store_only": 7_340}


def test_every_order_has_a_known_buyer(contoso, duck):
    (row,) = answer("coverage", contoso, duck, all_time=True).rows
    assert (row["sales"], row["identified_sales"]) == (26_326, 1.0)


def test_the_window_is_the_year_to_the_last_sale(contoso, duck):
    window = answer("coverage", contoso, duck).window
    assert (str(window.since), str(window.until)) == ("2020-02-21", "2021-02-21")


def test_five_currencies_are_not_added_in_silence(contoso, duck):
    notes = answer("coverage", contoso, duck, all_time=True).notes
    assert any("more than one currency" in note for note in notes)
