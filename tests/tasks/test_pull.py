"""What changed in a Tryton since the last pull comes in once, however often it is pulled."""

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.tryton_stand_in import PASSWORD, StandIn
from tuttuno.errors import BadInput, Unknown
from tuttuno.intake.section import BadMapping
from tuttuno.intake.sources.tryton_server import NoAnswer, TurnedAway
from tuttuno.schema.lake import RECORD, SALE_LINE
from tuttuno.tasks.pull import pull
from tuttuno.workspace import make_workspace, open_workspace

START = datetime(2026, 3, 2, 9, 0, 0, 1, UTC).replace(tzinfo=None)
EMPTY = ("party.address", "party.identifier")


def ticket(number, minute, lines, *, included=True, currency="EUR"):
    """The lines of a ticket with 22 % of tax, as they are exported."""
    at = START + timedelta(minutes=minute)
    paid = [price * quantity if included else net * quantity for price, net, quantity in lines]
    tax = sum((price - net) * quantity for price, net, quantity in lines)
    total = sum(paid) + (0 if included else tax)
    for place, (price, net, quantity) in enumerate(lines):
        yield {
            "sale/number": f"S{number}", "sale/date": at.date().isoformat(),
            "sale/point/name": "Milano", "sale/state": "posted", "product/code": f"SKU{place}",
            "quantity": float(quantity), "amount": paid[place], "unit_list_price": net,
            "unit_gross_price": price, "sale/total": total, "sale/total_tax": tax,
            "sale/currency/code": currency, "sale/write_date": at,
            "sale/create_date": at - timedelta(minutes=1), "sale/id": number,
            "id": number * 10 + place,
        }  # fmt: skip


def party(code, minute):
    at = START + timedelta(minutes=minute)
    name = f"ROSSI Anna{code}"
    return {"code": code, "name": name, "active": True, "create_date": at, "id": int(code)}


def mail(code, minute, value):
    at = START + timedelta(minutes=minute)
    return {"party/code": code, "type": "email", "value": value, "create_date": at,
            "write_date": at, "party/id": int(code), "id": int(code)}  # fmt: skip


PRICES = ((Decimal("59.90"), Decimal("49.10"), 1), (Decimal("9.90"), Decimal("8.11"), 3))


class Shop:
    """A stand-in and the rows it has."""

    def __init__(self):
        self.lines, self.parties, self.mails = [], [party("1", 0)], [mail("1", 0, "a@example.it")]
        self.server = StandIn({})
        self.sell(1, 1)

    def sell(self, number, minute, **more):
        self.lines += ticket(number, minute, PRICES, **more)
        self.refresh()

    def refresh(self):
        heads = {row["sale/number"]: row for row in self.lines}.values()
        dated = [{"write_date": row["sale/write_date"], "create_date": row["sale/create_date"]}
                 for row in heads]  # fmt: skip
        for row in self.parties:
            mails = [each for each in self.mails if each["party/code"] == row["code"]]
            row["contact_mechanisms/write_date"] = mails[0]["write_date"] if mails else None
        people = {row["code"]: row for row in self.parties}
        for each in self.mails:
            owner = people[each["party/code"]]
            each |= {f"party/{name}": owner.get(name) for name in ("write_date", "create_date")}
            each["party/contact_mechanisms/write_date"] = each["write_date"]
        self.server.rows = {
            "sale.point.sale.line": self.lines, "sale.point.sale": dated, "sale.line": [],
            "sale.sale": [], "party.party": self.parties, "party.contact_mechanism": self.mails,
            **{name: [] for name in EMPTY},
        }  # fmt: skip


@pytest.fixture
def shop():
    made = Shop()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A project that nothing was taken into."""
    made = make_workspace(tmp_path_factory.mktemp("empty") / "project")
    made.vault.close()
    return made.root


@pytest.fixture
def open_project(empty, tmp_path, shop, monkeypatch):
    """Make a project that pulls from the shop one way or the other."""
    monkeypatch.setenv("TRYTON_PASSWORD", PASSWORD)
    made = []

    def make(way="json", **more):
        told = {"url": shop.server.url, "user": "crm", "way": way}
        told |= {"password": "env:TRYTON_PASSWORD"} | more
        pulled = ", ".join(f'{name} = "{value}"' for name, value in told.items())
        text = f"""
