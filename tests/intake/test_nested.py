"""Reading in documents that may be anything, and adding up what they tell."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.intake.nested import at, first, snake, text, things
from tuttuno.intake.sums import NoAmount, amount, spread, without_tax, worked_out

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


def test_whatever_stands_where_a_line_should_be_is_one():
    lines = {"lines": [{"id": "1"}, None, "x", ["y"]], "one": {"id": "2"}, "text": "z"}
    assert things(lines, "lines") == [{"id": "1"}, {}, {}, {}]
    assert things(lines, "one") == [{"id": "2"}]
    assert things(lines, "text") == [{}]
    assert things(lines, "none") == []


@pytest.mark.parametrize(
    ("path", "found"),
    [(("a", 0, "b"), "1"), (("a", -1, "b"), "2"), (("a", 9), None), (("a", "b"), None),
     (("flag",), "true"), (("blank",), None), (("a",), None), (("flag", "x"), None)],
)  # fmt: skip
def test_a_text_is_found_by_its_path_or_not_at_all(path, found):
    assert text({"a": [{"b": "1"}, {"b": " 2 "}], "flag": True, "blank": " "}, *path) == found


def test_names_of_graphql_become_those_of_rest():
    told = {"createdAt": "x", "lineItems": {"edges": [{"node": {"originalUnitPriceSet": {}}}, {}]},
            "fulfillments": {"nodes": [{"displayStatus": "y"}]}, "sku": "z"}  # fmt: skip
    assert snake(told) == {
        "created_at": "x",
        "line_items": [{"original_unit_price_set": {}}, None],
        "fulfillments": [{"display_status": "y"}],
        "sku": "z",
    }


def test_what_is_deeper_than_any_document_is_left_out():
    deep: object = "bottom"
    for _ in range(500):
        deep = {"a": [deep]}
    assert at(snake(deep), *["a", 0] * 13) is None


@given(ANYTHING, st.lists(st.text(max_size=3) | st.integers(-3, 3), max_size=4))
def test_no_document_can_break_the_reading(value, path):
    assert isinstance(text(value, *path), str | None)
    assert all(isinstance(each, dict) for each in things(value, *path))
    snake(value)


def test_the_first_text_that_is_there_is_taken():
    assert (first(None, "", "a", "b"), first(None)) == ("a", None)


@pytest.mark.parametrize("told", ["1e3", "12,50", "NaN", "", " ", None, "9" * 13, "١٢", "0x1"])
def test_what_is_no_plain_amount_is_none(told):
    with pytest.raises(NoAmount) as caught:
        amount(told)
    shown = worked_out(lambda: {"net": amount(told)}, "net")
    assert shown == {"net": caught.value.text}


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_what_is_spread_adds_up_to_the_cent(whole, over):
    parts = spread(Decimal(whole) / 100, [Decimal(each) / 100 for each in over])
    assert sum(parts) == Decimal(whole) / 100


@given(st.integers(1, 10**9), st.integers(0, 100))
def test_net_and_tax_add_up_to_what_was_paid(paid, percent):
    price = Decimal(paid) / 100
    tax = price - price / (1 + Decimal(percent) / 100)
    found = without_tax(price, price, tax, included=True)
    assert found["net"] + found["vat"] == price
    assert found["discount"] == 0
