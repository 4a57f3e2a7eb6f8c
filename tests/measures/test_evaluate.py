"""From an ask to an answer: days, splits, filters, coverage, notes, JSON."""

import re
from datetime import date

import pytest

from tests.measures.scenario import Shop, asked
from tuttuno.errors import BadInput, Unknown
from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES, measure
from tuttuno.measures.dimensions import dimension
from tuttuno.measures.evaluate import window
from tuttuno.measures.known_words import MOST_NAMED, NoSuchWord

SALES = """
    anna   2025-03-15  store  carried    10.00  store=S1 product=shoe
    anna   2026-03-01  web    delivered  20.00  product=shoe
    bruno  2026-03-10  store  carried    30.00  store=S2 product=hat
    -      2026-03-14  store  carried    40.00  store=S1 product=hat
"""
SHOP = Shop(
    SALES,
    people={"anna": {"province": "MI", "birth_year": 1980}},
    products={
        "shoe": {"brand": "Bora", "category": "women > shoes"},
        "hat": {"brand": "Cima", "category": "women > hats > wool"},
    },
    stores={"S1": {"brand": "Duomo", "province": "MI"}, "S2": {"province": "TO"}},
)


def revenue(duck, *, shop=SHOP, by=(), **ask):
    rows = asked("coverage", shop, duck, by=by, **ask).rows
    return {tuple(row[name] for name in by): row["revenue"] for row in rows}


def test_the_default_window_is_the_year_to_the_last_sale(duck):
    answer = asked("coverage", SHOP, duck, all_time=False)
    assert (answer.window.since, answer.window.until) == (date(2025, 3, 15), date(2026, 3, 15))
    assert answer.rows[0]["revenue"] == 100.0


@pytest.mark.parametrize(
    ("ask", "since", "until"),
    [
        pytest.param(Ask(), "2025-02-11", "2026-02-11", id="twelve-months"),
        pytest.param(Ask(all_time=True), "2020-05-06", "2026-02-11", id="all-time"),
        pytest.param(Ask(until=date(2024, 2, 29)), "2023-03-01", "2024-02-29", id="leap-day"),
        pytest.param(Ask(since=date(2026, 1, 1)), "2026-01-01", "2026-02-11", id="open-end"),
        pytest.param(Ask(since=date(2026, 5, 1)), "2026-05-01", "2026-05-02", id="in-the-future"),
    ],
)
def test_a_window_has_two_ends(ask, since, until):
    found = window(ask, date(2020, 5, 6), date(2026, 2, 10))
    assert tuple(map(str, found)) == (since, until)


def test_the_first_day_counts_and_the_last_does_not(duck):
    assert revenue(duck, since=date(2026, 3, 1), until=date(2026, 3, 10)) == {(): 20.0}


def test_no_sale_in_the_window_is_zero_with_an_unknown_share(duck):
    answer = asked("coverage", SHOP, duck, since=date(2025, 6, 1), until=date(2025, 7, 1))
    assert dict(answer.rows[0]) == {
        "identified_sales": None, "identified_revenue": None, "sales": 0, "revenue": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("month", {"2025-03": 10.0, "2026-03": 90.0}),
        ("quarter", {"2025-Q1": 10.0, "2026-Q1": 90.0}),
        ("year", {"2025": 10.0, "2026": 90.0}),
        ("channel", {"store": 80.0, "web": 20.0}),
        ("side", {"store": 80.0, "online": 20.0}),
        ("handover", {"carried": 80.0, "delivered": 20.0}),
        ("currency", {"EUR": 100.0}),
        ("store", {"S1": 50.0, "S2": 30.0, None: 20.0}),
        ("banner", {"Duomo": 50.0, None: 50.0}),
        ("store_province", {"MI": 50.0, "TO": 30.0, None: 20.0}),
        ("province", {"MI": 30.0, None: 70.0}),
        ("age_band", {"45-54": 30.0, None: 70.0}),
        ("brand", {"Bora": 30.0, "Cima": 70.0}),
        ("category", {"women > shoes": 30.0, "women > hats > wool": 70.0}),
        ("department", {"women": 100.0}),
        ("product", {"shoe": 30.0, "hat": 70.0}),
    ],
)
def test_every_split_adds_up(duck, by, expected):
    assert revenue(duck, by=(by,)) == {(key,): value for key, value in expected.items()}


