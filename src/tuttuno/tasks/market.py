"""The market series of a project: a CSV file that every build reads into the lake."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.lake.store import Lake
from tuttuno.schema.lake import MARKET, WHOLE_MARKET
from tuttuno.vocab import Channel

_COLUMNS = ("month", "channel", "category", "value")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_CHANNELS = (WHOLE_MARKET, *(channel.value for channel in Channel))


@dataclass(frozen=True, slots=True)
class MarketSeries:
    """Where the file is and whose figures it holds.

    Attributes:
        file: A CSV with `month`, `value` and, where it tells them apart, `channel`, `category`.
        source: Who says so, in words that stand beside every figure made from it.
    """

    file: Path
    source: str


class BadMarket(BadInput):
    """The file of the market cannot be read."""

    def __init__(self, file: Path, where: str, problem: str) -> None:
        self.file = file
        super().__init__(
            f"{file}: {where} {problem}".replace("  ", " "),
            hint="[market] needs a CSV with month (YYYY-MM), value and perhaps channel, category",
        )


def take_market(series: MarketSeries | None, *, lake: Lake, engine: Engine) -> dict[str, int]:
    """Bring the table of the market up to date; return its version, nothing where there is none.

    Raises:
        BadMarket: The file is not there or a line of it cannot be read; nothing was changed.
    """
    before = lake.version(MARKET)
    if series is None and before is None:
        return {}
    rows = [] if series is None else list(_rows(series))
    told = pa.Table.from_pylist(rows, schema=pa.schema(list(MARKET.arrow)))
    if before is not None:
        kept = engine.run(lake.bind(engine, MARKET).order_by(list(MARKET.grain))).to_pylist()
        if _sorted(kept) == _sorted(told.to_pylist()):
            return {MARKET.name: before}
    name = "market_supplied"
    try:
        version = lake.replace(MARKET, engine.bind(name, told), engine=engine)
    finally:
        engine.drop(name)
    return {MARKET.name: version}


def _sorted(rows: list[dict[str, object]]) -> list[tuple[str, ...]]:
    return sorted(tuple(str(row[name]) for name in MARKET.columns) for row in rows)


def _rows(series: MarketSeries) -> Iterator[dict[str, object]]:
    try:
        text = series.file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise BadMarket(series.file, "", f"cannot be read: {exc}") from exc
    table = csv.DictReader(text.splitlines())
    unknown = sorted({*(table.fieldnames or ())} - {*_COLUMNS})
    lacking = [name for name in ("month", "value") if name not in (table.fieldnames or ())]
    if unknown or lacking:
        problem = f"has no column {lacking[0]}" if lacking else f"has a column {unknown[0]}"
        raise BadMarket(series.file, "the first line", problem)
    seen: set[tuple[object, ...]] = set()
    for number, line in enumerate(table, 2):
        row = _row(line, series, number)
        key = tuple(row[name] for name in MARKET.grain)
        if key in seen:
            raise BadMarket(series.file, f"line {number}", "tells of a month a second time")
        seen.add(key)
        yield row


def _row(line: Mapping[str, str | None], series: MarketSeries, number: int) -> dict[str, object]:
    told = {name: (line.get(name) or "").strip() for name in _COLUMNS}
    where = f"line {number}"
    if not _MONTH.fullmatch(told["month"]):
        raise BadMarket(series.file, where, f"has {told['month']!r} for a month")
    channel = told["channel"] or WHOLE_MARKET
    if channel not in _CHANNELS:
        known = ", ".join(_CHANNELS)
        raise BadMarket(series.file, where, f"has the channel {channel!r}; known are {known}")
    try:
        value = float(told["value"])
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise BadMarket(series.file, where, f"has {told['value']!r} for a value above zero")
    return {
        "month": told["month"],
        "channel": channel,
        "category": told["category"],
        "value": value,
        "source": series.source,
    }
