"""What a machine lacks is an error in continuous integration and a named skip elsewhere."""

from typing import NamedTuple

import pytest

from tests.services.absent import Need, check_needs, in_ci, skip_lines

OVEN = Need("oven", lambda: "no oven; buy one", owed=True)


class Item(NamedTuple):
    """A test with one mark."""

    mark: str

    def get_closest_marker(self, name):
        return self if name == self.mark else None


def test_a_missing_service_is_skipped_by_name():
    with pytest.raises(pytest.skip.Exception, match="oven: no oven; buy one"):
        check_needs(Item("oven"), [OVEN], environ={})


def test_a_missing_service_fails_in_ci():
    with pytest.raises(pytest.fail.Exception, match=r"no oven; buy one \(CI is set"):
        check_needs(Item("oven"), [OVEN], environ={"CI": "true"})


def test_what_ci_does_not_owe_is_skipped_there_too():
    garden = Need("garden", lambda: "no garden", owed=False)
    with pytest.raises(pytest.skip.Exception, match="no garden"):
        check_needs(Item("garden"), [garden], environ={"CI": "true"})


def test_a_test_without_the_mark_runs():
    check_needs(Item("kettle"), [OVEN], environ={"CI": "true"})


def test_a_present_service_lets_the_test_run():
    check_needs(Item("oven"), [Need("oven", lambda: None, owed=True)], environ={"CI": "true"})


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("1", True), ("", False), ("0", False)]
)
def test_ci_is_what_the_variable_says(value, expected):
    assert in_ci({"CI": value}) is expected


def test_skips_are_counted_by_reason_dearest_first():
    reasons = ["Skipped: no oven", "Skipped: no pan", "no oven"]
    assert skip_lines(reasons) == ["    2 skipped  no oven", "    1 skipped  no pan"]
