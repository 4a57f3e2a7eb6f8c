from stdnum import ean


def test_every_gtin_has_the_right_check_digit_and_its_own_product(retailer):
    found = [row[0] for row in retailer.ask("select gtin from products")]
    assert len(set(found)) == len(found) == 2_400
    assert all(ean.is_valid(code) for code in found)


def test_some_products_are_in_one_channel_only_and_none_in_no_channel(retailer):
    online, store, neither = retailer.ask("""select
        count(*) filter (listed_in_store_since is null),
        count(*) filter (listed_online_since is null),
        count(*) filter (listed_in_store_since is null and listed_online_since is null)
        from products""")[0]
    assert (online > 100, store > 100, neither) == (True, True, 0)


def test_a_category_is_a_path_of_three(retailer):
    assert retailer.ask("""select distinct len(string_split(category, ' > ')) from products""") == [
        (3,)
    ]


def test_cost_leaves_a_margin(retailer):
    low = retailer.one("""select count(*) from products p join sales s using (product_id)
        where s.quantity > 0 and s.discount = 0 and p.cost * s.quantity >= s.net""")
    assert low == 0
