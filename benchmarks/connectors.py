"""How much memory and time large files of other systems take, and whether memory grows with them.

    python -m benchmarks.connectors work --megabytes 100 1000

Files are made by a rule, without chance: a Shopify bulk file whose lines stand far from their
orders, and a POSLog.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS, save
from tuttuno.intake.ingest import ingest
from tuttuno.tasks.ingest import mapping_for
from tuttuno.workspace import make_workspace

#: Orders between an order and its lines.
_APART = 5_000
_MB = 2**20


def bulk(megabytes: int) -> Iterator[str]:
    """Write the lines of a bulk file, each order long before its lines."""
    written, number, waiting = 0, 0, list[str]()
    while written < megabytes * _MB:
        number += 1
        order = f"gid://shopify/Order/{number}"
        email = f"buyer{number % 20_011}@example.it"
        yield json.dumps(
            {"id": order, "sourceName": "web", "createdAt": "2026-03-01T10:00:00Z",
             "updatedAt": "2026-03-01T10:00:00Z", "currencyCode": "EUR", "taxesIncluded": True,
             "email": email, "customer": {"id": f"gid://shopify/Customer/{number % 20_011}",
                                          "email": email}}
        )  # fmt: skip
        for place in (1, 2, 3):
            line = {"id": f"gid://shopify/LineItem/{number * 10 + place}",
                    "sku": f"SKU{(number + place) % 5_000}", "quantity": place,
                    "originalUnitPriceSet": {"shopMoney": {"amount": "12.20"}},
                    "taxLines": [{"priceSet": {"shopMoney": {"amount": f"{2.2 * place:.2f}"}}}],
                    "discountAllocations": [], "__parentId": order}  # fmt: skip
            waiting.append(json.dumps(line))
        written += 1_100
        if len(waiting) > _APART * 3:
            yield from waiting
            waiting = []
    yield from waiting


def poslog(megabytes: int) -> Iterator[str]:
    """Write the receipts of a POSLog."""
    yield '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">'
    written, number = 0, 0
    while written < megabytes * _MB:
        number += 1
        lines = "".join(
            f"<LineItem><SequenceNumber>{place}</SequenceNumber><Sale><ItemID>SKU{place}</ItemID>"
            f"<RegularSalesUnitPrice>12.20</RegularSalesUnitPrice><ExtendedAmount>12.20"
            f"</ExtendedAmount><Quantity>1</Quantity><Tax><Amount>2.20</Amount><TaxableAmount "
            f'TaxIncludedInTaxableAmountFlag="true">12.20</TaxableAmount></Tax></Sale></LineItem>'
            for place in (1, 2, 3)
        )
        receipt = (
            f"<Transaction><RetailStoreID>{number % 60}</RetailStoreID><WorkstationID>1"
            f"</WorkstationID><SequenceNumber>{number}</SequenceNumber><BusinessDayDate>2026-03-01"
            f"</BusinessDayDate><EndDateTime>2026-03-01T10:00:00Z</EndDateTime><CurrencyCode>EUR"
            f"</CurrencyCode><RetailTransaction>{lines}<Total>36.60</Total></RetailTransaction>"
            f"</Transaction>"
        )
        written += len(receipt)
        yield receipt
    yield "</POSLog>"


FILES: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "shopify": ("orders.jsonl", bulk),
    "poslog": ("poslog.xml", poslog),
}


def whole(how: str, path: Path, work: Path) -> int:
    """Take a file into a new project; return how many rows were accepted."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        workspace = make_workspace(Path(folder, "project"), settings='[project]\nname = "b"\n')
        reports = ingest([path], mapping_for(how, None, sources={}), workspace.intake())
    return sum(each.counts.accepted for each in reports)


def measured(
    job: Callable[[str, Path, Path], int], how: str, path: Path, work: Path
) -> dict[str, Any]:
    """Run a job in a process of its own; tell its rows, seconds and peak of memory."""
    began = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        rows, cpu, peak = pool.submit(_used, job, how, path, work).result()
    return {
        "rows": rows,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_mb": round(peak / 1024),
    }


def _used(
    job: Callable[[str, Path, Path], int], how: str, path: Path, work: Path
) -> tuple[int, float, int]:
    rows = job(how, path, work)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return rows, used.ru_utime + used.ru_stime, used.ru_maxrss


def _written(how: str, megabytes: int, work: Path) -> Path:
    name, lines = FILES[how]
    path = work / name
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines(megabytes))
    return path


def main(words: Sequence[str] | None = None) -> int:
    """Make the files, measure, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder to work in")
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100, 1_000], help="of a file")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    given = parser.parse_args(words)
    given.work.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    for how in FILES:
        for megabytes in given.megabytes:
            path = _written(how, megabytes, given.work)
            size = {"file": how, "megabytes": round(path.stat().st_size / _MB)}
            found.append(size | measured(whole, how, path, given.work))
            path.unlink()
            print(found[-1], file=sys.stderr, flush=True)
            save("connectors", {"files": found}, folder=given.results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
