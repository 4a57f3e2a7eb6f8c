"""Campaigns by e-mail to long-standing online buyers, with a random group left out."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.agreement import Agreement
from tuttuno.demo.arrays import DAY, Flags, Ints
from tuttuno.demo.habits import BOTH_BEFORE, NATIVE, Habits
from tuttuno.demo.world import World

#: Campaigns go out at half past six in the morning of the first of a month.
HOUR = 23_400


@dataclass(frozen=True, slots=True)
class Contacts:
    """One entry per person and campaign; `month` is the month the campaign runs in."""

    person: Ints
    campaign: Ints
    month: Ints
    at: Ints
    treated: Flags


def make(world: World, block: int, habits: Habits, agreement: Agreement) -> Contacts:
    """Choose who is written to, and who is held out, campaign by campaign."""
    rng = world.rng(block, "campaigns")
    calendar, settings = world.calendar, world.settings
    # only who bought online all along: an effect on others would blur the other truths
    old = (habits.kind == BOTH_BEFORE) | ((habits.kind == NATIVE) & (habits.starts == 0))
    able = old & agreement.online & habits.account
    months = _months(world)
    at = calendar.first_day[months] * DAY + HOUR
    person, campaign = np.nonzero(able[:, None] & (agreement.withdrawn[:, None] > at))
    order = rng.permutation(len(person))
    person, campaign = person[order], campaign[order]
    return Contacts(
        person=person.astype(np.int64),
        campaign=campaign.astype(np.int64),
        month=months[campaign],
        at=at[campaign],
        treated=rng.random(len(person)) >= settings("campaigns.control"),
    )


def names(world: World) -> list[str]:
    """Name the campaigns by their month."""
    return [f"mail-{world.calendar.label(int(month))}" for month in _months(world)]


def _months(world: World) -> Ints:
    months = world.calendar.months
    count = min(int(world.settings("campaigns.count")), months // 3)
    return months - 2 - 3 * np.arange(count, dtype=np.int64)[::-1]
