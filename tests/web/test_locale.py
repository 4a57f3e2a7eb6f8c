"""Numbers, days, money and fractions as Italians and the English write them."""

from datetime import UTC, date, datetime

import pytest

from tuttuno.web.locale import speeches
from tuttuno.web.units import of_unit

SPEECHES = speeches()
EN, IT = SPEECHES["en"], SPEECHES["it"]


@pytest.mark.parametrize(
    ("written", "english", "italian"),
    [
        pytest.param(lambda s: s.number(11887), "11,887", "11.887", id="count"),
        pytest.param(lambda s: s.percent(0.3371), "33.7%", "33,7 %", id="share"),
        pytest.param(lambda s: s.percent(1.0), "100%", "100 %", id="whole"),
        pytest.param(lambda s: s.money(1840.5, cents=True), "€1,840.50", "1.840,50 €", id="cents"),
        pytest.param(lambda s: s.money(4_049_110.9), "€4,049,111", "4.049.111 €", id="money"),
        pytest.param(lambda s: s.short(2_890_000, "EUR"), "€2.9M", "2,9 Mln €", id="millions"),
        pytest.param(lambda s: s.short(63_742), "63,742", "63.742", id="less-than-a-million"),
        pytest.param(lambda s: s.day(date(2026, 3, 3)), "3 Mar 2026", "3 mar 2026", id="day"),
        pytest.param(lambda s: s.month("2026-01"), "Jan 26", "gen 26", id="month"),
        pytest.param(lambda s: s.number(None), "—", "—", id="unknown"),
    ],
)
def test_each_language_has_its_own_way(written, english, italian):
    assert (written(EN), written(IT).replace("\u00a0", " ")) == (english, italian)


@pytest.mark.parametrize(
    ("share", "english", "italian"),
    [
        (0.337, "a third", "un terzo"),
        (0.31, "31%", "il 31 %"),
        (0.81, "81%", "l\u201981 %"),
        (0.66, "two thirds", "due terzi"),
        (0.5, "half", "la metà"),
        (0.11, "a tenth", "un decimo"),
    ],
)
def test_a_share_is_said_as_people_say_it(share, english, italian):
    assert (EN.fraction(share), IT.fraction(share).replace("\u00a0", " ")) == (english, italian)


def test_a_moment_is_told_in_the_time_of_the_stores():
    assert EN.moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "1 Jul 2026, 14:00"
    assert EN.moment(datetime(2026, 1, 1, 12, 0)) == "1 Jan 2026, 13:00"  # noqa: DTZ001 - naive is UTC


def test_one_and_many_are_told_apart():
    assert IT.many("of %(count)s sale", "of %(count)s sales", 1) == "di 1 vendita"
    assert IT.many("of %(count)s sale", "of %(count)s sales", 1200) == "di 1.200 vendite"


def test_a_negative_figure_has_a_minus_and_no_hyphen():
    assert EN.money(-81.97, cents=True) == "\u2212€81.97"
    assert IT.money(-1081.97, cents=True) == "\u22121.081,97\u00a0€"
    assert IT.number(-3) == "\u22123"
    assert EN.percent(-0.027) == "\u22122.7%"


def test_a_share_that_is_not_nothing_is_not_said_to_be_nothing():
    assert EN.percent(0.0004, even=True) == "0.04%"
    assert EN.percent(-0.000075, even=True) == "\u22120.01%"
    assert (EN.percent(0.0, even=True), EN.percent(0.0006, even=True)) == ("0.0%", "0.1%")
    assert EN.percent(0.0004, 0) == "0%"


def test_a_language_is_called_by_its_name():
    assert (EN.tongue("it"), IT.tongue("de-AT")) == ("Italian", "tedesco (Austria)")
    assert EN.tongue("x-unknown") == "x-unknown"


@pytest.mark.parametrize(
    ("value", "unit", "english", "italian"),
    [
        (1, "day", "1 day", "1 giorno"),
        (14, "day", "14 days", "14 giorni"),
        (0.5, "month", "0.5 months", "0,5 mesi"),
        (2, "order", "2 orders", "2 acquisti"),
        (13, "week", "13 weeks", "13 settimane"),
        (20, "basket", "20 baskets", "20 carrelli"),
        (1, "person", "1 person", "1 persona"),
        (5, "product", "5 products", "5 articoli"),
        (0.05, "1", "0.05", "0,05"),
    ],
)
def test_a_unit_agrees_with_its_figure(value, unit, english, italian):
    assert (of_unit(value, unit, EN), of_unit(value, unit, IT)) == (english, italian)
