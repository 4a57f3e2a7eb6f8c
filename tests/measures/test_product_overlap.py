"""What sells, and what one buyer buys, on both sides."""

from datetime import date

import numpy as np
import pytest

from tests.measures.scenario import Shop, asked

SALES = """
    anna   2026-01-01  store  -  10.00  product=shoe
    anna   2026-01-05  web    -  10.00  product=shoe
    anna   2026-01-06  web    -  10.00  product=hat
    anna   2026-01-07  store  -  10.00  product=scarf
    bruno  2026-01-05  web    -  40.00  product=shoe
    bruno  2026-01-09  store  -  20.00  product=boot
    -      2026-01-09  store  -  20.00  product=glove
"""
PRODUCTS = {
    "shoe": {"brand": "A", "category": "feet"},
    "boot": {"brand": "A", "category": "feet"},
    "hat": {"brand": "B", "category": "head"},
    "scarf": {"brand": "B", "category": "neck"},
    "glove": {"brand": None, "category": None},
}
SHOP = Shop(SALES, products=PRODUCTS)


def overlap(engine, level="product", shop=SHOP, **ask):
    rows = asked("product_overlap", shop, engine, **ask).rows
    return next(row for row in rows if row["level"] == level)


def test_what_is_sold_on_which_side_anonymous_sales_included(duck):
    row = overlap(duck)
    assert (row["in_both"], row["online_only"], row["store_only"]) == (1, 1, 3)
    assert (row["jaccard"], row["overlap"]) == (0.2, 0.5)


def test_revenue_shares_are_compared_product_by_product(duck):
    # online: shoe 5/6, hat 1/6; store: shoe, scarf 1/6 each, boot, glove 1/3 each
    assert overlap(duck)["jaccard_weighted"] == pytest.approx((1 / 6) / (2 - 1 / 6))


def test_a_buyer_on_both_sides_is_compared_with_chance(duck):
    # anna: 4 lines, 2 online, shoe twice: 2/3; bruno has no product twice
    row = overlap(duck)
    assert (row["persons"], row["bought_in_both"]) == (2, 1)
    assert row["expected"] == pytest.approx(2 / 3)
    assert row["ratio_to_chance"] == pytest.approx(1.5)
    spread = (2 / 3 * 1 / 3) ** 0.5
    assert row["z"] == pytest.approx((1 / 3) / spread)
    assert row["high"] == pytest.approx((1 + 1.959963984540054 * spread) / (2 / 3))


def test_brands_gather_products_and_unknown_brands_are_left_out(duck):
    row = overlap(duck, "brand")
    assert (row["in_both"], row["online_only"], row["store_only"]) == (2, 0, 0)
    # anna: A twice, B twice of 4 lines, 2 online; bruno: A twice of 2 lines, 1 online
    assert row["expected"] == pytest.approx(2 / 3 + 2 / 3 + 1)
    assert row["bought_in_both"] == 3
    assert row["jaccard_customer"] == 1.0


def test_the_mean_buyer_has_a_third_of_her_things_in_both(duck):
    row = overlap(duck)
    assert row["jaccard_customer"] == pytest.approx((1 / 3 + 0) / 2)
    assert row["jaccard_customer_weighted"] == pytest.approx((40 * 1 / 3) / 100)


def test_the_order_of_the_channels_is_told(duck):
    row = overlap(duck)
    assert (row["after_store"], row["after_online"]) == (pytest.approx(1 / 3), 0.0)
    assert overlap(duck, "category")["after_online"] == pytest.approx(1 / 3)


LISTED = {**PRODUCTS, "shoe": {**PRODUCTS["shoe"], "listed_in_store_since": date(2026, 2, 1)}}


def test_what_is_not_listed_on_a_side_is_not_compared_with_chance(duck):
    shop = Shop(SALES, products=LISTED)
    row = overlap(duck, shop=shop)
    assert (row["in_both"], row["bought_in_both"], row["persons"]) == (1, 0, 1)
    assert row["jaccard_listed"] == 0.0
    answer = asked("product_overlap", shop, duck)
    assert any("1 of 5 products were not listed" in note for note in answer.notes)


def test_one_side_alone_is_nothing_to_compare(duck):
    row = overlap(duck, shop=Shop("x 2026-01-01 web - 5.00", products=PRODUCTS))
    assert (row["ratio_to_chance"], row["low"], row["z"], row["persons"]) == (None, None, None, 0)
    assert (row["jaccard"], row["overlap"], row["jaccard_weighted"]) == (0.0, None, None)


def test_two_different_ranges_are_not_alike_at_all(duck):
    sales = "x 2026-01-01 web - 5.00 product=hat\ny 2026-01-01 store - 5.00 product=shoe"
    assert overlap(duck, shop=Shop(sales, products=PRODUCTS))["jaccard_weighted"] == 0.0


def worlds(rng, count, *, apart):
    """Each source is a world of its own: 40 buyers, 12 lines, five of them online.

    Lines get their side at random, save that a share `apart` of the online ones of products
    of odd number is bought in the store after all.
    """
    rows = []
    for world in range(count):
        for buyer in range(40):
            things = rng.integers(0, 15, 12)
            online = np.zeros(12, bool)
            online[rng.permutation(12)[:5]] = True
            online &= ~((things % 2 == 1) & (rng.random(12) < apart))
            for line, (thing, is_online) in enumerate(zip(things, online, strict=True)):
                rows.append((world, buyer, line, int(thing), bool(is_online)))
    return rows


def z_values(engine, rows):
    text = "\n".join(
        f"w{world}b{buyer} 2026-01-{line + 1:02d} {'web' if online else 'store'} - 5.00 "
        f"source=w{world} product=p{thing}"
        for world, buyer, line, thing, online in rows
    )
    found = asked("product_overlap", Shop(text), engine, by=("source",)).rows
    return np.array([row["z"] for row in found if row["level"] == "product"])


@pytest.mark.slow
def test_chance_is_rejected_as_often_as_promised_and_separation_is_seen(duck):
    rng = np.random.default_rng(19)
    z = z_values(duck, worlds(rng, 400, apart=0.0))
    assert 0.03 <= np.mean(np.abs(z) > 1.96) <= 0.07
    assert abs(z.mean()) < 0.15
    assert z.std() == pytest.approx(1, abs=0.1)
    apart = z_values(duck, worlds(rng, 50, apart=1.0))
    assert apart.mean() < -1
