"""A real Tryton on a loopback port: sold in, pulled from, and reconciled to the cent."""

import os
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.live import free_port, listening
from tuttuno.intake.sources.tryton_server import TrytonServer
from tuttuno.schema.lake import SALE_LINE
from tuttuno.tasks.pull import pull
from tuttuno.workspace import make_workspace

pytestmark = pytest.mark.storm

SECRET = "a secret of the admin"  # noqa: S105 - of a server that lives as long as its test
MODULES = ("sale_point", "sale")
PATIENCE = 120


def run(*words, **more):
    command = [sys.executable, *map(str, words)]
    subprocess.run(command, check=True, input=b"\n", env={**os.environ, **more})


@pytest.fixture(scope="module")
def tryton(tmp_path_factory):
    """The folder of a shop, its server running."""
    folder = tmp_path_factory.mktemp("tryton")
    port = free_port()
    conf = folder / "trytond.conf"
    conf.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
    )
    (folder / "shop.sqlite").touch()
    (folder / "secret").write_text(SECRET)
    admin = (Path(sys.executable).parent / "trytond-admin", "-c", conf, "-d", "shop")
    run(*admin, "--all", TRYTONPASSFILE=str(folder / "secret"))
    run(*admin, "-u", *MODULES, "--activate-dependencies")
    sell(folder, "make")
    server = subprocess.Popen(
        [Path(sys.executable).parent / "trytond", "-c", conf, "-d", "shop"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    listening(port)
    yield folder, f"http://127.0.0.1:{port}/shop"
    server.terminate()
    server.wait(PATIENCE)


def sell(folder, *words):
    run(Path(__file__).with_name("tryton_shop.py"), words[0], folder, *words[1:])


def project(root, url, way):
    text = f"""
[project]
name = "Shop"
[sources.shop]
format = "tryton"
currency = "EUR"
timezone = "UTC"
pull = {{ url = "{url}", user = "admin", password = "env:TRYTON", way = "{way}" }}
"""
    return make_workspace(root, settings=text)


def pulled(workspace):
    reports = pull(
        "shop", root=workspace.root, intake=workspace.intake(), sources=workspace.settings.sources
    ).files
    assert [each for each in reports if each.counts.difference or each.counts.quarantined] == []
    return sum(each.counts.accepted for each in reports)


def lines(workspace):
    engine = workspace.embedded()
    names = ("source", "sale_id", "line_no", "sold_at", "product_id", "quantity", "net", "vat")
    bound = workspace.lake.bind(engine, SALE_LINE).select(list(names))
    return sorted(tuple(row.values()) for row in engine.run(bound).to_pylist())


def told(url):
    """What the Tryton itself says that each sale comes to, and each ticket's tax."""
    server = TrytonServer(url, "admin", SECRET)
    order = [("id", "ASC")]
    found = {}
    for model, total, tax in (
        ("sale.sale", "total_amount", "tax_amount"), ("sale.point.sale", "total", "total_tax"),
    ):  # fmt: skip
        for number, *sums in server.rows(model, ("number", total, tax), [], order):
            found[number] = tuple(map(Decimal, sums))
    return found


def test_tickets_and_customers_of_a_running_tryton_come_in_once_and_to_the_cent(
    tryton, tmp_path, monkeypatch
):
    monkeypatch.setenv("TRYTON", SECRET)
    folder, url = tryton
    ways = [project(tmp_path / way, url, way) for way in ("json", "csv")]
    sold = 0
    for first, count in ((0, 4), (4, 3)):
        sell(folder, "sell", str(first), str(count))
        # Three sales of each number, of 1 to 3 lines, and one customer.
        sold += sum(3 * (1 + number % 3) + 1 for number in range(first, first + count))
        accepted = [pulled(workspace) for workspace in ways]
        assert accepted[0] == accepted[1] > 0
        assert [pulled(workspace) for workspace in ways] == [0, 0]
    found = [lines(workspace) for workspace in ways]
    assert found[0] == found[1]
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    goods = defaultdict(list)
    for _, sale, _, _, product, quantity, net, vat in found[0]:
        sums[sale][0] += net + vat
        sums[sale][1] += vat
        goods[sale].append((product, quantity, net))
    assert {sale: tuple(both) for sale, both in sums.items()} == told(url)
    assert len(found[0]) + 7 == sold
    for number in range(1, 8):
        assert goods[f"M{number}"] == goods[f"L{number}"]  # the till with tax, the one without
