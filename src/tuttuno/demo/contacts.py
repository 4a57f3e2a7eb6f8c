"""The contacts file: who was written to in a campaign, and who was held out."""

import numpy as np
import pyarrow as pa

from tuttuno.demo import keys
from tuttuno.demo.arrays import Ints, digits, join, moments, money, words
from tuttuno.demo.campaigns import Contacts, names
from tuttuno.demo.world import World


def table(world: World, block: int, number: Ints, contacts: Contacts) -> pa.Table:
    """Write the contacts; who is held out has a row with arm `control` and no cost."""
    size = len(contacts.person)
    serial = block * 10**6 + np.arange(size)
    cost = np.where(contacts.treated, round(world.settings("campaigns.cost") * 100), 0)
    zero = np.zeros(size, dtype=np.int64)
    return pa.table(
        {
            "source": words(["newsletter"], zero),
            "contact_id": join(pa.scalar("k"), digits(serial, 9)),
            "campaign_id": words(names(world), contacts.campaign),
            "at": moments(contacts.at),
            "channel": words(["email"], zero),
            "record_id": keys.key(keys.ACCOUNT, number[contacts.person]),
            "arm": words(["treated", "control"], np.where(contacts.treated, 0, 1)),
            "cost": money(cost),
        }
    )
