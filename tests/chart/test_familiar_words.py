"""The effect of knowing a category from the store in words: no more than its interval allows."""

from tuttuno.chart.draw import draw_effect
from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.effect_words import figure, naive, paragraphs, title
from tuttuno.chart.voice import PlainVoice

VOICE = PlainVoice()


def told(low=0.01, high=0.03, outcome="lines", **more):
    three = {"estimate": (low + high) / 2, "low": low, "high": high}
    return {
        "effect": "familiarity_effect", "rung": "C", **three, "treated": 1500, "control": 2400,
        "unit": "online articles per person, category and month", "coverage": 0.7, "refused": None,
        "diagnostics": {
            "outcome": outcome, "usual": 0.1, "without_others": three,
            "outcomes": [{"name": "lines", **three}, {"name": "net", **three}],
            "by_category": [{"category": "Home", **three}],
            "naive": {"treated": 0.3, "control": 0.1, "difference": 0.2},
        },
        **more,
    }  # fmt: skip


def test_it_is_told_a_year_in_articles_or_in_money():
    assert "about 0.24 more articles of it a year" in title(told(), VOICE)
    assert "EUR 0.24 more a year" in title(told(outcome="net"), VOICE)
    assert "cannot be told" in title(told(low=-0.01), VOICE)
    assert "buys less of it online" in title(told(low=-0.03, high=-0.01), VOICE)
    assert "0.020" in figure(told(), VOICE)[0]


def test_what_was_usual_and_what_was_taken_off_stand_beside_it():
    said = " ".join(paragraphs(told(), VOICE))
    assert "bought 0.100 of it a month online" in said
    assert "without that it would be 0.020 articles" in said
    assert "3.0 times as much" in naive(told(), VOICE)
    assert "That is taste" in naive(told(), VOICE)


def test_a_dot_a_category_says_how_much_more():
    dots = effect_pictures(told(), VOICE)[-1]
    assert [mark.text for mark in dots.marks] == ["0.020"]
    assert "Home" in draw_effect(told())