def test_two_splits_are_laid_over_each_other(duck):
    found = revenue(duck, by=("brand", "store"))
    assert found == {
        ("Bora", "S1"): 10.0, ("Bora", None): 20.0, ("Cima", "S1"): 40.0, ("Cima", "S2"): 30.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        pytest.param((("store", "S1"),), 50.0, id="one-value"),
        pytest.param((("store", "S1"), ("store", "S2")), 80.0, id="one-or-the-other"),
        pytest.param((("store", "S1"), ("brand", "Bora")), 10.0, id="one-and-the-other"),
        pytest.param((("store", ""),), 20.0, id="unknown"),
        pytest.param((("store", ""), ("store", "S2")), 50.0, id="unknown-or-a-value"),
        pytest.param((("category", "women > hats"),), 70.0, id="a-branch-of-the-tree"),
        pytest.param((("gender", "other"),), 0.0, id="a-word-that-nobody-has-yet"),
        pytest.param((("province", "MI"),), 30.0, id="of-the-buyer"),
        pytest.param((("store-province", "MI"),), 50.0, id="spelt-with-a-dash"),
        pytest.param((("member", "no"),), 60.0, id="a-flag-of-known-buyers"),
    ],
)
def test_filters_choose_sales(duck, where, expected):
    assert revenue(duck, where=where) == {(): expected}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        pytest.param(("channel", "shop"), "known: store, web, app, ", id="closed"),
        pytest.param(("channel", "stroe"), "did you mean 'store'", id="a-slip"),
        pytest.param(("store", "S9"), "no store is called 'S9'; known: S1, S2", id="a-store"),
        pytest.param(("category", "women > hat"), "no category is", id="half-a-word-is-no-branch"),
        pytest.param(("province", "Milano"), "known: MI", id="of-the-buyer"),
        pytest.param(("month", "2026-02"), "no month is called '2026-02'", id="a-month"),
    ],
)
def test_a_filter_on_a_word_that_nothing_has_names_those_there_are(duck, where, said):
    with pytest.raises(Unknown, match=re.escape(said)):
        revenue(duck, where=(where, ("store", "S1")))


def test_a_store_without_a_sale_can_be_asked_for(duck):
    shop = Shop(SALES, stores={**SHOP.stores, "S3": {}})
    assert revenue(duck, shop=shop, where=(("store", "S3"),)) == {(): 0.0}


def test_of_many_words_some_are_named_and_the_rest_counted():
    known = [f"P{number:05}" for number in range(1000)]
    told = NoSuchWord(dimension("product"), "shirt", known)
    assert told.hint.startswith("known: P00000, P00001, ")
    assert told.hint.endswith(f" and {1000 - MOST_NAMED} more")
    assert NoSuchWord(dimension("product"), "shirt", []).hint == "there is none yet"


def test_a_receipt_of_two_brands_is_an_order_of_each(duck):
    shop = Shop(
        """
        x 2026-03-01 store - 5.00 sale=r product=shoe
        x 2026-03-01 store - 7.00 sale=r product=hat
        """,
        products=SHOP.products,
    )
    rows = asked("coverage", shop, duck, by=("brand",)).rows
    assert [(row["brand"], row["sales"], row["revenue"]) for row in rows] == [
        ("Bora", 1, 5.0), ("Cima", 1, 7.0),
    ]  # fmt: skip


