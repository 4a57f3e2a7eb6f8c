import pytest

KEY = (
    "(record_id is not null or loyalty_card is not null or email is not null or phone is not null)"
)


def test_every_record_has_one_true_person_and_no_other_record_is_listed(retailer):
    listed = retailer.ask("select source, record_id from truth_people order by all")
    assert listed == retailer.ask("select source, record_id from people order by all")


def test_every_sale_also_an_anonymous_one_has_a_true_person(retailer):
    listed = retailer.ask("select source, sale_id from truth_sales order by all")
    assert listed == retailer.ask("select distinct source, sale_id from sales order by all")


def test_the_sale_of_a_record_belongs_to_the_person_behind_it(retailer):
    strangers = """select count(*) from sales s join truth_sales t using (source, sale_id)
        join truth_people p on p.source = s.source and p.record_id = s.record_id
        where p.true_person_id <> t.true_person_id"""
    assert retailer.one(strangers) == 0


def test_a_card_is_shown_by_its_owner_or_at_times_by_the_partner(retailer):
    rows = retailer.ask("""select t.true_person_id = p.true_person_id,
        h.household_id = p.household_id, count(*) from sales s
        join truth_sales t using (source, sale_id) join memberships m on m.card = s.loyalty_card
        join truth_people p on p.source = m.source and p.record_id = m.record_id
        join truth_persons h on h.true_person_id = t.true_person_id group by 1, 2""")
    counts = {(own, home): count for own, home, count in rows}
    assert set(counts) == {(True, True), (False, True)}
    assert 0.005 < counts[False, True] / counts[True, True] < 0.15


@pytest.mark.parametrize(
    ("name", "part", "whole"),
    [
        ("sales_identified", KEY, None),
        ("sales_store_identified", f"channel = 'store' and {KEY}", None),
        ("sales_all", "true", None),
        ("coverage_sales", KEY, "true"),
        ("coverage_store_sales_identified", f"channel = 'store' and {KEY}", "channel = 'store'"),
    ],
)
def test_coverage_of_sales_is_what_a_recount_of_the_files_gives(retailer, name, part, whole):
    count = """select count(distinct sale_id) filter ({part}) from sales where quantity > 0"""
    found = retailer.one(count, part=part)
    if whole:
        found = found / retailer.one(count, part=whole)
    assert retailer.truth.effects[name] == pytest.approx(found, abs=1e-12)


def test_coverage_of_revenue_is_what_a_recount_of_the_files_gives(retailer):
    share = retailer.one(
        """select cast(sum(net) filter ({key}) as double) / sum(net)
        from sales where quantity > 0""",
        key=KEY,
    )
    assert retailer.truth.effects["coverage_revenue"] == pytest.approx(share, abs=1e-9)


def test_the_class_of_a_person_is_what_all_her_sales_say(retailer):
    differ = """with c as (select true_person_id, case when bool_or(channel = 'store') then
        case when bool_or(channel not in ('store', 'phone')) then 'both' else 'store_only' end
        when bool_or(channel not in ('store', 'phone')) then 'online_only' end k from sales
        join truth_sales using (source, sale_id) where quantity > 0 and {which} group by 1)
        select count(*) from truth_classes t left join c using (true_person_id)
        where t.{name} is distinct from c.k"""
    recent = "sold_at >= timestamp '2025-01-01'"
    for name, which in {
        "class_all": "true",
        "class_identified": KEY,
        "class_all_12m": recent,
        "class_identified_12m": f"{recent} and {KEY}",
    }.items():
        assert retailer.one(differ, name=name, which=which) == 0, name


def test_class_counts_add_up_to_the_buyers(retailer):
    effects = retailer.truth.effects
    total = sum(effects[f"class_all_{word}"] for word in ("online_only", "store_only", "both"))
    assert total == retailer.one("select count(class_all) from truth_classes")
    assert retailer.one("select count(*) from truth_classes") == 20_000


def test_identified_classes_hide_stores_from_those_without_a_card(retailer):
    effects = retailer.truth.effects
    assert effects["class_identified_online_only"] > effects["class_all_online_only"]
    assert effects["class_identified_store_only"] < effects["class_all_store_only"]


def test_the_effects_file_holds_what_simulate_returned(retailer):
    rows = retailer.ask("select name, value, unit from truth_effects")
    assert {name: value for name, value, _ in rows} == retailer.truth.effects
    assert all(unit for _, _, unit in rows)


def test_about_eight_of_ten_online_buyers_and_three_of_ten_store_buyers_can_be_reached(retailer):
    effects = retailer.truth.effects
    assert effects["reachability_class_all_online_buyers"] == pytest.approx(0.81, abs=0.02)
    assert effects["reachability_class_all_store_only"] == pytest.approx(0.31, abs=0.03)


def test_the_grid_of_stores_adds_up_to_the_sales_of_each_channel(retailer):
    store, online = retailer.ask("""select sum(store_orders), sum(online_orders)
        from truth_store_months""")[0]
    assert store == retailer.truth.effects["sales_store"]
    assert online == retailer.truth.effects["sales_online"]
    rows = retailer.one("select count(*) from truth_store_months")
    assert rows == 12 * 36


def test_a_store_earns_what_its_receipts_say(retailer):
    off = """with r as (select store_id, strftime(sold_at, '%Y-%m') m, sum(net) n from sales
        where channel = 'store' and quantity > 0 group by all)
        select max(abs(t.store_revenue - coalesce(r.n, 0))) from truth_store_months t
        left join r on r.store_id = t.store_id and r.m = t.month"""
    assert retailer.one(off) < 0.005
