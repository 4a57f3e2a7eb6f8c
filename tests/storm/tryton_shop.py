"""A shop in a real Tryton, made in SQLite and sold in; a program of its own, for it keeps globals.

python tests/storm/tryton_shop.py make DIR
python tests/storm/tryton_shop.py sell DIR FIRST COUNT
"""

import sys
from decimal import Decimal
from pathlib import Path

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_tax, get_accounts
from trytond.modules.company.tests.tools import create_company

ARTICLES = {"SKU1": "59.90", "SKU2": "9.90", "SKU3": "249.00", "SKU4": "0.37"}


def make() -> None:
    """Make company, accounts, tax, articles, and two tills: prices with tax, and without."""
    create_company()
    create_chart()
    accounts = get_accounts()
    tax = create_tax(Decimal("0.22"))
    tax.save()
    category = Model.get("product.category")(name="All", accounting=True)
    category.account_revenue = accounts["revenue"]
    category.customer_taxes.append(tax)
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    for code, price in ARTICLES.items():
        template = Model.get("product.template")(name=code, default_uom=unit, type="service")
        template.salable, template.account_category, template.code = True, category, code
        template.gross_price = Decimal(price)
        template.save()
    method = Model.get("sale.point.payment.method")(name="Cash", cash=True)
    method.account = accounts["cash"]
    method.save()
    _tills()


def _tills() -> None:
    (journal,) = Model.get("account.journal").find([("type", "=", "revenue")], limit=1)
    (kind,) = Model.get("ir.sequence.type").find([("name", "=", "POS")], limit=1)
    place, sequence = Model.get("stock.location"), Model.get("ir.sequence.strict")
    for name, included in (("Milano", True), ("Lugano", False)):
        till = Model.get("sale.point")(name=name, tax_included=included, journal=journal)
        till.sequence = sequence(name=name, company=till.company, sequence_type=kind)
        till.sequence.prefix = name[:1]
        till.sequence.save()
        (till.storage_location,) = place.find([("code", "=", "STO")])
        (till.customer_location,) = place.find([("code", "=", "CUS")])
        till.save()


def sell(first: int, count: int) -> None:
    """Sell at both tills and at the counter, each time to somebody new."""
    articles = Model.get("product.product").find([], order=[("id", "ASC")])
    tills = Model.get("sale.point").find([], order=[("id", "ASC")])
    for number in range(first, first + count):
        for till in tills:
            ticket = Model.get("sale.point.sale")(point=till)
            _lines(ticket, articles, number)
            ticket.save()
            paying = ticket.click("pay")
            (paying.form.method,) = Model.get("sale.point.payment.method").find([])
            paying.execute("pay")
        party = Model.get("party.party")(name=f"ROSSI Anna{number}")
        party.contact_mechanisms.new(type="email", value=f"anna{number}@example.it")
        party.addresses[0].city = "Milano"
        party.save()
        sale = Model.get("sale.sale")(party=party, description="Milano", invoice_method="manual")
        _lines(sale, articles, number)
        sale.save()
        sale.click("quote")
        sale.click("confirm")


def _lines(sale: Model, articles: list[Model], number: int) -> None:
    for place in range(1 + number % 3):
        line = sale.lines.new()
        line.product = articles[(number + place) % len(articles)]
        line.quantity = 1 + (number + place) % 4


def main(verb: str, folder: Path, *counts: str) -> None:
    """Do what is asked in the database of a folder."""
    config.set_trytond("sqlite:///shop", config_file=str(folder / "trytond.conf"))
    if verb == "make":
        make()
    else:
        user = Model.get("res.user")
        config.get_config()._context = user.get_preferences(True, {})
        sell(*map(int, counts))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
