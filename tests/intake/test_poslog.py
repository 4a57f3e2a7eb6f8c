"""POSLog: receipts in the dialects of tills, what is no sale, and whatever goes wrong."""

import random
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.project import Project
from tuttuno.errors import BadInput
from tuttuno.intake.arrived import Row
from tuttuno.intake.mapping import Mapping
from tuttuno.schema.lake import SALE_LINE
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.batches import Counts

POSLOG = mapping_for("poslog", None, sources={})
HEAD = '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:acs="urn:acs">'


def till(**section: object) -> Mapping:
    return mapping_for("till", None, sources={"till": {"format": "poslog", **section}})


#: As Wincor Nixdorf writes: store in a unit, tax to four decimals and inside the price, discounts
#: of the receipt told again beside the lines that have them already.
WINCOR = """
<Transaction>
  <BusinessUnit><UnitID TypeCode="RetailStore">367</UnitID></BusinessUnit>
  <WorkstationID>10</WorkstationID><SequenceNumber>26</SequenceNumber>
  <BusinessDayDate>2026-03-02</BusinessDayDate>
  <BeginDateTime>2026-03-02T12:33:51</BeginDateTime><EndDateTime>2026-03-02T12:34:41</EndDateTime>
  <OperatorID OperatorName="A">19</OperatorID><CurrencyCode>EUR</CurrencyCode>
  <RetailTransaction Version="2.2">
    <LineItem EntryMethod="Scanned"><SequenceNumber>5</SequenceNumber>
      <Sale ItemType="Stock"><ItemID>802</ItemID>
        <RegularSalesUnitPrice>27.99</RegularSalesUnitPrice>
        <ActualSalesUnitPrice>27.99</ActualSalesUnitPrice>
        <ExtendedAmount>27.99</ExtendedAmount><Quantity Units="1">1</Quantity>
        <Tax TaxType="VAT"><Amount>5.2339</Amount><Percent>23</Percent>
          <TaxableAmount TaxIncludedInTaxableAmountFlag="true">27.99</TaxableAmount></Tax>
      </Sale></LineItem>
    <LineItem><SequenceNumber>9</SequenceNumber>
      <Sale><ItemID>172</ItemID>
        <RegularSalesUnitPrice>0.6</RegularSalesUnitPrice>
        <ActualSalesUnitPrice>0.5</ActualSalesUnitPrice>
        <ExtendedAmount>1</ExtendedAmount><Quantity>2</Quantity>
        <Tax TaxType="VAT"><Amount>0.187</Amount>
          <TaxableAmount TaxIncludedInTaxableAmountFlag="true">1</TaxableAmount></Tax>
      </Sale></LineItem>
    <LineItem><SequenceNumber>14</SequenceNumber><Discount><Amount>0.2</Amount></Discount></LineItem>
    <LineItem><SequenceNumber>15</SequenceNumber>
      <Tender TenderType="CreditDebit"><Amount>28.99</Amount></Tender></LineItem>
    <Total TotalType="TransactionGrandAmount">28.99</Total>
    <Customer><CustomerID>6275980230292499398</CustomerID></Customer>
  </RetailTransaction>
</Transaction>
"""

#: As NCR writes: the store by its own name, a card in an extension, a reward of the receipt that
#: no line has, no tax where there is none.
NCR = """
<Transaction>
  <RetailStoreID>9</RetailStoreID><WorkstationID>34</WorkstationID>
  <SequenceNumber>161</SequenceNumber><BusinessDayDate>2026-03-02</BusinessDayDate>
  <EndDateTime>2026-03-03T02:02:54</EndDateTime><CurrencyCode>USD</CurrencyCode>
  <RetailTransaction Version="2.1">
    <LineItem EntryMethod="Keyed"><SequenceNumber>1</SequenceNumber>
      <Sale ItemType="Stock">
        <POSIdentity POSIDType="GTIN"><POSItemID>67591</POSItemID></POSIdentity>
        <RegularSalesUnitPrice>2.99</RegularSalesUnitPrice><ExtendedAmount>1.26</ExtendedAmount>
        <Quantity>0.42</Quantity></Sale></LineItem>
    <LineItem><SequenceNumber>2</SequenceNumber>
      <Sale><POSIdentity><POSItemID>555</POSItemID></POSIdentity>
        <ExtendedAmount>0.63</ExtendedAmount><Quantity>1</Quantity></Sale></LineItem>
    <LineItem EntryMethod="acs:Auto"><SequenceNumber>3</SequenceNumber><acs:LoyaltyMembership>
      <acs:LoyaltyID Type="Membership">40000066677</acs:LoyaltyID>
      </acs:LoyaltyMembership></LineItem>
    <LineItem><SequenceNumber>4</SequenceNumber><LoyaltyReward>
      <acs:ExtendedRewardAmount>-0.19</acs:ExtendedRewardAmount></LoyaltyReward></LineItem>
    <Total TotalType="TransactionGrandAmount">1.70</Total>
    <Customer/>
  </RetailTransaction>
</Transaction>
"""


