"""Who can be contacted again: the funnel, the unknown behind receipts, the parts of the gap."""

import itertools
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measures.scenario import Shop, asked
from tuttuno.measures.reachability import STEPS, decomposed
from tuttuno.measures.unseen import unseen

SALES = """
    web1   2026-01-05 web   - 30.00
    web2   2026-01-05 web   - 10.00
    till1  2026-01-06 store - 40.00
    till2  2026-01-06 store - 20.00
    till2  2026-02-06 store - 20.00
    till3  2026-01-06 store - 20.00
    till4  2026-01-06 store - 20.00
    twin   2026-01-07 store - 50.00
    twin   2026-01-08 web   - 50.00
    -      2026-01-09 store - 80.00
    -      2026-01-09 store - 10.00
    -      2026-01-09 store - -5.00
"""
REACH = {
    "web1": "email=yes", "web2": "email=yes phone", "till1": "-", "till2": "email=no",
    "till3": "email=yes barred", "twin": "post=yes",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(duck):
    return asked("reachability", Shop(SALES, contacts=REACH), duck)


def column(found, buyer, name):
    return [row[name] for row in found.rows if row["buyer"] == buyer]


def test_each_step_keeps_those_who_pass_it(found):
    assert column(found, "online_only", "persons") == [2, 2, 2, 2, 2, 2]
    assert column(found, "both", "persons") == [1, 1, 1, 1, 1, 1]
    # four known, and 3 * 2 / (2 * 2) = 1.5 estimated behind the anonymous receipts
    assert column(found, "store_only", "persons") == [6, 4, 3, 2, 1, 0]
    rates = [round(rate, 6) for rate in column(found, "store_only", "rate")]
    assert rates == [1.0, *(round(n / 5.5, 6) for n in (4, 3, 2, 1, 0))]


def test_rates_of_sales_and_revenue_need_no_guess(found):
    sales = column(found, "store_only", "sales_rate")
    assert sales == pytest.approx([1, 5 / 7, 4 / 7, 3 / 7, 1 / 7, 0])
    revenue = column(found, "store_only", "revenue_rate")
    assert revenue == pytest.approx([1, 120 / 205, 100 / 205, 60 / 205, 20 / 205, 0])


def test_bounds_hold_whoever_the_unknown_are(found):
    (row,) = (r for r in found.rows if (r["buyer"], r["step"]) == ("store_only", "identified"))
    assert row["low"] < 4 / 6 < row["estimated_high"] <= row["high"] == 1.0
    assert row["low"] <= row["estimated_low"] < row["rate"]


def test_losses_and_parts_of_the_gap_add_up(found):
    lost = column(found, "store_only", "lost")[1:]
    ends = [column(found, kind, "rate")[-1] for kind in ("online_only", "store_only")]
    assert sum(lost) == pytest.approx(1 - ends[1])
    assert sum(column(found, "store_only", "gap")[1:]) == pytest.approx(ends[0] - ends[1])
    assert set(column(found, "online_only", "gap")) == {None}


def test_the_unknown_are_told_in_a_note(found):
    assert found.notes[1].startswith(
        "2 sales without a known buyer are of 0 to 2 further people who buy in stores; "
        "capture and recapture puts them at 2"
    )


def test_a_kind_without_buyers_has_steps_and_no_rate(duck):
    found = asked("reachability", "anna 2026-01-05 web - 10.00", duck)
    assert column(found, "both", "persons") == [0] * len(STEPS)
    assert set(column(found, "both", "rate")) == {None}
    assert set(column(found, "store_only", "gap")) == {None}
    assert column(found, "online_only", "rate") == [1, 1, 0, 0, 0, 0]


def test_a_split_says_the_same_of_each_part(duck):
    places = {"web1": {"province": "MI"}, "till2": {"province": "MI"}, "till1": {"province": "BO"}}
    shop = Shop(SALES, people=places, contacts=REACH)
    found = asked("reachability", shop, duck, by=("province",))
    own = [row for row in found.rows if (row["province"], row["buyer"]) == ("MI", "store_only")]
    assert [row["persons"] for row in own] == [1, 1, 1, 1, 0, 0]
    assert [row["province"] for row in found.rows][:: 3 * len(STEPS)] == ["BO", "MI", None]


funnels = st.lists(st.floats(0.01, 1), min_size=5, max_size=5)


@given(funnels, funnels)
def test_a_step_gets_its_mean_over_all_orders_of_change(first, other):
    ours, theirs = ([prod(kept[:n]) for n in range(6)] for kept in (first, other))
    means = [0.0] * 5
    orders = list(itertools.permutations(range(5)))
    for order in orders:
        now = list(other)
        for step in order:
            before = prod(now)
            now[step] = first[step]
            means[step] += (prod(now) - before) / len(orders)
    assert decomposed(ours, theirs) == pytest.approx(means, abs=1e-9)


def test_unseen_persons_are_those_of_the_published_formula():
    """Chao's own example of cottontails has f1 = 43, f2 = 16: bias-corrected 53.1 unseen."""
    assert unseen(43, 16, most=10_000).persons == pytest.approx(43 * 42 / 34)


def test_nobody_is_unseen_where_every_sale_has_a_buyer():
    assert unseen(43, 16, most=0).persons == 0


def test_an_estimate_of_people_is_said_to_be_the_least(duck):
    sales = "".join(f"p{n} 2025-05-0{1 + n % 9} store - 5.00\n" for n in range(12))
    nobody = "- 2025-05-10 store - 5.00\n"
    with_them, without = (asked("reachability", text, duck) for text in (sales + nobody, sales))
    assert any("the truth lies between the bounds" in note for note in with_them.notes)
    assert not any("the truth lies between the bounds" in note for note in without.notes)
