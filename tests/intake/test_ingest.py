from datetime import date
from decimal import Decimal

import pytest

from tests.intake.project import Project, at
from tuttuno.intake.files import NoMeaning
from tuttuno.intake.sources.exchange import exchange
from tuttuno.schema.keyed import record_key, value_key
from tuttuno.schema.lake import (
    CONTACT,
    MEMBERSHIP,
    PICKUP,
    POINTS_MOVEMENT,
    PRODUCT,
    RECORD,
    SALE_LINE,
    STORE_SITE,
    TOUCH,
)
from tuttuno.vault.attributes import attributes_of
from tuttuno.vault.batches import Counts

SALES = "source,sale_id,line_no,sold_at,channel,store_id,product_id,quantity,net,currency"


def sale(project: Project, *rows: str, more: str = "", **options):
    return project.take_text("sales", "\n".join([SALES + more, *rows]) + "\n", **options)


def test_a_sale_is_kept_in_utc_with_its_local_day_and_month(project):
    report = sale(project, "till,R1,1,2026-01-01T00:30,store,S1,P1,2,39.80,EUR")
    assert report.counts == Counts(received=1, accepted=1)
    assert report.new_months == ("2026-01",)
    found = project.rows(SALE_LINE, "sold_at", "sold_on", "month", "quantity", "net", "handover")
    assert found == [
        (
            at("2025-12-31T23:30"),
            date(2026, 1, 1),
            "2026-01",
            Decimal("2.000"),
            Decimal("39.80"),
            "carried",
        )
    ]


def test_a_time_with_an_offset_is_told_on_the_clock_of_the_store(project):
    sale(project, "shop,W1,1,2026-01-01T23:30:00Z,web,,P1,1,10.00,EUR")
    assert project.rows(SALE_LINE, "sold_at", "month", "handover") == [
        (at("2026-01-01T23:30"), "2026-01", "delivered")
    ]
    assert [str(day) for day in project.rows(SALE_LINE, "sold_on")] == ["2026-01-02"]


def test_a_store_in_another_time_zone_has_its_own_clock(project):
    project.take_text("stores", "store_id,timezone\nS1,Europe/Rome\nS9,America/New_York\n")
    sale(
        project,
        "till,R1,1,2026-01-10T09:00,store,S1,P1,1,10,EUR",
        "till,R2,1,2026-01-10T09:00,store,S9,P1,1,10,EUR",
    )
    told = project.rows(SALE_LINE, "sale_id", "sold_at")
    assert [(sale_id, at.hour) for sale_id, at in told] == [("R1", 8), ("R2", 14)]


def test_a_sale_without_a_person_is_an_anonymous_receipt(project):
    sale(project, "till,R1,1,2026-01-10,store,S1,P1,1,10,EUR,tok_8812", more=",payment_token")
    assert project.rows(SALE_LINE, "record_key", "payment_key") == [
        (None, value_key(project.work.key, "payment_token", "tok_8812"))
    ]


def test_a_sale_with_only_a_card_belongs_to_the_record_of_that_card(project):
    sale(
        project,
        "till,R1,1,2026-01-10,store,S1,P1,1,10,EUR,it-0042 7710,",
        "till,R2,1,2026-01-11,store,S1,P1,1,10,EUR,IT00427710,Anna@Example.org",
        more=",loyalty_card,email",
    )
    key = record_key(project.work.key, "till", "loyalty_card:IT00427710")
    assert project.rows(SALE_LINE, "record_key") == [key, key]
    assert project.identifiers("till", "loyalty_card:IT00427710") == [
        ("email", "anna@example.org"),
        ("loyalty_card", "IT00427710"),
    ]


def test_all_identifiers_seen_on_a_sale_are_tied_to_its_record(project):
    sale(
        project,
        "shop,W1,1,2026-01-10,web,,P1,1,10,EUR,77,anna@example.org,333 1234567,tok_1",
        more=",record_id,email,phone,payment_token",
    )
    assert project.identifiers("shop", "77") == [
        ("email", "anna@example.org"),
        ("payment_token", "tok_1"),
        ("phone", "+393331234567"),
    ]
    assert project.record("shop", "77").content is None


def test_the_phone_on_a_sale_belongs_to_the_country_of_its_store(project):
    project.take_text("stores", "store_id,country\nS1,IT\nS2,DE\n")
    sale(
        project,
        "till,R1,1,2026-01-10,store,S2,P1,1,10,EUR,030 901820",
        more=",phone",
    )
    assert project.identifiers("till", "phone:+4930901820") == [("phone", "+4930901820")]


def test_a_person_is_split_between_vault_and_lake(project):
    project.take_text(
        "people",
        """
        source,record_id,email,given_name,birth_date,gender,postal_code,country,device_ids,shoe_size
        crm,7,anna@example.org,Anna,1980-05-17,female,50123,IT,d1|d2,38
        """,
    )
    assert project.rows(RECORD, "record_key", "birth_year", "gender", "postal_code") == [
        (record_key(project.work.key, "crm", "7"), 1980, "female", "50123")
    ]
    record = project.record("crm", "7")
    assert record.fields["given_name"] == "Anna"
    assert record.extra == {"shoe_size": "38"}
    assert project.identifiers("crm", "7") == [
        ("device", "d1"),
        ("device", "d2"),
        ("email", "anna@example.org"),
    ]


def test_a_person_fills_the_record_that_a_sale_has_opened(project):
    sale(project, "shop,W1,1,2026-01-10,web,,P1,1,10,EUR,77", more=",record_id")
    report = project.take_text("people", "source,record_id,given_name\nshop,77,Anna\n")
    assert report.counts == Counts(received=1, accepted=1)
    assert project.record("shop", "77").fields["given_name"] == "Anna"