def receipt(lines: str = "", *, attributes: str = "", retail: str = "", number: int = 1) -> str:
    lines = lines or line(1, "12.20")
    return f"""<Transaction {attributes}><RetailStoreID>MI01</RetailStoreID>
      <WorkstationID>1</WorkstationID><SequenceNumber>{number}</SequenceNumber>
      <BusinessDayDate>2026-03-02</BusinessDayDate><EndDateTime>2026-03-02T10:15:00</EndDateTime>
      <CurrencyCode>EUR</CurrencyCode><RetailTransaction {retail}>{lines}</RetailTransaction>
      </Transaction>"""


def line(number: int, paid: str, *, kind: str = "Sale", more: str = "", flag: str = "") -> str:
    return f"""<LineItem {flag}><SequenceNumber>{number}</SequenceNumber><{kind}>
      <ItemID>SKU-{number}</ItemID><ExtendedAmount>{paid}</ExtendedAmount><Quantity>1</Quantity>
      {more}</{kind}></LineItem>"""


def take(project: Project, *receipts: str, mapping: Mapping = POSLOG):
    project.given += 1
    path = project.files / f"{project.given}.xml"
    path.write_text(HEAD + "".join(receipts) + "</POSLog>", "utf-8")
    return project.take(path, mapping=mapping)[0]


def test_discounts_that_the_lines_have_already_are_not_taken_off_twice(project: Project):
    assert take(project, WINCOR).counts == Counts(received=2, accepted=2)
    assert project.rows(SALE_LINE, "line_no", "product_id", "net", "vat", "discount") == [
        (5, "802", Decimal("22.76"), Decimal("5.23"), Decimal("0.00")),
        (9, "172", Decimal("0.81"), Decimal("0.19"), Decimal("0.16")),
    ]
    (row,) = set(project.rows(SALE_LINE, "sale_id", "store_id", "channel", "handover", "currency"))
    assert row == ("367-2026-03-02-10-26", "367", "store", "carried", "EUR")
    assert project.record("poslog", "6275980230292499398").record_id == "6275980230292499398"


def test_a_reward_that_no_line_has_is_spread_over_them_to_the_cent(project: Project):
    take(project, NCR)
    assert project.rows(SALE_LINE, "product_id", "quantity", "net", "vat") == [
        ("555", Decimal(1), Decimal("0.57"), None),
        ("67591", Decimal("0.420"), Decimal("1.13"), None),
    ]
    record = project.rows(SALE_LINE, "record_key")
    assert len(set(record)) == 1
    assert None not in record


def test_a_time_without_a_zone_is_that_of_the_till(project: Project):
    take(project, WINCOR, mapping=till(timezone="Europe/Rome"))
    assert {str(each) for each in project.rows(SALE_LINE, "sold_at")} == {"2026-03-02 11:34:41"}


@pytest.mark.parametrize(
    ("attributes", "retail"),
    [
        ("", 'TransactionStatus="Suspended"'),
        ("", 'TransactionStatus="Voided"'),
        ("", 'TransactionStatus="PostVoided"'),
        ('CancelFlag="true"', ""),
        ('TrainingModeFlag="true"', ""),
        ('TransactionStatus="Failed"', ""),
    ],
)
def test_a_receipt_that_never_became_a_sale_is_none(project: Project, attributes, retail):
    text = receipt(attributes=attributes, retail=retail)
    assert take(project, text).counts == Counts(received=1, rejected=1)


