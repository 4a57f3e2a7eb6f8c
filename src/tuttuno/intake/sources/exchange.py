"""The exchange format: files that already have our names, our dates and our decimal dot."""

from tuttuno.intake.mapping import FileMapping, Mapping, Style
from tuttuno.schema.exchange import EXCHANGE

#: The word after `--as`.
NAME = "exchange"

#: Truth that simulators put beside their data: known, and never taken in.
TRUTH = ("truth_people", "truth_effects")


def exchange(source: str = "", *, style: Style | None = None) -> Mapping:
    """Return the exchange format as a mapping.

    A file belongs to the table whose name opens its own: `sales.csv`, `sales_2025-01.parquet`.

    Args:
        source: Fills the column `source` where a file has none; empty: the files tell.
        style: Overrides the encoding or delimiter of its CSV files.
    """
    files = tuple(
        FileMapping(pattern=pattern, table=table, style=style or Style())
        for table in EXCHANGE
        for pattern in (f"{table.name}.*", f"{table.name}[_-]*.*")
    )
    return Mapping(NAME, files, source=source)


#: The exchange format where the files name their source themselves.
EXCHANGE_FORMAT = exchange()
