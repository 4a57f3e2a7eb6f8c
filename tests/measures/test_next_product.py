"""What buyers buy next: nearness by hand, lists that are tried on what came, honest baselines."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measures.scenario import Shop, asked
from tuttuno.measures.suggesting.again import Had, chances, fit_again, intervals, waits
from tuttuno.measures.suggesting.lists import EMPTY, bought_from, filled, ranked
from tuttuno.measures.suggesting.neighbours import MOST_THINGS, Taste, held, nearest
from tuttuno.measures.suggesting.trial import tried_again

SIDES = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=8)


def table(rows):
    rows = np.array(rows)
    return held(*np.nonzero(rows), shape=rows.shape)


@given(SIDES, SIDES, st.integers(1, 3))
def test_nearness_is_the_shrunk_cosine_of_who_bought(left, right, least):
    size = min(len(left), len(right))
    had, bought = np.array(left[:size]), np.array(right[:size])
    near = nearest(table(had), table(bought), Taste(shrunk=2.0, least=least, most=9))
    both = had.T.astype(int) @ bought
    below = np.sqrt(np.outer(had.sum(0), bought.sum(0))) + 2.0
    expected = np.where((both >= least) & ~np.eye(4, dtype=bool), both / below, 0.0)
    assert near.scores.toarray() == pytest.approx(expected)
    assert (near.persons.toarray() == both * (expected > 0)).all()


def test_the_nearest_are_kept_and_of_equals_the_earlier():
    things = table([[1, 1, 1, 1], [1, 1, 1, 1], [1, 0, 0, 1]])
    near = nearest(things, things, Taste(shrunk=0.0, least=1, most=2))
    assert [list(row.nonzero()[0]) for row in near.scores.toarray()] == [[1, 3], [0, 2], [0, 1],
                                                                         [0, 1]]  # fmt: skip


def test_who_buys_for_others_says_nothing_of_a_household():
    wholesaler = np.ones((1, MOST_THINGS + 1), bool)
    household = np.zeros_like(wholesaler)
    household[0, [0, 1]] = True
    both = table(np.concatenate([wholesaler, household]))
    assert nearest(both, both, Taste(shrunk=0.0, least=1, most=3)).persons.sum() == 2


def test_a_list_is_filled_with_what_most_people_buy_and_she_has_not():
    lists = ranked(np.array([0, 0, 1]), np.array([3, 2, 4]), np.array([0.1, 0.9, 0.5]),
                   shape=(3, 3))  # fmt: skip
    assert lists.tolist() == [[2, 3, EMPTY], [4, EMPTY, EMPTY], [EMPTY] * 3]
    had = table([[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 0]])
    full = filled(lists, np.array([0, 1, 2]), had)
    assert full.tolist() == [[2, 3, 1], [4, 0, 1], [EMPTY] * 3]
    assert bought_from(full, table([[0, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1]])) == 2


def bought_anew(persons=3_000, seed=4):
    """Two things: bread every ten days, shoes every hundred; days seen from 0 to 400."""
    draw = np.random.default_rng(seed)
    rows, later = [], []
    for person in range(persons):
        for thing, every in enumerate((10.0, 100.0)):
            days, day = [], draw.uniform(0, 100)
            while day < 450:
                days.append(day)
                day += draw.exponential(every)
            seen = [int(day) for day in days if day < 400]
            rows.append((person, thing, len(seen), seen[0], seen[-1]))
            later.append(any(day >= 400 for day in days))
    return Had(*np.array(rows).T), np.array(later)


def test_each_thing_has_its_own_time_until_it_is_bought_again():
    had, _ = bought_anew()
    for thing, every in enumerate(intervals(had, things=2)):
        own = (had.thing == thing) & (had.times > 1)
        seen = (had.last - had.first)[own].sum() / (had.times - 1)[own].sum()
        assert every == pytest.approx(seen, rel=0.05)
    # Gaps that the end cuts off are not seen: waiting counts them.
    assert waits(had, things=2, until=400) == pytest.approx([10, 100], rel=0.15)


def test_whose_turn_it_is_again_is_foreseen():
    had, later = bought_anew()
    every = waits(had, things=2, until=400)
    model = fit_again(had, every, until=400)
    foreseen = chances(model, had, every, until=400, ahead=50)
    for thing in (0, 1):
        own = had.thing == thing
        assert foreseen[own].mean() == pytest.approx(later[own].mean(), abs=0.05)


def shop(pairs=40, cut=date(2025, 11, 1)):
    """Who has tea in a store buys a pot online in the last months; salt is everybody's."""
    lines, products = [], {}
    for nth in range(pairs):
        early = cut - timedelta(days=60 + nth)
        late = cut + timedelta(days=nth % 20)
        # Half bought both long ago: that is where the list can know it from.
        pot = late if nth % 2 else early
        lines += [
            f"p{nth} {early} store - 5.00 product=tea",
            f"p{nth} {pot} web - 9.00 product=pot",
            f"q{nth} {early} store - 1.00 product=salt",
            f"q{nth} {late} store - 1.00 product=salt",
            f"q{nth} {late} web - 2.00 product=pepper",
            f"r{nth} {early} web - 2.00 product=pepper",
        ]
    products["tea"] = {"name": "Green tea", "category": "Food > Drinks"}
    return Shop("\n".join(lines), products=products)