def test_a_suspended_sale_counts_when_it_is_resumed(project: Project):
    take(project, receipt(retail='TransactionStatus="Suspended"'))
    report = take(project, receipt(retail='TransactionStatus="Delivered"'))
    assert report.counts == Counts(received=1, accepted=1)


def test_opening_a_till_is_no_sale(project: Project):
    opened = "<Transaction><RetailStoreID>1</RetailStoreID><ControlTransaction/></Transaction>"
    assert take(project, opened).counts == Counts(received=1, rejected=1)


@pytest.mark.parametrize("flag", ['VoidFlag="true"', 'CancelFlag="1"'])
def test_a_voided_line_is_no_sale_and_its_receipt_is_one(project: Project, flag):
    lines = line(1, "12.20") + line(2, "99.00", flag=flag)
    total = '<Total TotalType="TransactionGrandAmount">12.20</Total>'
    report = take(project, receipt(lines + total))
    assert report.counts == Counts(received=2, accepted=1, rejected=1)
    assert "1 rows are no records, and count as rejected: a voided line" in report.notes
    assert project.rows(SALE_LINE, "line_no") == [1]


@pytest.mark.parametrize("paid", ["24.40", "-24.40"])
def test_a_return_is_negative_and_names_the_receipt_it_undoes(project: Project, paid):
    link = """<TransactionLink ReasonCode="Return"><RetailStoreID>RM02</RetailStoreID>
      <WorkstationID>7</WorkstationID><BusinessDayDate>2026-02-27</BusinessDayDate>
      <SequenceNumber>4711</SequenceNumber></TransactionLink>"""
    lines = line(1, paid, kind="Return", more=link) + line(2, "12.20")
    total = "<Total>-12.20</Total>"
    take(project, receipt(lines + total), mapping=till(tax={"rate": 0.22}))
    assert project.rows(SALE_LINE, "line_no", "quantity", "net", "vat", "returns_sale_id") == [
        (1, Decimal(-1), Decimal("-20.00"), Decimal("-4.40"), "RM02-2026-02-27-7-4711"),
        (2, Decimal(1), Decimal("10.00"), Decimal("2.20"), None),
    ]


def test_a_return_without_a_link_undoes_nothing_known(project: Project):
    take(project, receipt(line(1, "5.00", kind="Return")))
    assert project.rows(SALE_LINE, "quantity", "returns_sale_id") == [(Decimal(-1), None)]


@pytest.mark.parametrize(
    "customer",
    ["<Customer/>", "<Customer><CustomerID/></Customer>",
     "<Customer><CustomerID>000000</CustomerID></Customer>",
     "<LoyaltyAccount><LoyaltyAccountID> </LoyaltyAccountID></LoyaltyAccount>"],
)  # fmt: skip
def test_an_empty_customer_is_nobody(project: Project, customer):
    take(project, receipt(line(1, "5.00") + customer))
    assert project.rows(SALE_LINE, "record_key") == [None]


def test_a_receipt_that_does_not_add_up_waits_whole(project: Project):
    text = receipt(line(1, "5.00") + line(2, "7.00") + "<Total>11.00</Total>")
    assert take(project, text, receipt(number=2)).counts == Counts(
        received=2, accepted=1, quarantined=1
    )
    (kept,) = project.quarantine()
    assert "adds up to 12.00, and its total says 11.00" in kept.message
    assert take(project, text, mapping=till(totals=False)).counts.accepted == 2


def test_tax_on_top_of_the_price_is_no_part_of_it(project: Project):
    tax = '<Tax><Amount>0.50</Amount><TaxableAmount TaxIncludedInTaxableAmountFlag="false"/></Tax>'
    take(project, receipt(line(1, "5.00", more=tax) + "<Total>5.50</Total>"))
    assert project.rows(SALE_LINE, "net", "vat") == [(Decimal("5.00"), Decimal("0.50"))]


