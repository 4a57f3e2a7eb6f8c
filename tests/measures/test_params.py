"""Disputable numbers, by day and by project."""

from datetime import date

import pytest

from tests.measures.scenario import asked
from tuttuno.errors import BadInput, Unknown
from tuttuno.measures.catalog import MEASURES
from tuttuno.measures.params import Params, parameters

TWO_SIDES = """
    anna  2026-03-01  web    -  90.00
    anna  2026-03-02  store  -  10.00
"""


def test_every_parameter_has_a_unit_a_source_and_a_first_day():
    for each in parameters().values():
        assert all((each.doc, each.unit, each.source, each.values))


def test_every_parameter_is_used_by_a_measure_of_its_name_and_the_other_way_round():
    used = {name for each in MEASURES.values() for name in each.params}
    assert used == set(parameters())
    for each in MEASURES.values():
        assert all(name.startswith(f"{each.name}.") for name in each.params)


def test_a_project_may_set_another_value(duck):
    default = asked("channel_class", TWO_SIDES, duck)
    own = asked("channel_class", TWO_SIDES, duck, given={"channel_class.theta": 0.1})
    assert [row["band"] for row in (*default.rows, *own.rows)] == ["balanced", "online_led"]
    (used,) = (one for one in own.parameters if one.name == "channel_class.theta")
    assert (used.value, used.source) == (0.1, "set in tuttuno.toml")


def test_a_new_value_leaves_the_years_before_it_alone(monkeypatch):
    from dataclasses import replace  # noqa: PLC0415 - only here

    theta = parameters()["channel_class.theta"]
    dated = replace(theta, values={date(2020, 1, 1): 0.05, date(2026, 1, 1): 0.2})
    monkeypatch.setattr("tuttuno.measures.params.parameters", lambda: {theta.name: dated})
    on = [Params().used(theta.name, on=day).value for day in (date(2025, 12, 31), date(2026, 1, 1))]
    assert on == [0.05, 0.2]


def test_a_misspelt_parameter_is_answered_with_the_nearest():
    with pytest.raises(Unknown, match=r"did you mean 'channel_class\.theta'"):
        Params({"channel_class.teta": 0.1})


def test_a_parameter_must_be_a_number():
    with pytest.raises(BadInput, match="must be a number"):
        Params({"channel_class.theta": True})
