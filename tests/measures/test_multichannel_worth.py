"""What buyers in both channels are worth, said by everybody and said like with like."""

from datetime import date, timedelta

import numpy as np
import pytest

from tests.measures.scenario import asked

YEAR = {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}
MIDDLE = date(2025, 7, 1)


def sales(persons=1_200, *, lift=1.0, seed=6):
    """Receipts of buyers who differ in how often they come and toss a coin for the channel.

    Whoever used both channels in the first half spends `lift` times as much in the second.
    """
    draw, found = np.random.default_rng(seed), []
    for nth in range(persons):
        count = draw.poisson(draw.gamma(1.2, 4.0)) + 1
        days = [YEAR["since"] + timedelta(days=int(day)) for day in draw.integers(0, 365, count)]
        online = draw.random(count) < 0.4
        early = {bool(on) for day, on in zip(days, online, strict=True) if day < MIDDLE}
        for day, on in zip(days, online, strict=True):
            net = draw.gamma(4.0, 10.0) + 1
            net *= lift if len(early) == 2 and day >= MIDDLE else 1.0
            found.append((f"p{nth}", day, "web" if on else "store", round(net, 2)))
    return found


def told(receipts, duck, **more):
    text = "\n".join(f"{who} {day} {channel} - {net:.2f}" for who, day, channel, net in receipts)
    answer = asked("multichannel_worth", text, duck, **(YEAR | more))
    return {row["comparison"]: row for row in answer.rows}


def summed(receipts, since, until):
    """Orders, net and channels of each buyer between two days."""
    found = {}
    for who, day, channel, net in receipts:
        if since <= day < until:
            orders, spent, channels = found.get(who, (0, 0.0, set()))
            found[who] = (orders + 1, spent + net, channels | {channel})
    return found


def test_every_figure_is_that_of_a_plain_count(duck):
    receipts = sales()
    rows = told(receipts, duck)
    whole = summed(receipts, YEAR["since"], YEAR["until"])
    both = [spent for _, spent, channels in whole.values() if len(channels) == 2]
    one = [spent for _, spent, channels in whole.values() if len(channels) == 1]
    assert (rows["as_seen"]["both"], rows["as_seen"]["others"]) == (len(both), len(one))
    assert rows["as_seen"]["times"] == pytest.approx(np.mean(both) / np.mean(one))
    early = summed(receipts, YEAR["since"], MIDDLE)
    late = summed(receipts, MIDDLE, YEAR["until"])
    after = {who: late.get(who, (0, 0.0, set()))[1] for who in early}
    two = {who for who, (_, _, channels) in early.items() if len(channels) == 2}
    sides = [[after[who] for who in own] for own in (two, set(early) - two)]
    both, one = (np.mean(own) for own in sides)
    row = rows["later"]
    assert row["times"] == pytest.approx(both / one)
    error = np.sqrt(sum(np.var(own) / len(own) / np.mean(own) ** 2 for own in sides))
    assert row["high"] == pytest.approx(row["times"] * np.exp(1.96 * error), rel=1e-4)


ORDERS = (1, 2, 3, 4, 6, 9, 14, 24)
NET = (0, 25, 50, 100, 150, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400, 3_200, 6_400)


def test_each_buyer_in_both_channels_is_compared_with_those_who_bought_alike(duck):
    receipts = sales()
    early, late = (summed(receipts, *days) for days in ((YEAR["since"], MIDDLE),
                                                        (MIDDLE, YEAR["until"])))  # fmt: skip
    strata = {}
    for who, (orders, spent, channels) in early.items():
        at = int(np.searchsorted(ORDERS, orders)), int(np.searchsorted(NET, spent))
        sides = strata.setdefault(at, ([], []))
        sides[len(channels) == 2].append(late.get(who, (0, 0.0, set()))[1])
    matched = [sides for sides in strata.values() if all(sides)]
    people = sum(len(both) for _, both in matched)
    alike = sum(len(both) / people * np.mean(one) for one, both in matched)
    row = told(receipts, duck)["like_with_like"]
    assert row["both"] == people
    assert row["net_others"] == pytest.approx(alike)
    assert row["net_both"] == pytest.approx(np.mean([x for _, both in matched for x in both]))


def test_what_frequency_alone_brings_is_gone_when_like_is_compared_with_like(duck):
    rows = told(sales(), duck)
    assert rows["as_seen"]["low"] > 2.0
    assert rows["later"]["low"] > 1.3
    assert rows["like_with_like"]["low"] < 1.0 < rows["like_with_like"]["high"]


def test_a_difference_that_is_there_is_kept(duck):
    row = told(sales(lift=1.5), duck)["like_with_like"]
    assert row["low"] < 1.5 < row["high"]
    assert row["low"] > 1.0


def test_few_buyers_are_counted_and_not_compared(duck):
    rows = told(sales(120), duck)
    assert {row["times"] for row in rows.values()} == {None}
    assert rows["as_seen"]["both"] > 0


def test_the_quoted_figure_is_unknown_where_like_cannot_be_compared_with_like(duck):
    late = [("web" if nth % 2 else "store", nth) for nth in range(260)]
    receipts = [(f"p{nth}", date(2025, 2, 1), "store", 40.0) for _, nth in late]
    receipts += [(f"p{nth}", date(2025, 9, 1), channel, 40.0) for channel, nth in late]
    rows = told(receipts, duck)
    assert (rows["as_seen"]["both"], rows["as_seen"]["others"]) == (130, 130)
    assert {row["times"] for row in rows.values()} == {None}


def test_the_figure_never_comes_without_its_warning(duck):
    answer = asked("multichannel_worth", "x 2025-01-05 store - 5.00", duck, **YEAR)
    assert any(note.startswith("Selection, not effect") for note in answer.notes)
    classes = asked("channel_class", "x 2025-01-05 store - 5.00", duck, **YEAR)
    assert any("`multichannel_worth` compares like with like" in note for note in classes.notes)
