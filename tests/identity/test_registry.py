"""Settings of identity: read over the defaults, named when wrong, hashed when changed."""

import pytest

from tuttuno.errors import Unknown
from tuttuno.identity.registry import KINDS, BadIdentitySetting, IdentitySettings, Strength
from tuttuno.vocab import IdentifierType


def test_every_kind_of_identifier_has_a_rule():
    rules = {*IdentitySettings().rules, "likeness"}
    assert rules == set(KINDS) == {*IdentifierType, "residence", "likeness"}


def test_a_setting_changes_one_rule_and_the_hash():
    read = IdentitySettings.read({"largest_person": 50, "phone": {"max_persons": 2}})
    assert (read.largest_person, read.rules["phone"].max_persons) == (50, 2)
    assert read.rules["email"] == IdentitySettings().rules["email"]
    assert read.config_hash != IdentitySettings().config_hash


def test_saying_the_default_changes_nothing():
    said = IdentitySettings.read({"phone": {"strength": "strong", "merges_alone": True}})
    assert said.rules["phone"].strength is Strength.STRONG
    assert said.config_hash == IdentitySettings.read({}).config_hash


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ({"phon": {}}, "phone"),
        ({"phone": {"max_person": 2}}, "max_persons"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_one(section, named):
    with pytest.raises(Unknown, match=f"did you mean '{named}'"):
        IdentitySettings.read(section)


@pytest.mark.parametrize(
    "section",
    [
        {"phone": {"max_persons": "2"}},
        {"phone": {"max_persons": True}},
        {"phone": {"max_persons": 0}},
        {"phone": {"strength": "iron"}},
        {"phone": 3},
        {"largest_person": 1.5},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_place(section):
    with pytest.raises(BadIdentitySetting, match=r"\[identity\] (phone|largest_person)"):
        IdentitySettings.read(section)
