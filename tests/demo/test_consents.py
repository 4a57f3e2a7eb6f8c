def test_who_can_be_reached_follows_from_the_files(retailer):
    """A working contact and a last word of yes for its channel, on the same record."""
    differ = """with said as (select source, record_id, channel, granted, "at" t from consents
        where purpose = 'marketing'),
        last as (select source, record_id, w.c, arg_max(granted, t) agreed from said
        join (values ('email'), ('sms')) w(c) on channel in (w.c, 'any')
        group by all),
        good as (select source, record_id,
        email is not null and email <> 'test@test.it' e,
        phone is not null and not regexp_matches(phone, '^0[1-9]|0000000000') p from people),
        can as (select distinct true_person_id from last join good using (source, record_id)
        join truth_people using (source, record_id)
        where agreed and ((c = 'email' and e) or (c = 'sms' and p)))
        select count(*) filter (reachable and can.true_person_id is null),
        count(*) filter (not reachable and can.true_person_id is not null),
        count(*) filter (reachable) from truth_persons left join can using (true_person_id)"""
    missing, more, total = retailer.ask(differ)[0]
    assert total > 8_000
    assert missing == 0
    # numbers that belong to somebody else by now look fine on paper
    assert more <= 10


def test_some_take_their_yes_back_and_nobody_twice(retailer):
    taken = """select count(*), count(distinct source || record_id) from consents
        where method = 'link' and not granted"""
    rows, records = retailer.ask(taken)[0]
    assert rows == records > 200


def test_a_withdrawal_follows_a_yes(retailer):
    lonely = """select count(*) from consents w where method = 'link' and not exists
        (select 1 from consents y where y.source = w.source and y.record_id = w.record_id
         and y.purpose = 'marketing' and y.granted and y."at" < w."at")"""
    assert retailer.one(lonely) == 0


def test_a_yes_has_a_notice_a_controller_and_evidence(retailer):
    bare = """select count(*) from consents
        where controller is null or notice_version is null or evidence is null"""
    assert retailer.one(bare) == 0
