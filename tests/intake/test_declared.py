import textwrap
import tomllib
from decimal import Decimal

import pytest

from tests.intake.project import Project
from tuttuno.intake import declared
from tuttuno.intake.declared import parse_mapping
from tuttuno.intake.section import BadMapping
from tuttuno.schema.keyed import record_key
from tuttuno.schema.lake import SALE_LINE
from tuttuno.vault.batches import Counts


def mapping(toml: str, name: str = "till"):
    return parse_mapping(tomllib.loads(toml)["sources"][name], name=name)


def example() -> str:
    """The example that the module shows."""
    lines = (declared.__doc__ or "").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    [sources"))
    last = next(i for i, line in enumerate(lines) if line.startswith("A column is"))
    return textwrap.dedent("\n".join(lines[first:last]))


TILL = """
[sources.till]
decimal = ","
thousands = "."
[[sources.till.files]]
pattern = "*.csv"
table = "products"
[sources.till.files.columns]
product_id = "Codice"
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('decimal = ","', 'decimla = ","', "`sources.till.decimla` is not a setting"),
        ('decimal = ","', 'decimal = ",,"', "`sources.till.decimal` must be one sign"),
        ('decimal = ","', 'decimal = "."', "`sources.till.thousands` is the same sign"),
        ('decimal = ","', 'encoding = "utf-9"', "`sources.till.encoding` must be an encoding"),
        ('decimal = ","', 'timezone = "Rome"', "`sources.till.timezone` must be a time zone"),
        ('decimal = ","', 'currency = "LIT"', "`sources.till.currency` must be a currency"),
        ('decimal = ","', 'dates = "d/m/Y"', "`sources.till.dates` must be made of %d %m %Y"),
        ('decimal = ","', 'dates = ["%d/%m"]', "`sources.till.dates` must be made of %d %m %Y"),
        ('decimal = ","', 'dates = ["%d %m %b %Y"]', "`sources.till.dates` must be made of"),
        ('decimal = ","', 'dates = ["%d/%m/%Y %I:%M"]', "where %I with %p may tell the hour"),
        ('decimal = ","', "null = 7", "`sources.till.null` must be a text or a list of texts"),
        ('decimal = ","', 'money = "euro"', "known: major, minor, text"),
        ('decimal = ","', "tax = { included = true }", "`sources.till.tax` needs one of `rate`"),
        ('decimal = ","', "tax = { rate = 22 }", "`sources.till.tax.rate` must be a share"),
        ('"products"', '"product"', "did you mean 'products'?"),
        ('pattern = "*.csv"', "", "`sources.till.files[0].pattern` is missing"),
        ('product_id = "Codice"', "", "`sources.till.files[0].columns` is missing"),
        ('product_id = "Codice"', 'product = "Codice"', "did you mean `product_id`?"),
        ('product_id = "Codice"', 'name = "Nome"', "does not say where `product_id` comes from"),
        ('"Codice"', "{ sep = '-' }", "columns.product_id` needs one of column, value, join"),
        (
            '"Codice"',
            "{ column = 'a', value = 'b' }",
            "needs one of column, value, join, count",
        ),
        ('"Codice"', "{ column = 'a', nul = 'b' }", "did you mean `null`?"),
        ('"Codice"', "{ column = 'a', name = 'middle' }", "known: first_word, other_words"),
        ('"Codice"', "{ column = 'a', map = ['b'] }", "columns.product_id.map` must be a table"),
        ('"Codice"', "{ lookup = { file = '../x', on = 'a', take = 'b' } }", "without `/`"),
        ('"Codice"', "{ count = ['Codice'] }", "count` is for `line_no` alone"),
        ('"Codice"', "{ lookup = { file = 'x.json', on = 'a', take = 'b' } }", "CSV or Parquet"),
        ('"Codice"', "{ column = 'a', map = { '' = 'b' } }", "`missing` says what stands"),
        ('"Codice"', "{ column = 'a', round = 1 }", "round` must be true or false"),
        ('"Codice"', "{ lookup = { file = 'x.csv', take = 'b' } }", "lookup.on` is missing"),
    ],
)
def test_a_mistake_is_told_with_its_key(old, new, complaint):
    text = TILL.replace(old, new)
    assert text != TILL
    with pytest.raises(BadMapping) as error:
        mapping(text)
    assert complaint in str(error.value)


def test_a_source_without_files_means_nothing():
    with pytest.raises(BadMapping, match="no file of this source has a meaning"):
        parse_mapping({"decimal": ","}, name="till")


def test_the_documented_example_takes_in_an_italian_till(project: Project):
    path = project.files / "scontrini_01.csv"
    path.write_text(
        "Negozio;Cassa;Scontrino;Riga;Data;Ora;Tessera;Articolo;Quantita;Prezzo;Tipo;Operatore\n"
        "S1;2;77;1;01/02/2026;18:05;0;Perch\u00e8;2;1.220,00;VENDITA;anna\n"
        "S1;2;77;2;01/02/2026;18:05;C-100;N/D;1;10;VENDITA;anna\n"
        "S1;2;77;3;01/02/2026;18:05;C-100;A9;1;12,20;RESO;anna\n"
        "S1;2;77;4;;;;;;;TOTALE;anna\n",
        "cp1252",
    )
    report = project.take(path, mapping=mapping(example()))[0]
    assert report.counts == Counts(received=4, accepted=2, quarantined=1, rejected=1)
    assert project.faults() == [(2, "product_id", "required", None)]
    found = project.rows(
        SALE_LINE, "sale_id", "line_no", "product_id", "quantity", "net", "vat", "currency"
    )
    money = [Decimal(text) for text in ("2.000", "2000.00", "440.00", "-1.000", "-10.00", "-2.20")]
    assert found == [
        ("S1-2-77", 1, "Perch\u00e8", *money[:3], "EUR"),
        ("S1-2-77", 3, "A9", *money[3:], "EUR"),
    ]
    assert [at.hour for at in project.rows(SALE_LINE, "sold_at")] == [17, 17]
    card = record_key(project.work.key, "till", "loyalty_card:C100")
    assert set(project.rows(SALE_LINE, "record_key")) == {None, card}


_SALES = """
[sources.shop]
currency = "EUR"
[[sources.shop.files]]
pattern = "orders*.csv"
table = "sales"
[sources.shop.files.columns]
sale_id = "order"
sold_at = "day"
product_id = "sku"
"""

LOOKED_UP = (
    _SALES
    + """line_no = "line"
channel = { column = "store", map = { "0" = "web" }, otherwise = "store" }
store_id = { column = "store", null = ["0"] }
quantity = "pieces"
net = { lookup = { file = "prices.csv", on = { sku = "code" }, take = "price" }, times = "pieces" }
"""
)

ORDERS = "order,line,day,store,sku,pieces\nA,1,2026-01-05,0,x,3\nA,2,2026-01-05,7,y,-2\n"


def test_a_price_is_looked_up_and_multiplied(project: Project):
    project.write("prices.csv", "code,price\nx,1.15\ny,2.50\n")
    orders = project.write("orders.csv", ORDERS)
    project.take(orders, mapping=mapping(LOOKED_UP, "shop"))
    assert project.rows(SALE_LINE, "channel", "store_id", "net", "source") == [
        ("store", "7", Decimal("-5.00"), "shop"),
        ("web", None, Decimal("3.45"), "shop"),
    ]


def test_a_row_whose_look_up_finds_nothing_waits_in_quarantine(project: Project):
    project.write("prices.csv", "code,price\nx,1.15\n")
    orders = project.write("orders.csv", ORDERS)
    report = project.take(orders, mapping=mapping(LOOKED_UP, "shop"))[0]
    assert report.counts == Counts(received=2, accepted=1, quarantined=1)
    assert project.faults() == [(2, "net", "required", None)]


@pytest.mark.parametrize(
    ("prices", "complaint"),
    [
        (None, "prices.csv; `net` is looked up in it: put it beside orders.csv"),
        ("code,price\nx,1\nx,2\n", "has the key x 2 times; a look-up needs each key once"),
        ("code,prize\nx,1\n", "did you mean 'prize'?"),
    ],
)
def test_a_look_up_that_cannot_be_trusted_refuses_the_file(project: Project, prices, complaint):
    if prices:
        project.write("prices.csv", prices)
    orders = project.write("orders.csv", ORDERS)
    report = project.take(orders, mapping=mapping(LOOKED_UP, "shop"))[0]
    assert complaint in report.refused
    assert project.rows(SALE_LINE, "sale_id") == []


def test_a_mapping_that_speaks_of_a_missing_column_refuses_the_file(project: Project):
    orders = project.write("orders.csv", ORDERS.replace("pieces", "piecez"))
    report = project.take(orders, mapping=mapping(LOOKED_UP, "shop"))[0]
    assert report.refused.startswith("orders.csv has no column 'pieces', of which")
    assert "did you mean 'piecez'?" in report.refused


def test_full_names_are_taken_apart(project: Project):
    text = """
    [sources.crm]
    [[sources.crm.files]]
    pattern = "*.csv"
    table = "people"
    [sources.crm.files.columns]
    record_id = "id"
    given_name = { column = "name", name = "last_word" }
    family_name = { column = "name", name = "before_last_word" }
    address = { column = "name", name = "first_word" }
    city = { column = "name", name = "other_words" }
    """
    people = project.write("p.csv", "id,name\n1,DE ROSSI Giulia\n2,Madonna\n")
    project.take(people, mapping=mapping(textwrap.dedent(text), "crm"))
    names = ("given_name", "family_name", "address", "city")
    first, second = (project.record("crm", each).fields for each in "12")
    assert [first[name] for name in names] == ["Giulia", "DE ROSSI", "DE", "ROSSI Giulia"]
    assert [second[name] for name in names] == ["Madonna", None, "Madonna", None]


def test_what_nobody_wrote_may_have_a_value_of_its_own(project: Project):
    text = LOOKED_UP.replace('product_id = "sku"', 'product_id = { column = "sku", missing = "?" }')
    project.write("prices.csv", "code,price\nx,1\n")
    orders = project.write("orders.csv", "order,line,day,store,sku,pieces\nA,1,2026-01-05,0,,3\n")
    text = text.replace('{ lookup = { file = "prices.csv", on = { sku = "code" }, take = "price" },'
                        ' times = "pieces" }', '"pieces"')  # fmt: skip
    project.take(orders, mapping=mapping(text, "shop"))
    assert project.rows(SALE_LINE, "product_id", "net") == [("?", Decimal("3.00"))]


PARTS = (
    _SALES
    + """line_no = { count = ["order"] }
channel = { value = "web" }
quantity = { value = "1" }
net = { column = "net", round = true }
"""
)

OF_CENTS = "order,day,sku,net\nA,2026-01-05,x,16.448\nA,2026-01-05,y,0.125\n"


def test_parts_of_a_cent_are_rounded_where_the_mapping_says_so(project: Project):
    project.take(project.write("orders.csv", OF_CENTS), mapping=mapping(PARTS, "shop"))
    assert project.rows(SALE_LINE, "product_id", "net") == [
        ("x", Decimal("16.45")),
        ("y", Decimal("0.13")),
    ]


def test_parts_of_a_cent_wait_in_quarantine_where_nothing_is_said(project: Project):
    silent = PARTS.replace('{ column = "net", round = true }', '"net"')
    project.take(project.write("orders.csv", OF_CENTS), mapping=mapping(silent, "shop"))
    assert project.faults() == [(1, "net", "type", "16.448"), (2, "net", "type", "0.125")]


LISTED = """
[sources.shop]
[[sources.shop.files]]
pattern = "orders.csv"
table = "people"
ignore = ["*"]
[sources.shop.files.columns]
record_id = "buyer"
city = "town"
"""


def test_one_person_on_many_lines_is_one_record_where_the_other_columns_are_ignored(
    project: Project,
):
    lines = "buyer,town,order\n7,Oslo,A\n7,Oslo,B\n"
    report = project.take(project.write("orders.csv", lines), mapping=mapping(LISTED, "shop"))[0]
    assert report.counts == Counts(received=2, accepted=1, duplicate=1)
    kept = LISTED.replace('ignore = ["*"]', "").replace("sources.shop", "sources.other")
    report = project.take(project.write("orders.csv", lines), mapping=mapping(kept, "other"))[0]
    assert report.counts == Counts(received=2, accepted=1, quarantined=1)


def test_a_file_of_one_column_is_asked_for_its_delimiter(project: Project):
    orders = project.write("orders.csv", OF_CENTS.replace(",", ";"))
    report = project.take(orders, mapping=mapping(PARTS, "shop"))[0]
    assert "it has one column, 'order;day;sku;net': is the delimiter right?" in report.refused


@pytest.mark.parametrize("nothing", ["", "N/D"])
def test_a_row_can_be_passed_over_because_a_cell_is_empty(project: Project, nothing):
    text = TILL.replace(
        'pattern = "*.csv"', f'pattern = "*.csv"\nskip = {{ Codice = ["{nothing}"] }}'
    )
    file = project.write("a.csv", f"Codice,Nome\nA,uno\n{nothing},totale\n")
    text = text.replace('decimal = ","', 'decimal = ","\nnull = ["N/D"]')
    report = project.take(file, mapping=mapping(text))[0]
    assert report.counts == Counts(received=2, accepted=1, rejected=1)
