import pyarrow.parquet as pq
import pytest

from tuttuno.schema.exchange import EXCHANGE, FISCAL_TOTALS

#: The simulated retailer has no registers of the tax office.
MADE = [table for table in EXCHANGE if table is not FISCAL_TOTALS]
TABLES = [pytest.param(table, id=table.name) for table in MADE]
COLUMNS = [
    pytest.param(table.name, name, column, id=f"{table.name}.{name}")
    for table in MADE
    for name, column in table.columns.items()
]


@pytest.mark.parametrize("table", TABLES)
def test_a_file_has_only_columns_of_the_format_and_all_that_are_required(retailer, table):
    path = min(retailer.truth.exchange.glob(f"{table.name}*.parquet"))
    written = set(pq.read_schema(path).names)
    assert written <= set(table.columns)
    assert set(table.required) <= written


@pytest.mark.parametrize("table", TABLES)
def test_the_grain_identifies_a_row(retailer, table):
    grain = ", ".join(f'"{name}"' for name in table.grain)
    twice = "select {grain} from {table} group by all having count(*) > 1"
    assert retailer.ask(twice, grain=grain, table=table.name) == []


@pytest.mark.parametrize(("table", "name", "column"), COLUMNS)
def test_every_value_is_one_the_format_allows(retailer, table, name, column):
    if name not in {row[0] for row in retailer.ask("describe {table}", table=table)}:
        assert not column.required
        return
    at = {"table": table, "name": f'"{name}"'}
    nulls = retailer.one("select count(*) from {table} where {name} is null", **at)
    assert nulls == 0 or not column.required
    if column.words:
        found = {row[0] for row in retailer.ask("select distinct {name} from {table}", **at)}
        assert found - {None} <= {word.value for word in column.words}
    for bound, sign in ((column.low, "<"), (column.high, ">")):
        if bound:
            wrong = "select count(*) from {table} where {name} {sign} cast(? as {kind})"
            assert retailer.one(wrong, bound, **at, sign=sign, kind=_type(column)) == 0


def _type(column):
    return {"date": "date", "float64": "double"}.get(column.spelling.lstrip("!"), "double")


REFERENCES = [
    ("sales.product_id", "products.product_id"),
    ("sales.store_id", "stores.store_id"),
    ("sales.returns_sale_id", "sales.sale_id"),
    ("sales.loyalty_card", "memberships.card"),
    ("pickups.sale_id", "sales.sale_id"),
    ("pickups.store_id", "stores.store_id"),
    ("points.card", "memberships.card"),
    ("points.sale_id", "sales.sale_id"),
    ("people.loyalty_card", "memberships.card"),
    ("people.home_store_id", "stores.store_id"),
    ("touches.product_id", "products.product_id"),
    ("touches.campaign_id", "contacts.campaign_id"),
]


@pytest.mark.parametrize(("there", "here"), REFERENCES)
def test_what_a_row_refers_to_exists(retailer, there, here):
    (table, column), (other, key) = there.split("."), here.split(".")
    at = {"table": table, "column": column, "other": other, "key": key}
    assert retailer.one("select count({column}) from {table}", **at) > 0
    lost = "select count(*) from {table} where {column} not in (select {key} from {other})"
    assert retailer.one(lost, **at) == 0


@pytest.mark.parametrize("table", ["sales", "memberships", "consents", "touches", "contacts"])
def test_a_record_named_anywhere_is_in_people(retailer, table):
    # a contact is sent by the newsletter tool, a touch seen by the app: the record is the shop's
    same = {"contacts": "true", "touches": "true"}.get(table, "t.source = p.source")
    lost = """select count(*) from {table} t where record_id is not null and not exists
        (select 1 from people p where p.record_id = t.record_id and {same})"""
    assert retailer.one(lost, table=table, same=same) == 0
    assert retailer.one("select count(record_id) from {table}", table=table) > 100
