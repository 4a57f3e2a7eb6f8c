"""Compare what registers told the tax office with the receipts that came in, by store and day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import ibis

from tuttuno.engine.port import Engine
from tuttuno.lake.store import Lake
from tuttuno.schema.lake import FISCAL_TOTAL, SALE_LINE
from tuttuno.vocab import Channel

_LEAST, _MOST = date.min, date.max


@dataclass(frozen=True, slots=True)
class DayTotal:
    """One store on one day, amounts with tax.

    Attributes:
        told: By its registers; None: none was closed that day.
        receipts: What came in from its tills.
        untaxed: Lines that do not tell their tax: the day cannot be compared while there are any.
    """

    store_id: str
    day: date
    currency: str
    told: Decimal | None
    receipts: Decimal
    untaxed: int

    @property
    def difference(self) -> Decimal | None:
        """Receipts less what was told; None where they cannot be compared."""
        return None if self.told is None or self.untaxed else self.receipts - self.told

    @property
    def problem(self) -> str:
        """What is wrong, in words; empty when they meet."""
        if self.told is None:
            return "no register was closed"
        if self.untaxed:
            return f"{self.untaxed} lines do not tell their tax"
        if self.difference:
            kind = "more" if self.difference > 0 else "less"
            return f"receipts come to {abs(self.difference)} {self.currency} {kind}"
        return ""


def fiscal_totals(lake: Lake, engine: Engine) -> tuple[DayTotal, ...]:
    """Return every day between the first and the last closing of a store, by store and day.

    A day on which a store sold and no register was closed is among them.
    """
    told = engine.run(_told(lake.bind(engine, FISCAL_TOTAL))).to_pylist()
    if not told:
        return ()
    sold = engine.run(_sold(lake.bind(engine, SALE_LINE))).to_pylist()
    by_day = {_key(row): row["told"] for row in told}
    receipts = {_key(row): row for row in sold}
    first, last = dict[str, date](), dict[str, date]()
    for store, day, _ in by_day:
        first[store] = min(first.get(store, _MOST), day)
        last[store] = max(last.get(store, _LEAST), day)
    between = {
        key for key in receipts if first.get(key[0], _MOST) <= key[1] <= last.get(key[0], _LEAST)
    }
    return tuple(_days(sorted(between | set(by_day)), by_day, receipts))


def _days(
    keys: list[tuple[str, date, str]],
    told: dict[tuple[str, date, str], Decimal],
    receipts: dict[tuple[str, date, str], dict[str, Decimal]],
) -> Iterator[DayTotal]:
    for key in keys:
        found = receipts.get(key, {})
        yield DayTotal(
            *key,
            told=told.get(key),
            receipts=Decimal(found.get("sold", 0)),
            untaxed=int(found.get("untaxed", 0)),
        )


def _key(row: dict[str, object]) -> tuple[str, date, str]:
    store, day, currency = row["store_id"], row["day"], row["currency"]
    if not isinstance(day, date):
        raise TypeError(day)
    return str(store), day, str(currency)


def _told(totals: ibis.Table) -> ibis.Table:
    whole = totals.net + totals.vat.fill_null(0)
    return totals.group_by("store_id", "day", "currency").agg(told=whole.sum())


def _sold(lines: ibis.Table) -> ibis.Table:
    """What the tills of each store took on each day; returns are taken off."""
    lines = lines.filter(lines.channel == Channel.STORE.value, lines.store_id.notnull())
    whole = lines.net + lines.vat.fill_null(0)
    missing = lines.vat.isnull() & (lines.net != 0)
    return lines.group_by("store_id", "currency", day=lines.sold_on).agg(
        sold=whole.sum(), untaxed=missing.sum().fill_null(0)
    )
