"""Passages between counter and screen in words: beside chance, or that too little is seen."""

from tuttuno.chart.crossing_words import crossing_words
from tuttuno.chart.voice import PlainVoice

VOICE = PlainVoice()


def told(looks=5000):
    return {
        "days": 7, "online_after_store": {"share": 0.12, "chance": 0.11},
        "store_after_online": {"share": 0.08, "chance": 0.07},
        "returned_in_store": {"share": 0.35},
        "looked_before": {"n": 9000, "share": 0.013, "chance": 0.002, "looks": looks},
    }  # fmt: skip


def test_passages_stand_beside_chance():
    first, second = crossing_words(told(), VOICE)
    assert first.startswith("Accounting, not an effect: 12.0%")
    assert "11.0% and 7.0% would do so by chance" in first
    assert "1.30% they had looked at online" in second
    assert "it would be 0.20%" in second
    assert "seen only where she bought something there too" in second


def test_few_looks_say_nothing_of_looking_before_buying():
    assert "Too few looks online have a known buyer" in crossing_words(told(looks=20), VOICE)[1]
    alone = {name: told()[name] for name in ("days", "returned_in_store")}
    alone |= {"online_after_store": {"share": 0.1}, "store_after_online": {"share": 0.1}}
    assert "by chance" not in crossing_words(alone, VOICE)[0]
    assert "Too few looks" in crossing_words(alone, VOICE)[1]
