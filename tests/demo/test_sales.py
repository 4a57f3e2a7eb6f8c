import pytest


def test_gross_less_discount_is_net_plus_vat_to_the_cent(retailer):
    assert retailer.one("select count(*) from sales where gross - discount <> net + vat") == 0


def test_vat_is_the_rate_of_the_product_within_half_a_cent(retailer):
    # net is off by half a cent at most, so 100 VAT - rate x net by (100 + rate) / 2 cents
    off = """select count(*) from sales where
        least(abs(vat * 100 - net * 22) - 0.61, abs(vat * 100 - net * 10) - 0.55,
        abs(vat * 100 - net * 4) - 0.52) > 0"""
    assert retailer.one(off) == 0


def test_every_amount_has_the_sign_of_the_quantity(retailer):
    wrong = "select count(*) from sales where {column} * quantity < 0"
    for column in ("gross", "discount", "net", "vat"):
        assert retailer.one(wrong, column=column) == 0


def test_a_return_is_never_more_than_its_sale_and_mirrors_its_lines(retailer):
    lost = """with back as (select returns_sale_id s, product_id, sum(net) n, sum(quantity) q
        from sales where quantity < 0 group by all),
        sold as (select sale_id s, product_id, sum(net) n, sum(quantity) q
        from sales where quantity > 0 group by all)
        select count(*) from back left join sold using (s, product_id)
        where sold.n is null or back.n + sold.n < 0 or back.q + sold.q < 0"""
    assert retailer.one(lost) == 0


def test_a_return_comes_after_its_sale(retailer):
    early = """select count(*) from sales b join (select sale_id, min(sold_at) sold from sales
        group by 1) s on b.returns_sale_id = s.sale_id where b.sold_at < s.sold"""
    assert retailer.one(early) == 0


def test_only_returns_have_negative_quantities(retailer):
    wrong = "select count(*) from sales where (quantity < 0) <> (returns_sale_id is not null)"
    assert retailer.one(wrong) == 0
    assert retailer.one("select count(*) from sales where quantity = 0") == 0


def test_a_sale_has_one_channel_one_moment_one_store_and_lines_from_one_on(retailer):
    split = """select count(*) from (select sale_id from sales group by 1 having
        count(distinct channel) > 1 or count(distinct sold_at) > 1 or
        count(distinct coalesce(store_id, '-')) > 1 or count(distinct source) > 1 or
        min(line_no) <> 1 or max(line_no) <> count(*))"""
    assert retailer.one(split) == 0


def test_a_store_sale_has_a_store_that_is_open(retailer):
    wrong = """select count(*) from sales left join stores using (store_id)
        where channel = 'store' and (opened_on is null or sold_at::date < opened_on)"""
    assert retailer.one(wrong) == 0


def test_stores_sell_between_nine_and_eight_and_never_at_christmas(retailer):
    wrong = """select count(*) from sales where channel = 'store' and (hour(sold_at) not between 9
        and 20 or strftime(sold_at, '%m-%d') in ('12-25', '12-26', '01-01', '05-01', '08-15'))"""
    assert retailer.one(wrong) == 0


@pytest.mark.parametrize(
    ("table", "column"),
    [("sales", "sold_at"), ("touches", "at"), ("people", "created_at"), ("consents", "at"),
     ("pickups", "promised_at"), ("pickups", "cancelled_at"), ("points", "at")],
)  # fmt: skip
def test_no_local_time_is_skipped_or_repeated_by_the_clock_change(retailer, table, column):
    night = 'select count(*) from {table} where hour("{column}") = 2'
    assert retailer.one(night, table=table, column=column) == 0


def test_a_product_is_sold_only_where_and_since_it_is_listed(retailer):
    wrong = """select count(*) from sales join products using (product_id) where quantity > 0 and
        coalesce(case when channel = 'store' then listed_in_store_since
        else listed_online_since end, date '9999-01-01') > sold_at::date"""
    assert retailer.one(wrong) == 0


def test_online_orders_always_name_a_record(retailer):
    wrong = """select count(*) from sales where source = 'shop' and quantity > 0
        and record_id is null"""
    assert retailer.one(wrong) == 0
    assert retailer.one("select count(*) from sales where channel = 'marketplace'") > 0
    assert retailer.one("select count(*) from sales where channel = 'phone'") > 0


def test_about_two_of_five_store_receipts_have_no_key_at_all(retailer):
    share = retailer.one("""select avg((record_id is null and loyalty_card is null and email is null
        and phone is null and payment_token is null)::int) from sales
        where channel = 'store' and quantity > 0 and line_no = 1""")
    assert 0.35 < share < 0.45


def test_some_online_orders_come_back_to_a_store(retailer):
    across = retailer.one("""select count(*) from sales b where channel = 'store'
        and returns_sale_id like 'W%' and store_id is not null""")
    assert across > 100


def test_saldi_are_deeper_than_other_weeks(retailer):
    cut = dict(
        retailer.ask("""select month(sold_at), sum(discount) / sum(gross) from sales
        where quantity > 0 group by 1""")
    )
    assert min(cut[1], cut[7]) > 2 * max(cut[4], cut[10])


def test_december_is_the_best_month_and_saturday_the_best_day_in_store(retailer):
    month = retailer.ask("""select month(sold_at) from sales where channel = 'store'
        and quantity > 0 group by 1 order by count(*) desc limit 1""")
    day = retailer.ask("""select isodow(sold_at) from sales where channel = 'store'
        and quantity > 0 group by 1 order by count(*) desc limit 1""")
    assert (month, day) == ([(12,)], [(6,)])


def test_a_tenth_of_buyers_brings_a_third_of_revenue_or_more(retailer):
    share = retailer.one("""with v as (select true_person_id p, sum(net) v from sales
        join truth_sales using (sale_id) group by 1), r as (select v, ntile(10) over (order by v
        desc) d from v) select sum(v) filter (d = 1) / sum(v) from r""")
    assert share > 1 / 3