def test_the_total_decides_what_a_flag_of_the_taxable_amount_means(project: Project):
    tax = """<Tax><Amount>2.20</Amount>
      <TaxableAmount TaxIncludedInTaxableAmountFlag="false">10.00</TaxableAmount></Tax>"""
    take(project, receipt(line(1, "12.20", more=tax) + "<Total>12.20</Total>"))
    assert project.rows(SALE_LINE, "net", "vat") == [(Decimal("10.00"), Decimal("2.20"))]


def test_a_price_may_say_itself_that_it_holds_its_tax(project: Project):
    tax = "<Tax><Amount>2.20</Amount></Tax><TaxIncludedInPriceFlag>true</TaxIncludedInPriceFlag>"
    take(project, receipt(line(1, "12.20", more=tax)))
    assert project.rows(SALE_LINE, "net", "vat") == [(Decimal("10.00"), Decimal("2.20"))]


TAX_LINE = "<LineItem><Tax><Amount>1.50</Amount></Tax></LineItem>"


@pytest.mark.parametrize(
    ("total", "found"),
    [
        ("15.00", [("4.54", "0.50"), ("8.96", "1.00")]),
        ("16.50", [("5.04", "0.50"), ("9.96", "1.00")]),
    ],
)
@pytest.mark.parametrize("told", [TAX_LINE, '<Total TotalType="TransactionTaxAmount">1.50</Total>'])
def test_tax_of_the_whole_receipt_is_spread_to_the_cent_inside_or_beside(
    project: Project, told, total, found
):
    whole = f'<Total TotalType="TransactionGrandAmount">{total}</Total>'
    take(project, receipt(line(1, "9.96") + line(2, "5.04") + told + whole))
    wanted = [(Decimal(net), Decimal(vat)) for net, vat in found]
    assert sorted(project.rows(SALE_LINE, "net", "vat")) == wanted


def test_tax_of_nought_does_not_gainsay_the_project(project: Project):
    totals = '<Total TotalType="TransactionTaxAmount">0.00</Total><Total>12.20</Total>'
    take(project, receipt(line(1, "12.20") + totals), mapping=till(tax={"rate": 0.22}))
    assert project.rows(SALE_LINE, "net", "vat") == [(Decimal("10.00"), Decimal("2.20"))]


def test_a_total_that_is_rounded_for_coins_says_by_how_much(project: Project):
    totals = '<Total TotalType="RoundingAmount">-0.02</Total><Total>12.20</Total>'
    assert take(project, receipt(line(1, "12.22") + totals)).counts.accepted == 1


def test_a_line_may_be_voided_by_another_one_that_names_it(project: Project):
    again = line(2, "12.20", flag='VoidFlag="true"', more="<ItemLink>1</ItemLink>")
    again = again.replace("SKU-2", "SKU-1")
    deposit = line(4, "0.25", flag='VoidFlag="true"', more="<ItemLink>3</ItemLink>")
    lines = line(1, "12.20") + again + line(3, "5.00") + deposit
    report = take(project, receipt(lines + "<Total>5.00</Total>"))
    assert report.counts == Counts(received=4, accepted=1, rejected=3)
    assert project.rows(SALE_LINE, "line_no") == [3]


#: As the POSLog 6 of younger tills has it: days and currencies elsewhere, a card that is called as
#: payment cards are.
YOUNG = """
<Transaction><BusinessUnit><UnitID>100</UnitID></BusinessUnit>
  <WorkstationID>7</WorkstationID><SequenceNumber>3570</SequenceNumber>
  <RetailTransaction>
    <LineItem><Sale><ItemID>A</ItemID><ExtendedAmount Currency="EUR">1.290</ExtendedAmount>
      <Quantity>-1.0000</Quantity><TransactionLink><BusinessUnit>200</BusinessUnit>
        <WorkstationID>7</WorkstationID><SequenceNumber>3569</SequenceNumber>
        <BusinessDayDate><Date>2026-02-27</Date></BusinessDayDate></TransactionLink>
      </Sale><SequenceNumber>1</SequenceNumber></LineItem>
    <LineItem><Tender><CreditDebit><PrimaryAccountNumber>4111</PrimaryAccountNumber></CreditDebit>
      </Tender></LineItem>
    <Total TotalType="TransactionGrandAmount" CurrencyCode="EUR">-1.290</Total>
    <LoyaltyAccount><LoyaltyCard><PrimaryAccountNumber>T22</PrimaryAccountNumber></LoyaltyCard>
      </LoyaltyAccount>
  </RetailTransaction>
  <EndDateTime>2026-03-02T09:27:02.649Z</EndDateTime></Transaction>
"""


