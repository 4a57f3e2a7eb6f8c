"""How much memory one very large file of sales takes, as Parquet and as CSV.

    python -m benchmarks.large work --lines 50000000

The file is made by a rule, without chance: three lines a receipt, one receipt in four with a card.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.connectors import measured, whole
from benchmarks.machine import RESULTS, save

_SALES = """
    copy (
        select
            'till' as source,
            'R' || (i // 3) as sale_id,
            (i % 3 + 1)::int as line_no,
            timestamp '2024-01-01' + to_minutes(i // 3 % 1000000) as sold_at,
            'store' as channel,
            'S' || (i // 3 % 60) as store_id,
            case when i // 3 % 4 = 0 then 'C' || (i // 3 % 200000) end as loyalty_card,
            'P' || (i * 7919 % 40000) as product_id,
            1.0::decimal(12, 3) as quantity,
            (i % 9000 / 100 + 1)::decimal(14, 2) as net,
            'EUR' as currency,
        from range({lines}) as each(i)
    ) to '{path}' ({options})
"""

_FORMATS = {"parquet": "format parquet", "csv": "format csv, timestampformat '%Y-%m-%dT%H:%M:%S'"}


def main(words: Sequence[str] | None = None) -> int:
    """Make the files, measure, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder to work in")
    parser.add_argument("--lines", type=int, default=50_000_000, help="sale lines of each file")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    given = parser.parse_args(words)
    given.work.mkdir(parents=True, exist_ok=True)
    files: dict[str, Any] = {}
    for ending, options in _FORMATS.items():
        path = given.work / f"sales.{ending}"
        with duckdb.connect() as con:
            con.execute(_SALES.format(lines=given.lines, path=path, options=options))
        files[ending] = {
            "megabytes": round(path.stat().st_size / 2**20),
            "whole": measured(whole, "exchange", path, given.work),
        }
        print(ending, files[ending], file=sys.stderr, flush=True)
        path.unlink()
    save("large", {"files": files}, folder=given.results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
