"""What each person answers when asked whether she may be contacted."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import DAY, Flags, Ints
from tuttuno.demo.people import People
from tuttuno.demo.world import World


@dataclass(frozen=True, slots=True)
class Agreement:
    """One entry per person: what she answers when a form asks.

    `online` is her answer in the shop, newsletter and app, `card` the one on the card
    form and at the till. `withdrawn` is the second at which she took everything back; it
    lies after the window for who never did.
    """

    online: Flags
    card: Flags
    profiling: Flags
    third_parties: Flags
    by_sms: Flags
    withdrawn: Ints


def make(world: World, block: int, people: People) -> Agreement:
    """Draw the answers of one block of people."""
    rng = world.rng(block, "consents")
    settings, calendar, count = world.settings, world.calendar, people.count
    span = calendar.end - calendar.start
    day = calendar.start + span // 3 + (rng.random(count) * span * 2 / 3).astype(np.int64)
    takes_back = rng.random(count) < settings("consent.withdrawn")
    second = day * DAY + calendar.seconds(rng, count, online=True)
    return Agreement(
        online=rng.random(count) < settings("consent.shop"),
        card=rng.random(count) < settings("consent.card"),
        profiling=rng.random(count) < settings("consent.profiling"),
        third_parties=rng.random(count) < settings("consent.third_parties"),
        by_sms=rng.random(count) < 0.55,
        withdrawn=np.where(takes_back, second, (calendar.end + 1) * DAY),
    )
