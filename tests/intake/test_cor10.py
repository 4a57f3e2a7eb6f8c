"""What registers told the tax office is kept, and the receipts of a store must come to it."""

from datetime import date
from decimal import Decimal

import pytest

from tests.intake.project import Project
from tuttuno.errors import BadInput
from tuttuno.schema.lake import FISCAL_TOTAL
from tuttuno.tasks.fiscal_totals import fiscal_totals
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.batches import Counts

SPACE = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/corrispettivi/dati/v1.0"
SECTION = {"format": "cor10", "stores": {"96SRT001": "MI01", "96SRT002": "MI01"}}


def cor10(**more):
    return mapping_for("registers", None, sources={"registers": SECTION | more})


def summary(partial, tax, *, rate="22.00", amount=None, extra=""):
    vat = f"<IVA><AliquotaIVA>{rate}</AliquotaIVA><Imposta>{tax}</Imposta></IVA>"
    part = f"<ImportoParziale>{partial}</ImportoParziale>" if partial else ""
    return f"<Riepilogo>{vat}<Ammontare>{amount or partial}</Ammontare>{part}{extra}</Riepilogo>"


def closing(*summaries, number=1, at="2026-03-02T21:05:00+01:00", device="96SRT001"):
    """One document as a register sends it: only its root has a prefix."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<n1:DatiCorrispettivi xmlns:n1="{SPACE}" versione="COR10">
<Trasmissione><Progressivo>{number}</Progressivo><Formato>COR10</Formato>
<Dispositivo><Tipo>MC</Tipo><IdDispositivo>{device}</IdDispositivo></Dispositivo></Trasmissione>
<DataOraRilevazione>{at}</DataOraRilevazione>
<DatiRT>{"".join(summaries)}<Totali><NumeroDocCommerciali>7</NumeroDocCommerciali>
<PagatoContanti>61.00</PagatoContanti></Totali></DatiRT></n1:DatiCorrispettivi>"""


def take(project: Project, *documents: str, **more: object):
    reports = []
    for text in documents:
        project.given += 1
        path = project.files / f"closing_{project.given}.xml"
        path.write_text(text, "utf-8")
        reports += project.take(path, mapping=cor10(**more))
    return reports


def sell(project: Project, *rows: str):
    head = "source,sale_id,line_no,sold_at,channel,store_id,product_id,quantity,net,vat,currency\n"
    project.take_text("sales", head + "\n".join(rows) + "\n")


def compared(project: Project):
    return fiscal_totals(project.work.lake, project.work.engine)


R1 = "pos,R1,1,2026-03-02T10:00:00+01:00,store,MI01,A,1,50.00,11.00,EUR"
R2 = "pos,R2,1,2026-03-02T11:00:00+01:00,store,MI01,B,1,10.00,0.40,EUR"


def test_each_rate_of_a_closing_is_kept(project: Project):
    taken = take(project, closing(summary("50.00", "11.00"), summary("10.00", "0.40", rate="4.00")))
    assert taken[0].counts == Counts(received=2, accepted=2)
    names = (
        "register_id",
        "closing",
        "line_no",
        "store_id",
        "day",
        "rate",
        "net",
        "vat",
        "receipts",
    )
    day = date(2026, 3, 2)
    assert project.rows(FISCAL_TOTAL, *names) == [
        ("96SRT001", "1", 1, "MI01", day, "22.00", Decimal("50.00"), Decimal("11.00"), 7),
        ("96SRT001", "1", 2, "MI01", day, "4.00", Decimal("10.00"), Decimal("0.40"), None),
    ]


def test_receipts_that_come_to_what_all_registers_of_a_store_told_meet_them(project: Project):
    take(
        project,
        closing(summary("50.00", "11.00")),
        closing(summary("10.00", "0.40", rate="4.00"), device="96SRT002"),
    )
    sell(project, R1, R2)
    (day,) = compared(project)
    assert (day.told, day.receipts, day.problem) == (Decimal("71.40"), Decimal("71.40"), "")


@pytest.mark.parametrize(
    ("sales", "problem"),
    [
        ([R1], "receipts come to 10.40 EUR less"),
        ([R1, R2, R2.replace("R2", "R3")], "receipts come to 10.40 EUR more"),
        ([R1, R2.replace("0.40", "")], "1 lines do not tell their tax"),
        ([], "receipts come to 71.40 EUR less"),
        ([R1, R2, R2.replace("store,MI01", "web,")], ""),
        ([R1, R2, R2.replace("MI01", "RM01")], ""),
    ],
)
def test_what_differs_is_told_with_its_amount(project: Project, sales, problem):
    take(project, closing(summary("50.00", "11.00"), summary("10.00", "0.40", rate="4.00")))
    if sales:
        sell(project, *sales)
    assert [day.problem for day in compared(project)] == [problem]


def test_a_day_of_sales_between_two_closings_needs_one_of_its_own(project: Project):
    take(project, *(
        closing(summary("50.00", "11.00"), number=n, at=f"2026-03-0{n}T21:00:00+01:00")
        for n in (1, 3)
    ))  # fmt: skip
    sell(
        project,
        R1.replace("03-02", "03-01"),
        R1.replace("R1", "R2"),
        R1.replace("R1", "R3").replace("03-02", "03-03"),
        R1.replace("R1", "R9").replace("03-02", "03-09"),
    )
    told = {day.day.day: day.problem for day in compared(project)}
    assert told == {1: "", 2: "no register was closed", 3: ""}


def test_a_register_closed_at_night_closes_the_day_before(project: Project):
    take(project, closing(summary("50.00", "11.00"), at="2026-03-03T00:40:00+01:00"))
    assert project.rows(FISCAL_TOTAL, "day") == [date(2026, 3, 2)]


def test_returns_and_voids_are_taken_off_once(project: Project):
    extra = (
        "<TotaleAmmontareResi>20.00</TotaleAmmontareResi>"
        "<TotaleAmmontareAnnulli>30.00</TotaleAmmontareAnnulli>"
    )
    whole = summary("50.00", "11.00", amount="100.00", extra=extra)
    bare = summary("", "22.00", amount="100.00", extra=extra)
    still = summary("80.00", "17.60", amount="100.00", extra=extra)
    take(project, closing(whole), closing(bare, number=2))
    take(project, closing(still, number=3), voids="contained")
    found = project.rows(FISCAL_TOTAL, "net", "vat", "returned", "voided")
    assert found == [(Decimal(50), Decimal(11), Decimal(20), Decimal(30))] * 3


def test_a_day_without_trade_is_counted_and_no_total(project: Project):
    pause = "<PeriodoInattivo><Dal>2026-03-02</Dal></PeriodoInattivo>"
    idle = closing().replace("<DatiRT>", f"{pause}<DatiRT>")
    (report,) = take(project, idle)
    assert report.counts == Counts(received=1, rejected=1)
    assert compared(project) == ()


def test_what_cannot_be_read_waits_and_the_same_again_is_a_duplicate(project: Project):
    good = closing(summary("50.00", "11.00"))
    (bad,) = take(project, good.replace("50.00", "fifty"))
    assert bad.counts == Counts(received=1, quarantined=1)
    (first,) = take(project, good)
    (again,) = take(project, good.replace("21:05:00", "21:05:00.000"))
    assert (first.counts.accepted, again.counts.duplicate) == (1, 1)
    project.law()


@pytest.mark.parametrize("more", [{"day_ends": 25}, {"day_ends": "5"}, {"voids": "maybe"}])
def test_a_setting_that_means_nothing_is_refused(more):
    with pytest.raises(BadInput):
        cor10(**more)
