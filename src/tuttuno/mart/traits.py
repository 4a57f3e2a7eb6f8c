"""What is known of a person's age: bands and birth cohorts by their usual names."""

from collections.abc import Mapping

import ibis
from ibis.expr.types import IntegerValue, StringValue

#: Smallest age of each band, youngest first; the steps of most consumer panels.
AGE_BANDS: Mapping[str, int] = {
    "0-17": 0,
    "18-24": 18,
    "25-34": 25,
    "35-44": 35,
    "45-54": 45,
    "55-64": 55,
    "65-74": 65,
    "75+": 75,
}

#: First birth year of each cohort, as the Pew Research Center draws the lines (2019);
#: "alpha" and what comes before "silent" follow common usage.
GENERATIONS: Mapping[str, int] = {
    "greatest": 1850,
    "silent": 1928,
    "boomer": 1946,
    "gen_x": 1965,
    "millennial": 1981,
    "gen_z": 1997,
    "alpha": 2013,
}


def age_band(birth_year: IntegerValue, year: IntegerValue) -> StringValue:
    """Return the band of the age reached in a year; null without a birth year, or before it."""
    return _step(year - birth_year, AGE_BANDS)


def generation(birth_year: IntegerValue) -> StringValue:
    """Return the birth cohort; null without a birth year."""
    return _step(birth_year, GENERATIONS)


def _step(value: IntegerValue, steps: Mapping[str, int]) -> StringValue:
    highest_first = sorted(steps.items(), key=lambda step: -step[1])
    return ibis.cases(*((value >= low, name) for name, low in highest_first))
