"""The source keeps every rule of the house."""

import pytest

from tests.house.portable import PORTABLE
from tests.house.rule import modules
from tests.house.shape import SHAPE, import_circle
from tests.house.words import WORDS, silences

MODULES = modules()


@pytest.mark.parametrize("rule", [*SHAPE, *WORDS, *PORTABLE], ids=lambda rule: rule.name)
def test_every_module_keeps_the_rule_that(rule):
    found = rule.broken(MODULES)
    assert not found, rule.lesson(found)


def test_imports_run_in_no_circle():
    circle = import_circle(MODULES)
    assert not circle, (
        f"{' -> '.join(circle)}\nWhy: none of these can be understood, tested or moved alone, and "
        "a deferred import only hides it.\nInstead: move what both need one floor down."
    )


def test_checks_are_silenced_at_most_once_in_a_thousand_lines():
    lines = sum(len(module.text.splitlines()) for module in MODULES)
    silenced = {module.path: count for module in MODULES if (count := silences(module))}
    assert sum(silenced.values()) <= max(1, lines // 1000), (
        f"{silenced}\nWhy: exceptions that are common are no exceptions.\n"
        "Instead: write what the check asks for, or change the rule for everybody in pyproject."
    )
