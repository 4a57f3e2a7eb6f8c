def test_a_pickup_is_at_a_store_that_offers_it_on_that_day(retailer):
    wrong = """select count(*) from pickups join stores using (store_id)
        where collect_since is null or placed_at::date < collect_since"""
    assert retailer.one(wrong) == 0


def test_pickups_are_exactly_the_orders_to_be_collected(retailer):
    orders = retailer.ask("""select sale_id, min(sold_at), min(store_id) from sales
        where handover = 'collected' group by 1 order by 1""")
    assert orders == retailer.ask("select sale_id, placed_at, store_id from pickups order by 1")


def test_a_pickup_ends_once_in_collection_cancellation_or_expiry(retailer):
    wrong = """select count(*) from pickups where (collected_at is not null)::int +
        (cancelled_at is not null)::int + (expired_at is not null)::int > 1
        or (cancelled_at is null) <> (cancelled_by is null)"""
    assert retailer.one(wrong) == 0


def test_events_come_in_order_and_inside_the_window(retailer):
    wrong = """select count(*) from pickups where ready_at <= placed_at or collected_at <= ready_at
        or expired_at <= ready_at or cancelled_at < placed_at or promised_at <= placed_at
        or greatest(ready_at, collected_at, cancelled_at, expired_at) >= timestamp '2026-01-01'"""
    assert retailer.one(wrong) == 0


def test_nothing_is_collected_or_expires_that_was_not_ready(retailer):
    wrong = """select count(*) from pickups where ready_at is null
        and (collected_at is not null or expired_at is not null)"""
    assert retailer.one(wrong) == 0


def test_orders_of_the_last_days_are_still_open(retailer):
    newest = retailer.one("""select min(placed_at) from pickups
        where coalesce(collected_at, cancelled_at, expired_at) is null""")
    assert newest.year == 2025
    assert newest.month == 12


def test_every_ending_happens(retailer):
    counts = retailer.ask("""select count(collected_at),
        count(*) filter (cancelled_by = 'customer'),
        count(*) filter (cancelled_by = 'retailer'), count(expired_at),
        count(*) filter (ready_at > promised_at) from pickups""")[0]
    assert all(count > 50 for count in counts)


def test_an_order_nobody_collects_is_undone_in_full(retailer):
    left = retailer.ask("""with gone as (select sale_id from pickups
        where cancelled_at is not null or expired_at is not null)
        select count(distinct gone.sale_id), sum(net) from gone join sales s
        on s.sale_id = gone.sale_id or s.returns_sale_id = gone.sale_id""")
    assert left[0][0] > 100
    assert left[0][1] == 0