YEAR = {"since": date(2025, 1, 1), "until": date(2025, 12, 1)}


def of(found, name):
    whole, *rows = (row for row in found.rows if row["list"] == name)
    return whole, rows


def test_pairs_say_who_has_what_and_what_goes_with_it(duck):
    found = asked("next_product", shop(), duck, **YEAR)
    _, rows = of(found, "to_online")
    assert [(row["given"], row["given_name"], row["next"]) for row in rows] == [
        ("tea", "Green tea", "pot"),
        ("salt", None, "pepper"),
    ]
    assert [row["persons"] for row in rows] == [40, 40]
    assert [row["share"] for row in rows] == [1.0, 1.0]
    assert rows[0]["score"] == pytest.approx(40 / (40 + 10))
    assert rows[1]["score"] == pytest.approx(40 / (np.sqrt(40 * 80) + 10))
    back = [(row["given"], row["next"]) for row in of(found, "to_store")[1]]
    assert back == [("pot", "tea"), ("pepper", "salt")]


def test_what_is_bought_again_has_its_share_and_its_days(duck):
    found = asked("next_product", shop(), duck, **YEAR)
    _, (row,) = of(found, "repeat")
    gaps = [60 + nth + nth % 20 for nth in range(40)]
    assert (row["given"], row["next"], row["persons"], row["share"]) == ("salt", "salt", 40, 1.0)
    assert row["days"] == pytest.approx(np.mean(gaps))


def test_lists_are_tried_on_months_they_have_not_seen(duck):
    found = asked("next_product", shop(), duck, given={"next_product.places": 1}, **YEAR)
    whole, _ = of(found, "to_online")
    # Twenty with tea bought a pot, and the past knew that those go together; forty with salt
    # bought pepper, which nobody had bought after salt before: most bought, so it fills in.
    assert (whole["tried"], whole["hit_rate"]) == (60, 1.0)
    assert whole["popular_rate"] == pytest.approx(40 / 60)
    assert whole["low"] < whole["hit_rate"] <= whole["high"]


def test_the_held_out_months_teach_the_lists_nothing(duck):
    never = Shop(shop().sales.replace("q", "z"))
    lines = [line for line in never.sales.splitlines() if "2025-1" in line or "tea" in line]
    found = asked("next_product", Shop("\n".join(lines)), duck, **YEAR)
    whole, _ = of(found, "novel")
    assert whole["tried"] == 20
    assert whole["hit_rate"] == 0.0


def test_what_she_had_already_is_no_news(duck):
    again = "\n".join(
        f"s{nth} 2025-{month} store - 1.00 product=salt"
        for nth in range(30)
        for month in ("06-01", "11-05")
    )
    more = Shop(shop().sales + "\n" + again)
    one, other = (of(asked("next_product", each, duck, **YEAR), "novel")[0]["tried"]
                  for each in (shop(), more))  # fmt: skip
    assert one == other == 60


def test_buying_again_is_tried_where_there_is_a_choice():
    had, later = bought_anew(300)
    again = held(had.person[later], had.thing[later], shape=(300, 2))
    one, two = (tried_again(had, again, cut=400, ahead=50, places=places) for places in (1, 2))
    assert one.persons == len(np.unique(had.person[later]))
    assert one.hits > 0.9 * one.persons
    assert two.persons == 0


def test_a_window_without_a_past_is_tried_on_nobody(duck):
    found = asked("next_product", shop(), duck, since=date(2025, 11, 1), until=date(2025, 12, 1))
    assert {row["tried"] for row in found.rows} == {None}


def test_rare_products_are_left_out_and_that_nothing_is_left_is_said(duck):
    assert asked("next_product", shop(19), duck, **YEAR).rows != ()
    found = asked("next_product", shop(9), duck, **YEAR)
    assert found.rows == ()
    assert any("enough known buyers" in note for note in found.notes)


def test_a_split_makes_its_lists_from_its_own_buyers(duck):
    found = asked("next_product", shop(), duck, by=("department",), **YEAR)
    assert {row["department"] for row in found.rows} == {"Food", None}
    pairs = {(row["department"], row["given"], row["next"]) for row in found.rows}
    assert ("Food", "tea", "pot") not in pairs
    assert (None, "salt", "pepper") in pairs


def test_anonymous_receipts_teach_nothing(duck):
    nobody = "\n".join(f"- 2025-10-{1 + n % 28:02} store - 1.00 product=tea" for n in range(30))
    with_them = Shop(shop().sales + "\n" + nobody, products=shop().products)
    one, other = (asked("next_product", each, duck, **YEAR).rows for each in (shop(), with_them))
    assert one == other
