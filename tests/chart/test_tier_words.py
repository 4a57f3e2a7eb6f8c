"""The effect of a tier in words: for whom, in money, and no more than its interval allows."""

from tuttuno.chart.effect_words import figure, paragraphs, title
from tuttuno.chart.voice import PlainVoice

VOICE = PlainVoice()


def told(low=0.1, high=0.5):
    three = {"estimate": (low + high) / 2, "low": low, "high": high}
    return {
        "effect": "tier_effect", "rung": "D", **three, "treated": 700, "control": 900,
        "unit": "online orders per person and month", "coverage": 0.3, "refused": None,
        "diagnostics": {
            "tier": "silver", "threshold": 500.0, "bandwidth": 120.0, "holds": {"estimate": 0.7},
            "outcomes": [{"name": f"{of}_online", **three} for of in ("orders", "net")],
        },
    }  # fmt: skip


def test_it_is_told_for_who_just_reached_it():
    assert "Holding silver leads who just reached it to about 3.6 more" in title(told(), VOICE)
    assert "Whether the tier silver" in title(told(low=-0.1), VOICE)
    assert "orders less online for it" in title(told(low=-0.5, high=-0.1), VOICE)
    assert "700 treated, 900 compared with" in figure(told(), VOICE)[1]


def test_who_was_compared_stands_beside_it():
    said = paragraphs(told(), VOICE)
    assert "EUR 0.30 of online sales a person and month" in said[0]
    assert "spent up to EUR 120 less than EUR 500" in said[1]
    assert "the share that holds silver rises by 70.0%" in said[1]
    assert "close to what a lot would have done" in said[2]
