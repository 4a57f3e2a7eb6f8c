"""Files and bodies made to fill the memory: a word at once, and little memory."""

import gzip
import json
import resource
import time
import zipfile
from io import BytesIO

import pytest

from tests.intake.project import close, make_project
from tests.storm.test_malformed import GOOD, HEAD, ORDER, RECEIPT
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault
from tuttuno.web.collect.body import TooLarge, unpacked

pytestmark = pytest.mark.storm

#: Seconds of the processor, and megabytes that the process may grow by: a field of a CSV may be
#: of 10 MB, and is then in memory some ten times on its way into quarantine.
MOST_SECONDS, MOST_MB = 1.0, 64
MOST_MB_OF = {"a field of 10 MB": 128}

LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
ROW = f"{HEAD}\n{GOOD}\n"


def zipped():
    """An archive that would write beside its folder."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../sales.csv", ROW)
    return packed.getvalue()


def order(**more):
    return json.dumps(ORDER | more)


#: Name, how it is read, its bytes, and what becomes of it: refused, or one row in quarantine.
BOMBS = {
    "gzip, a thousand to one": ("sales.csv.gz", None, gzip.compress(bytes(100_000_000)), "refused"),
    "gzip, 5,000 members": (
        "sales.csv.gz", None, gzip.compress(ROW.encode() + bytes(100_000)) * 5_000, "refused"),
    "an archive that climbs": ("sales.csv", None, zipped(), "refused"),
    "a million columns": ("sales.csv", None, b",".join([b"c"] * 10**6) + b"\n1\n", "refused"),
    "a field of 10 MB": (
        "sales.csv", None, ROW.replace("MI01", "x" * 10**7).encode(), "quarantined"),
    "XML that laughs": (
        "log.xml", "poslog", f"<!DOCTYPE a [<!ENTITY a0 'ha'>{LAUGHS}]><a>&a9;</a>".encode(),
        "refused"),
    "XML that fetches": (
        "log.xml", "poslog", b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', "refused"),
    "XML without an end": ("log.xml", "poslog", b"<POSLog>" + b"<Transaction>" * 10**6, "refused"),
    "an element of 10 MB": (
        "log.xml", "poslog", RECEIPT.replace(">A<", f">{'x' * 10**7}<").encode(), "refused"),
    "JSON without an end": ("o.jsonl", "shopify", b'{"id":' + b"[" * 10**6, "refused"),
    "a number that is none": ("o.jsonl", "shopify", order(total=float("nan")).encode(), "refused"),
    "a key that stands twice": (
        "o.jsonl", "shopify", order().replace('"id"', '"currency": "USD", "id"', 1).encode(),
        "refused"),
    "a text of 10 MB": ("o.jsonl", "shopify", order(note="x" * 10**7).encode(), "refused"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project that has taken in each kind of file once, so that only the bomb is measured."""
    root = tmp_path_factory.mktemp("bombs")
    vault = open_vault(f"sqlite:///{root}/template/vault.sqlite")
    migrate(vault)
    vault.close()
    made = make_project(root / "project", root / "template" / "vault.sqlite")
    take(made, "sales.csv", None, ROW.encode())
    take(made, "log.xml", "poslog", RECEIPT.encode())
    take(made, "o.jsonl", "shopify", order().encode())
    yield made
    close(made)


def take(project, name, how, data):
    path = project.files / name
    path.write_bytes(data)
    mapping = mapping_for(how, None, sources={}) if how else EXCHANGE_FORMAT
    return project.take(path, mapping=mapping)


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_made_to_fill_the_memory_does_not(project, bomb):
    name, how, data, becomes = BOMBS[bomb]
    before, began = peak_mb(), time.process_time()
    (report,) = take(project, name, how, data)
    assert time.process_time() - began < MOST_SECONDS
    assert peak_mb() - before < MOST_MB_OF.get(bomb, MOST_MB)
    assert ("refused" if report.refused else "quarantined") == becomes
    assert (report.counts.received, report.counts.accepted) == (int(not report.refused), 0)
    project.law()


@pytest.mark.parametrize(
    "body", [gzip.compress(bytes(500_000_000)), gzip.compress(bytes(100_000)) * 5_000]
)
def test_a_body_made_to_fill_the_memory_does_not(body):
    before, began = peak_mb(), time.process_time()
    with pytest.raises(TooLarge):
        unpacked(body)
    assert time.process_time() - began < MOST_SECONDS
    assert peak_mb() - before < MOST_MB
