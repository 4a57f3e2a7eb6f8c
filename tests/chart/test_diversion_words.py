"""Cannibalisation by category in words: no more than the test of all categories allows."""

from tuttuno.chart.draw import draw_effect
from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.effect_words import figure, paragraphs, title
from tuttuno.chart.picture import Dots
from tuttuno.chart.voice import PlainVoice

VOICE = PlainVoice()


def row(name, estimate):
    ends = (None, None) if estimate is None else (estimate - 0.1, estimate + 0.1)
    return {"category": name, "store": -0.1, "online": 0.3, "estimate": estimate, "low": ends[0],
            "high": ends[1]}  # fmt: skip


def told(alike=0.5, low=0.3, high=0.4, **more):
    rows = [row("Home", 0.2), row("Shoes", 0.6), row("", 0.35), row("Tools", None)]
    return {
        "effect": "cannibalisation_by_category", "rung": "C", "estimate": 0.35, "low": low,
        "high": high, "unit": "1", "treated": 1413, "control": 2440, "coverage": 0.6,
        "refused": None, "diagnostics": {"outcome": "lines", "alike": alike, "by_category": rows},
        **more,
    }  # fmt: skip


def test_categories_are_named_only_where_they_differ_by_more_than_chance():
    alike, unlike = title(told(0.5), VOICE), title(told(0.001), VOICE)
    assert "about 35, in no category clearly more" in alike
    assert "most in Shoes, least in Home" in unlike
    assert "cannot be told" in title(told(low=-0.1), VOICE)
    assert "adds to the articles" in title(told(low=-0.3, high=-0.1), VOICE)


def test_a_category_without_a_share_is_named_and_not_drawn():
    plain = told()
    assert "No share can be told for Tools" in " ".join(paragraphs(plain, VOICE))
    dots = effect_pictures(plain, VOICE)[-1]
    assert isinstance(dots, Dots)
    assert [mark.label for mark in dots.marks] == ["Shoes", "without a category", "Home"]
    assert dots.reference == 0.35
    assert "Shoes" in draw_effect(plain)


def test_the_figure_has_its_interval_and_its_size():
    value, of = figure(told(), VOICE)
    assert value == "35.0%"
    assert "30.0% to 40.0%" in of
    assert "1,413 treated" in of


def market(low=0.2, high=0.6, both=0.05):
    def three(value, half):
        return {"estimate": value, "low": value - half, "high": value + half}

    euros = {**three(3468.0, 2000.0), "store": 1600.0, "online": 1868.0}
    outcomes = [{"name": "orders_both", **three(both, 0.03)}]
    return {
        "effect": "cannibalisation_by_market", "rung": "C", "estimate": (low + high) / 2,
        "low": low, "high": high, "unit": "1", "treated": 7, "control": 3, "refused": None,
        "diagnostics": {"outcome": "orders", "outcomes": outcomes, "euros": euros},
    }  # fmt: skip


def test_a_market_is_told_by_what_its_stores_lose_or_gain():
    assert "Of 100 orders that provinces newly place online" in title(market(), VOICE)
    assert "and more is bought in the stores" in title(market(low=-0.9, high=-0.1), VOICE)
    unsure = title(market(low=-0.9, high=0.3), VOICE)
    assert "both channels together sell about 5.0% more" in unsure
    assert "cannot be told" in unsure
    assert "sell about" not in title(market(low=-0.9, high=0.3, both=0.01), VOICE)


def test_both_channels_of_a_market_stand_in_money_too():
    said = paragraphs(market(), VOICE)
    assert "EUR 3,468 a province and month" in said[0]
    assert "EUR 1,600 in its stores" in said[0]
    assert "a negative share says that stores gained" in said[1]