def test_what_a_row_says_beyond_the_format_is_kept_in_the_vault(project):
    sale(project, "till,R1,1,2026-01-10,store,S1,P1,1,10,EUR,blue,", more=",colour,note")
    with project.work.vault.read() as con:
        assert attributes_of(con, "sales", "till", "R1|1") == {"colour": "blue"}


def test_properties_of_a_touch_are_kept_in_the_vault(project):
    project.take_text(
        "touches",
        """
        source,touch_id,at,kind,email,properties
        web,T1,2026-03-01T10:00:00Z,search,anna@example.org,"{""query"": ""red shoes""}"
        """,
    )
    assert project.rows(TOUCH, "kind", "month") == [("search", "2026-03")]
    with project.work.vault.read() as con:
        kept = attributes_of(con, "touches", "web", "T1")
    assert kept == {"properties": {"query": "red shoes"}}


def test_every_table_of_the_format_finds_its_place(project):
    project.write("stores.csv", "store_id,name\nS1,Firenze\n")
    project.write("products.csv", "product_id,name,cost\nP1,Scarpa,12.50\n")
    project.write(
        "memberships.csv",
        "source,programme,card,record_id,enrolled_at\ncard,club,C-100,7,2025-01-01\n",
    )
    project.write(
        "points.csv",
        "source,movement_id,programme,card,at,kind,points\ncard,M1,club,c100,2025-02-01,earn,-5\n",
    )
    project.write("pickups.csv", "source,sale_id,store_id,placed_at\nshop,W1,S1,2026-01-10T10:00\n")
    project.write(
        "contacts.csv",
        "source,contact_id,campaign_id,at,channel,record_id,arm\ncrm,K1,spring,2026-01-10,email,7,treated\n",
    )
    assert [report.counts.accepted for report in project.take()] == [1] * 6
    card = value_key(project.work.key, "loyalty_card", "C100")
    assert project.rows(STORE_SITE, "name") == ["Firenze"]
    assert project.rows(PRODUCT, "cost") == [Decimal("12.50")]
    assert project.rows(MEMBERSHIP, "card_key") == [card]
    assert project.rows(POINTS_MOVEMENT, "card_key", "points") == [(card, -5)]
    assert project.rows(PICKUP, "placed_at") == [at("2026-01-10T09:00")]
    assert project.rows(CONTACT, "record_key") == [record_key(project.work.key, "crm", "7")]


def test_a_card_that_is_no_card_waits_in_quarantine(project):
    report = project.take_text(
        "memberships",
        "source,programme,card,record_id,enrolled_at\n"
        "card,club,0000,7,2025-01-01\ncard,club,C100,8,2025-01-01\n",
    )
    assert report.counts == Counts(received=2, accepted=1, quarantined=1)
    assert project.faults() == [(1, "card", "identifier", "0000")]
    assert project.record("card", "7") is None


def test_the_source_can_be_named_for_files_that_do_not_say(project):
    text = "sale_id,line_no,sold_at,channel,product_id,quantity,net,currency\n"
    text += "R1,1,2026-01-10,web,P1,1,10,EUR\n"
    assert "no column 'source'" in project.take_text("sales", text).refused
    project.take_text("sales", text, mapping=exchange("outlet"))
    assert project.rows(SALE_LINE, "source", "sale_id") == [("outlet", "R1")]


def test_a_missing_required_column_refuses_the_file_and_the_others_go_on(project):
    project.write("people.csv", "source,recordid\ncrm,7\n")
    project.write("stores.csv", "store_id\nS1\n")
    stores, people = project.take()
    assert stores.counts.accepted == 1
    assert people.refused == (
        "people.csv has no column 'record_id', which every row of `people` needs; "
        "did you mean 'recordid'?"
    )
    assert [batch.status for batch in project.ledger()] == ["done", "refused"]


def test_an_unknown_name_refuses_everything_before_anything_is_taken_in(project):
    project.write("stores.csv", "store_id\nS1\n")
    project.write("sale.csv", SALES + "\n")
    with pytest.raises(NoMeaning, match=r"did you mean sales\.csv"):
        project.take()
    assert project.ledger() == []


def test_files_of_one_table_add_up_and_each_is_its_own_batch(project):
    project.write("sales_1.csv", SALES + "\ntill,R1,1,2026-01-10,store,S1,P1,1,10,EUR\n")
    project.write(
        "sales_2.csv",
        SALES + "\ntill,R1,1,2026-01-10,store,S1,P1,1,10,EUR"
        "\ntill,R2,1,2026-01-10,store,S1,P1,1,x,EUR\n",
    )
    first, second = project.take()
    assert first.counts == Counts(received=1, accepted=1)
    assert second.counts == Counts(received=2, duplicate=1, quarantined=1)
    assert first.batch != second.batch
    assert [each.file for each in project.quarantine()] == [second.file]


def test_unknown_codes_are_told_and_their_sales_are_kept(project):
    project.take_text("products", "product_id\nP1\n")
    report = sale(
        project,
        "till,R1,1,2026-01-10,store,S1,P1,1,10,EUR",
        "till,R1,2,2026-01-10,store,S1,P8,1,10,EUR",
        "till,R1,3,2026-01-10,store,S1,P9,1,10,EUR",
    )
    assert report.counts.accepted == 3
    assert report.notes == (
        "2 rows use 2 unknown product codes: P8, P9",
        "3 rows use 1 unknown store codes: S1",
    )