def test_a_return_of_a_brand_is_taken_from_the_channel_that_sold_it(duck):
    shop = Shop(
        """
        x 2026-03-01 web   -   5.00 sale=o product=shoe
        x 2026-03-05 store -  -5.00 sale=r product=shoe returns=o
        x 2026-03-05 store -   7.00 sale=r product=hat
        """,
        products=SHOP.products,
    )
    assert revenue(duck, shop=shop, by=("brand", "channel")) == {
        ("Bora", "web"): 0.0, ("Cima", "store"): 7.0,
    }  # fmt: skip


def test_coverage_travels_with_every_answer(duck):
    coverage = asked("channel_class", SHOP, duck, where=(("store", "S1"),)).coverage
    assert (coverage.identified_sales, coverage.identified_revenue) == (0.5, 0.2)


def test_coverage_leaves_out_filters_that_only_known_buyers_pass(duck):
    answer = asked("channel_class", SHOP, duck, where=(("province", "MI"),))
    assert answer.coverage.identified_sales == 0.75
    assert any("without the filter on province" in note for note in answer.notes)


def test_two_currencies_are_named_unless_split_or_chosen(duck):
    shop = "x 2026-03-01 web - 5.00\nx 2026-03-01 web - 5.00 currency=CHF"
    assert any("currency" in note for note in asked("coverage", shop, duck).notes)
    assert asked("coverage", shop, duck, by=("currency",)).notes == ()
    assert asked("coverage", shop, duck, where=(("currency", "CHF"),)).notes == ()


def test_an_unknown_dimension_is_answered_with_the_nearest(duck):
    with pytest.raises(Unknown, match="did you mean 'province'"):
        asked("coverage", SHOP, duck, by=("provinces",))


def test_a_measure_refuses_a_split_that_would_say_nothing(duck):
    with pytest.raises(BadInput, match="cannot be split by channel; it can by month"):
        asked("channel_class", SHOP, duck, by=("channel",))


def test_an_unknown_measure_is_answered_with_the_nearest():
    with pytest.raises(Unknown, match="did you mean 'returns'"):
        measure("return")


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param({"view": "sideways"}, id="view"),
        pytest.param({"all_time": True, "since": date(2026, 1, 1)}, id="all-time-from"),
        pytest.param({"since": date(2026, 1, 1), "until": date(2026, 1, 1)}, id="no-day"),
        pytest.param({"by": ("store", "store")}, id="twice"),
    ],
)
def test_an_ask_that_contradicts_itself_is_refused(ask):
    with pytest.raises(BadInput):
        Ask(**ask)


@pytest.mark.parametrize("name", MEASURES)
def test_a_shop_without_a_sale_has_answers_without_rows(duck, name):
    answer = asked(name, "", duck, all_time=False)
    assert (answer.rows, answer.window.since, answer.coverage.identified_sales) == ((), None, None)


@pytest.mark.parametrize("name", MEASURES)
def test_every_answer_survives_json_and_arrow(duck, name):
    answer = asked(name, SHOP, duck)
    assert Answer.from_json(answer.to_json()) == answer
    assert answer.to_arrow().num_rows == len(answer.rows)
    assert answer.to_arrow().column_names == [column.name for column in answer.columns]


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_can_be_split_and_restricted(duck, name):
    answer = asked(name, SHOP, duck, by=("province", "brand"), where=(("store", "S1"),))
    assert [column.name for column in answer.columns[:2]] == ["province", "brand"]


def test_the_json_shape_is_the_promised_one(duck):
    shape = asked("coverage", SHOP, duck, by=("year",)).as_dict(release=3)
    assert list(shape) == [
        "measure", "label", "unit", "release", "window", "coverage", "by", "rows", "notes",
    ]  # fmt: skip
    assert shape["window"] == {"since": "2025-03-15", "until": "2026-03-15"}
    assert shape["by"] == ["year"]


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_says_what_it_is_and_what_nothing_looks_like(name):
    one = MEASURES[name]
    assert all((one.label, one.denominator, one.source))
    assert any(word in one.definition.lower() for word in ("null", "unknown", "no row"))
