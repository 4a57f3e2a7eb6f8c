"""5,000 malformed payloads at each door for files: a word or a row in quarantine, never a fault."""

import json
import random
import resource

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.intake.hostile import STRANGE, spoilt
from tests.intake.project import Project, make_project
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault

pytestmark = pytest.mark.storm

#: Files of a door, payloads of each: 5,000 together.
FILES, EACH = 25, 200

#: Megabytes that a process may grow by.
MOST_MB = 300

HEAD = "source,sale_id,line_no,sold_at,channel,store_id,product_id,quantity,net,vat,currency"
GOOD = "pos,R1,1,2026-03-02T10:00:00Z,store,MI01,A,1,50.00,11.00,EUR"
ORDER = {
    "id": 1001, "source_name": "web", "currency": "EUR", "created_at": "2026-03-01T10:00:00Z",
    "processed_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:00:00Z",
    "taxes_included": True, "email": "anna@example.it", "customer": {"id": 7},
    "line_items": [{"id": 11, "sku": "A", "price": "59.90", "quantity": 2,
                    "tax_lines": [{"price": "21.60"}]}],
    "refunds": [{"id": 5, "created_at": "2026-03-02T10:00:00Z",
                 "refund_line_items": [{"id": 6, "line_item_id": 11, "quantity": 1}]}],
}  # fmt: skip
RECEIPT = """<Transaction><RetailStoreID>7</RetailStoreID><WorkstationID>1</WorkstationID>
<SequenceNumber>3</SequenceNumber><BusinessDayDate>2026-03-01</BusinessDayDate>
<EndDateTime>2026-03-01T10:00:00Z</EndDateTime><CurrencyCode>EUR</CurrencyCode><RetailTransaction>
<LineItem><SequenceNumber>1</SequenceNumber><Sale><ItemID>A</ItemID><ExtendedAmount>12.20
</ExtendedAmount><Quantity>1</Quantity></Sale></LineItem><Total>12.20</Total></RetailTransaction>
</Transaction>"""
CLOSING = """<DatiCorrispettivi><Trasmissione><Progressivo>3</Progressivo><Dispositivo>
<IdDispositivo>96SRT001</IdDispositivo></Dispositivo></Trasmissione>
<DataOraRilevazione>2026-03-02T21:05:00Z</DataOraRilevazione><DatiRT><Riepilogo><IVA><AliquotaIVA>
22.00</AliquotaIVA><Imposta>11.00</Imposta></IVA><ImportoParziale>50.00</ImportoParziale>
</Riepilogo></DatiRT></DatiCorrispettivi>"""


def torn(text: str, chance: random.Random) -> str:
    """A text with one to four of its places cut, doubled, swapped or taken by something strange."""
    for _ in range(chance.randrange(1, 5)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 3, 20)))
        odd = chance.choice(
            (str(chance.choice(STRANGE)), "<", ">", "&x;", '"', ",", "\n", "\0", "")
        )
        text = text[:start] + odd + text[end:] + chance.choice(("", "", text[start:end]))
    return text


def csv_rows(chance: random.Random) -> str:
    return "\n".join([HEAD, *(torn(GOOD, chance) for _ in range(EACH))])


def orders(chance: random.Random) -> str:
    whole = (json.dumps(spoilt(ORDER, chance)) for _ in range(EACH))
    return "\n".join(torn(each, chance) if chance.random() < 0.2 else each for each in whole)


def receipts(chance: random.Random) -> str:
    # A file that is no XML from some place on ends there: so each payload is a file's last.
    good = RECEIPT * chance.randrange(3)
    return f"<POSLog>{good}{torn(RECEIPT, chance)}</POSLog>"


def closings(chance: random.Random) -> str:
    return torn(CLOSING, chance)


DOORS = {
    "csv": ("sales.csv", csv_rows, EXCHANGE_FORMAT, 1),
    "shopify": ("orders.jsonl", orders, mapping_for("shopify", None, sources={}), 1),
    "poslog": ("poslog.xml", receipts, mapping_for("poslog", None, sources={}), EACH),
    "cor10": ("closing.xml", closings, mapping_for("cor10", None, sources={}), EACH),
}


@pytest.fixture
def project(tmp_path):
    template = tmp_path / "template" / "vault.sqlite"
    vault = open_vault(f"sqlite:///{template}")
    migrate(vault)
    vault.close()
    made = make_project(tmp_path / "project", template)
    yield made
    made.work.engine.close()
    made.work.vault.close()


@pytest.mark.parametrize("door", DOORS)
def test_malformed_payloads_are_all_accounted_for_in_bounded_memory(project: Project, door):
    name, write, mapping, files = DOORS[door]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @settings(
        max_examples=FILES, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.integers(0, 2**63))  # all that is drawn of two hundred payloads would be too much
    def storm(seed):
        chance, paths = random.Random(seed), []  # noqa: S311 - a seed
        for nth in range(files):
            project.given += 1
            path = (
                project.files
                / f"{name.partition('.')[0]}_{project.given}_{nth}.{name.partition('.')[2]}"
            )
            path.write_text(write(chance), "utf-8", errors="surrogatepass")
            paths.append(path)
        reports = project.take(*paths, mapping=mapping)
        assert len(reports) >= files
        assert [each for each in reports if each.counts.difference] == []
        for path in paths:
            path.unlink()

    storm()
    project.law()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MOST_MB
