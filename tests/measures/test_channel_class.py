import pytest

from tests.measures.scenario import asked


def classes(shop, engine, **ask):
    """Return (class, band) -> persons."""
    rows = asked("channel_class", shop, engine, **ask).rows
    return {(row["class"], row["band"]): row["persons"] for row in rows}


FOUR = """
    anna   2026-03-01  web    delivered  40.00
    anna   2026-03-02  store  carried    60.00
    bruno  2026-03-02  store  carried    10.00
    bruno  2026-03-09  store  carried    10.00
    carla  2026-03-03  app    delivered  10.00
    dora   2026-03-03  web    delivered  10.00
    dora   2026-03-04  social delivered  10.00
    -      2026-03-04  store  carried    99.00
"""


def test_every_known_buyer_is_in_one_class_and_band(duck):
    assert classes(FOUR, duck) == {
        ("both", "balanced"): 1,
        ("store_only", "store_only"): 1,
        ("online_only", "undetermined"): 1,
        ("online_only", "online_only"): 1,
    }


@pytest.mark.parametrize(
    ("web", "store", "band"),
    [
        pytest.param("95.00", "5.00", "online_led", id="at-the-threshold"),
        pytest.param("94.99", "5.01", "balanced", id="a-cent-below"),
        pytest.param("5.00", "95.00", "store_led", id="mirror-threshold"),
        pytest.param("5.01", "94.99", "balanced", id="mirror-a-cent-below"),
    ],
)
def test_a_band_changes_exactly_at_theta(duck, web, store, band):
    shop = f"""
        anna  2026-03-01  web    delivered  {web}
        anna  2026-03-02  store  carried    {store}
    """
    assert classes(shop, duck) == {("both", band): 1}


def test_a_sale_by_phone_is_not_online(duck):
    shop = """
        anna  2026-03-01  phone  delivered  10.00
        anna  2026-03-02  store  carried    10.00
    """
    assert classes(shop, duck) == {("store_only", "store_only"): 1}


def test_click_and_collect_is_online_by_demand_and_store_by_fulfilment(duck):
    shop = """
        anna  2026-03-01  web    collected  10.00
        anna  2026-03-02  store  carried    10.00
    """
    assert classes(shop, duck) == {("both", "balanced"): 1}
    assert classes(shop, duck, view="fulfilment") == {("store_only", "store_only"): 1}
