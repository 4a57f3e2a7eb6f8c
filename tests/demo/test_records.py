import phonenumbers
import pytest


@pytest.mark.parametrize(
    "trap",
    [
        "phone like '0_ 555%'",
        "email = 'test@test.it'",
        "phone = '0000000000'",
        "birth_date = date '1900-01-01'",
        "device_ids like '%|kiosk-%'",
        "email like '%+%'",
        "email like '%@relay.example.net'",
        "email <> lower(email)",
        "source = 'pos' and family_name like '% %' and given_name is null",
        "source = 'card' and given_name = upper(given_name)",
        "family_name like '%''%'",
        "family_name like '%ò'",
        "source = 'crm' and given_name in ('Franci', 'Totò', 'Gianni', 'Enzo')",
        "address like 'V.le %'",
        "social_handles like 'instagram:%'",
    ],
)
def test_the_mess_of_real_systems_is_there(retailer, trap):
    assert retailer.one("select count(*) from people where {trap}", trap=trap) >= 3


def test_the_stores_own_number_stands_on_many_records(retailer):
    most = """select max(n) from (select phone, count(distinct true_person_id) n from people
        join truth_people using (source, record_id) where phone like '0_ 555%' group by 1)"""
    assert retailer.one(most) > 10


def test_a_phone_is_written_in_many_ways(retailer):
    shapes = retailer.one("""select count(distinct regexp_replace(phone, '[0-9]', '9', 'g'))
        from people where phone not like '0%'""")
    assert shapes == 4


def test_every_mobile_number_is_valid_in_italy(retailer):
    rows = retailer.ask(
        "select phone from people where phone not like '0_ %' and phone not like"
        " '00000%' using sample 300 rows (reservoir, 1)"
    )
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(row[0], "IT")) for row in rows)


def test_two_households_never_share_a_mailbox_but_a_household_may(retailer):
    rows = retailer.ask("""select count(distinct household_id), count(distinct true_person_id)
        from people join truth_people using (source, record_id)
        where email like '%example%' and email not like '%relay%'
        group by replace(regexp_replace(lower(email), '[+][a-z0-9]*@', '@'), ' ', '')""")
    assert {households for households, _ in rows} == {1}
    assert 20 < sum(persons > 1 for _, persons in rows) < 1_500


def test_some_members_have_two_cards_and_both_are_theirs(retailer):
    twice = retailer.one("""select count(*) from (select true_person_id from truth_people
        where source = 'card' group by 1 having count(*) = 2)""")
    assert 50 < twice < 400


def test_some_families_have_two_men_of_one_name_and_some_have_twins(retailer):
    same = retailer.one("""select count(*) from (select household_id, upper(given_name) g,
        upper(family_name) f from people join truth_people using (source, record_id)
        where source in ('card', 'shop') group by all having count(distinct true_person_id) > 1)""")
    twins = retailer.one("""select count(*) from (select household_id, birth_date from people
        join truth_people using (source, record_id) where birth_date > '1900-01-01'
        group by all having count(distinct true_person_id) > 1)""")
    assert same >= 3
    assert twins >= 3


def test_a_record_exists_before_it_buys(retailer):
    early = """select count(*) from sales join people using (source, record_id)
        where sold_at < created_at and quantity > 0"""
    assert retailer.one(early) == 0


def test_nobody_uses_a_card_before_it_was_issued(retailer):
    early = """select count(*) from sales join memberships on card = loyalty_card
        where sold_at < enrolled_at"""
    assert retailer.one(early) == 0


def test_some_orders_carry_the_e_mail_of_a_relative(retailer):
    other = retailer.one("""select count(distinct sale_id) from sales s
        join people p using (source, record_id) where s.source = 'shop' and s.quantity > 0
        and lower(s.email) <> lower(p.email)""")
    assert other > 30
