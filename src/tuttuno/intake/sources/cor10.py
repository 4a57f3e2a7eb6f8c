"""COR10: what Italian cash registers tell the tax office each day, which receipts must meet.

One document is one closing of one register; each of its summaries is the trade of one rate of tax.
They are no sales: nothing is added up with them, they are only compared. Names count without their
prefixes. Source of the names: Agenzia delle Entrate, *Tipi dati per i corrispettivi*.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.elements import Element, Found, elements
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sums import amount, amount_or_zero, worked_out
from tuttuno.schema.exchange import FISCAL_TOTALS

NAME = "cor10"

#: Why a document is no total.
NO_TRADE = "a day without trade"

COLUMNS = (
    "register_id", "closing", "line_no", "store_id", "closed_at", "day", "rate", "net", "vat",
    "returned", "voided", "receipts", "currency",
)  # fmt: skip

_CENT = Decimal("0.01")


class Voids(StrEnum):
    """Where a register leaves what was voided before the day was closed."""

    LEFT_OUT = "left_out"  # its partial amount has them taken off
    CONTAINED = "contained"  # its partial amount still holds them


@dataclass(frozen=True, slots=True)
class _Register:
    """What a project says about its registers.

    Attributes:
        style: Currency.
        register: The serial number where documents tell none.
        voids: Where voided receipts are.
        until: A closing before this hour belongs to the day before.
    """

    style: Style
    register: str
    voids: Voids
    until: int


def _make(section: Section, style: Style, codes: Codes) -> Made:
    hour = section.values.get("day_ends", 5)
    if not isinstance(hour, int) or not 0 <= hour <= 12:
        raise BadMapping(section.at("day_ends"), "must be an hour from 0 to 12")
    voids = section.word("voids", Voids, Voids.LEFT_OUT)
    register = _Register(style, section.text("register"), voids, hour)
    return Made(
        files=(sheet(FISCAL_TOTALS, COLUMNS, style, codes, (NO_TRADE,)),),
        documents=Documents(partial(_read, register=register), endings=(".xml",)),
    )


def _read(path: Path, _folder: Path, *, register: _Register) -> Iterator[Row | Broken]:
    for each in elements(path, "DatiCorrispettivi"):
        if isinstance(each, Broken):
            yield each
        else:
            yield from _closing(each, register)


def _closing(found: Found, register: _Register) -> Iterator[Row]:
    whole = found.element
    summaries = [each for part in whole.all("DatiRT") for each in part.all("Riepilogo")]
    if not summaries:
        yield Row(FISCAL_TOTALS.name, {}, found.number, NO_TRADE)
        return
    closed = whole.text("DataOraRilevazione")
    device = first(whole.text("Trasmissione", "Dispositivo", "IdDispositivo"), register.register)
    shared = {
        "register_id": device,
        "store_id": device,
        "closing": whole.text("Trasmissione", "Progressivo"),
        "closed_at": closed,
        "day": _day(closed, register.until),
        "currency": register.style.currency or "EUR",
    }
    receipts = whole.text("DatiRT", "Totali", "NumeroDocCommerciali")
    for place, summary in enumerate(summaries, 1):
        values = {**shared, "line_no": str(place), "receipts": receipts if place == 1 else None}
        values |= {"rate": _rate(summary), **_sums(summary, register.voids)}
        yield Row(FISCAL_TOTALS.name, values, found.number)


def _day(closed: str | None, until: int) -> str | None:
    """The day of trading: a register that is closed at night closes the day before."""
    try:
        moment = datetime.fromisoformat(closed or "")
    except ValueError:
        return closed
    night = moment.hour < until
    return (moment - timedelta(days=1 if night else 0)).date().isoformat()


def _rate(summary: Element) -> str | None:
    if (summary.text("VentilazioneIVA") or "").upper() == "SI":
        return "ventilated"
    told = (summary.text("IVA", "AliquotaIVA"), summary.text("AliquotaIVA"))
    return first(*told, summary.text("Natura"))


def _sums(summary: Element, voids: Voids) -> dict[str, str | None]:
    def sums() -> dict[str, Decimal | None]:
        returned = amount_or_zero(summary.text("TotaleAmmontareResi"))
        voided = amount_or_zero(summary.text("TotaleAmmontareAnnulli"))
        partial_ = summary.text("ImportoParziale")
        net = amount(partial_ or summary.text("Ammontare"))
        told = first(summary.text("IVA", "Imposta"), summary.text("Imposta"))
        tax = None if told is None else amount(told)
        if partial_ is None:
            net -= returned + voided
        elif voids is Voids.CONTAINED and voided:
            net -= voided
        changed = net != amount(partial_ or summary.text("Ammontare"))
        if changed and tax is not None:
            rate = amount(_rate(summary)) / 100
            tax = (net * rate).quantize(_CENT, ROUND_HALF_UP)
        return {"net": net, "vat": tax, "returned": returned, "voided": voided}

    return worked_out(sums, "net")


COR10 = Connector(NAME, _make, keys=("register", "voids", "day_ends"))
