def test_twelve_stores_serve_twenty_thousand_people(retailer):
    assert retailer.one("select count(*) from stores") == 12


def test_two_stores_open_inside_the_window(retailer):
    assert retailer.one("select count(*) from stores where opened_on >= '2023-01-01'") == 2


def test_click_and_collect_comes_in_stages_and_to_some_stores_never(retailer):
    stages, never = retailer.ask("""select count(distinct collect_since),
        count(*) filter (collect_since is null) from stores""")[0]
    assert (stages, never) == (4, 5)


def test_a_post_code_belongs_to_its_city_as_every_customer_writes_it(retailer):
    lost = """select count(*) from people p where city is not null and not exists
        (select 1 from stores s where s.city = p.city and s.province = p.province
         and left(s.postal_code, 2) = left(p.postal_code, 2))"""
    assert retailer.one(lost) == 0