def test_a_day_a_currency_and_a_card_are_found_where_young_tills_write_them(project: Project):
    assert take(project, YOUNG).counts == Counts(received=1, accepted=1)
    assert project.rows(SALE_LINE, "sale_id", "currency", "quantity", "returns_sale_id") == [
        ("100-2026-03-02-7-3570", "EUR", Decimal(-1), "200-2026-02-27-7-3569")
    ]
    (row,) = POSLOG.documents.read(project.files / "1.xml", project.files)
    assert row.values["loyalty_card"] == "T22"


def test_a_receipt_that_undoes_another_one_waits_for_somebody(project: Project):
    link = """<TransactionLink ReasonCode="PostVoid"><SequenceNumber>3</SequenceNumber>
      </TransactionLink>"""
    assert take(project, receipt(link), receipt(number=2)).counts.quarantined == 1


def test_stores_and_articles_are_called_as_the_project_says(project: Project):
    both = "<POSIdentity><POSItemID>8001</POSItemID></POSIdentity>"
    text = receipt(line(1, "5.00", more=both))
    take(project, text, mapping=till(stores={"MI01": "Duomo"}, product="POSItemID"))
    assert project.rows(SALE_LINE, "store_id", "product_id") == [("Duomo", "8001")]


def test_the_same_file_again_changes_nothing(project: Project):
    take(project, WINCOR, NCR)
    assert take(project, WINCOR, NCR).counts == Counts(received=4, duplicate=4)


def test_an_amount_that_is_none_holds_its_line_back(project: Project):
    lines = line(1, "12,20") + line(2, "1x3") + line(3, "") + line(4, "5.00")
    assert take(project, receipt(lines)).counts == Counts(received=4, accepted=1, quarantined=3)
    assert sorted(project.faults(), key=repr) == [
        (1, "net", "type", "12,20"),
        (2, "net", "type", "1x3"),
        (3, "net", "required", None),
    ]


SCRAPS = ["", "<", ">", "&", "&amp;", "&#0;", "&#x41;", "\x00", "</Sale>", "<Sale>", '"', "]]>",
          "<![CDATA[", "<!--", "-->", "<?x?>", "9" * 40, "-", "é", "\u202e", "true"]  # fmt: skip


def torn(chance: random.Random) -> str:
    text = HEAD + WINCOR + NCR + receipt() + "</POSLog>"
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(SCRAPS) + text[at + chance.randrange(20) :]
    return text


@pytest.mark.slow
def test_five_thousand_torn_files_come_to_rows_or_to_a_clear_word(tmp_path: Path):
    chance = random.Random(11)  # noqa: S311 - a seed, so that a failure can be repeated
    path, told = tmp_path / "torn.xml", Counter()
    for _ in range(5_000):
        path.write_text(torn(chance), "utf-8")
        try:
            for each in POSLOG.documents.read(path, tmp_path):
                told[type(each).__name__] += 1
                values = each.values.values() if isinstance(each, Row) else [each.text]
                assert all(value is None or value.encode().decode() == value for value in values)
        except BadInput:
            told["refused"] += 1
    assert min(told["Row"], told["Broken"]) > 1_000


@pytest.mark.parametrize("seed", range(3))
def test_torn_receipts_are_accounted_for(project: Project, seed):
    chance = random.Random(seed)  # noqa: S311 - a seed, so that a failure can be repeated
    for number in range(150):
        (project.files / f"{number}.xml").write_text(torn(chance), "utf-8")
    reports = project.take(mapping=POSLOG)
    assert len(reports) == 150
    assert all(each.refused or each.counts.received for each in reports)
    assert len(project.quarantine()) == sum(each.counts.quarantined for each in reports)
    project.law()