[project]
name = "Shop"
[sources.shop]
format = "tryton"
currency = "EUR"
timezone = "UTC"
pull = {{ {pulled} }}
"""
        root = tmp_path / f"project{len(made)}"
        shutil.copytree(empty, root)
        (root / "tuttuno.toml").write_text(text, "utf-8")
        made.append(open_workspace(root))
        return made[-1]

    yield make
    for each in made:
        each.vault.close()


def pulled(workspace):
    reports = pull(
        "shop", root=workspace.root, intake=workspace.intake(), sources=workspace.settings.sources
    ).files
    counts = Counter()
    for each in reports:
        name = Path(each.file).name.partition("-")[0]
        counts[name, "accepted"] += each.counts.accepted
        counts[name, "duplicate"] += each.counts.duplicate
        assert each.counts.difference == 0
    return {key: count for key, count in counts.items() if count}


def rows(workspace, table, *columns):
    engine = workspace.embedded()
    found = engine.run(workspace.lake.bind(engine, table).select(list(columns))).to_pylist()
    return sorted(tuple(row.values()) for row in found)


@pytest.mark.parametrize("way", ["json", "csv"])
def test_only_what_changed_comes_with_the_next_pull(open_project, shop, way):
    project = open_project(way)
    assert pulled(project) == {("parties", "accepted"): 1, ("tickets", "accepted"): 2}
    assert pulled(project) == {}
    for number in (2, 3):
        shop.sell(number, 60 * number)
        # The last before it lies in the overlap, and no other.
        assert pulled(project) == {("tickets", "accepted"): 2, ("tickets", "duplicate"): 2}
    assert len(rows(project, SALE_LINE, "sale_id", "line_no")) == 6


def test_what_was_committed_late_comes_with_the_overlap(open_project, shop):
    project = open_project()
    pulled(project)
    shop.sell(2, -10)
    assert pulled(project) == {}
    shop.sell(3, 5)
    pulled(project)
    assert {sale for (sale,) in rows(project, SALE_LINE, "sale_id")} == {"S1", "S2", "S3"}


def test_both_ways_bring_the_same(open_project, shop):
    shop.sell(2, 3, included=False)
    found = []
    for way in ("json", "csv"):
        project = open_project(way)
        pulled(project)
        names = ("sale_id", "line_no", "sold_at", "product_id", "quantity", "net", "vat")
        found.append(rows(project, SALE_LINE, *names))
    assert found[0] == found[1]
    assert len(found[0]) == 4


def test_prices_with_tax_and_without_come_to_the_same_cents(open_project, shop):
    shop.sell(2, 3, included=False, currency="CHF")
    project = open_project()
    pulled(project)
    by_sale = {}
    for sale, *rest in rows(project, SALE_LINE, "sale_id", "product_id", "net", "vat", "currency"):
        by_sale.setdefault(sale, []).append(tuple(rest))
    with_tax, without = by_sale["S1"], by_sale["S2"]
    assert [row[:3] for row in with_tax] == [row[:3] for row in without]
    assert [row[1:3] for row in with_tax] == [
        (Decimal("49.10"), Decimal("10.80")), (Decimal("24.33"), Decimal("5.37")),
    ]  # fmt: skip
    assert {row[3] for row in without} == {"CHF"}


def test_an_address_that_changed_alone_is_a_new_version_of_its_party(open_project, shop):
    project = open_project()
    pulled(project)
    shop.mails = [mail("1", 90, "new@example.it")]
    shop.refresh()
    assert pulled(project) == {("parties", "accepted"): 1}
    assert len(rows(project, RECORD, "source")) >= 1


def test_a_pull_that_breaks_off_is_done_again(open_project, shop):
    project = open_project()
    for broken in (2, 9, 14):
        shop.server.broken = broken
        with pytest.raises(NoAnswer):
            pulled(project)
    pulled(project)
    whole = open_project()
    pulled(whole)
    names = ("sale_id", "line_no", "net", "vat")
    assert rows(project, SALE_LINE, *names) == rows(whole, SALE_LINE, *names)


def test_the_older_series_hand_out_csv_elsewhere(open_project, shop):
    shop.server.data = "/data/"
    assert pulled(open_project("csv"))["tickets", "accepted"] == 2


def test_who_is_turned_away_hears_it_and_the_password_is_in_no_word(open_project):
    project = open_project(user="nobody")
    with pytest.raises(TurnedAway) as refused:
        pulled(project)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"password": "in clear"}, BadMapping),
        ({"password": "file:keys/none"}, BadInput),
        ({"url": "ftp://host/shop"}, BadMapping),
        ({"way": "xml"}, BadMapping),
        ({"passwort": "env:X"}, BadMapping),
    ],
)
def test_what_cannot_be_meant_is_said(open_project, shop, more, error):
    with pytest.raises(error):
        pulled(open_project(**more))
    assert shop.server.asked == []


def test_a_source_that_pulls_nothing_is_named(open_project):
    project = open_project()
    with pytest.raises(Unknown, match="shop"):
        pull("shp", root=project.root, intake=project.intake(), sources=project.settings.sources)
