"""The simulated retailer as studies read it, straight from the simulator: no files, no identity.

Who is who is known here, and which receipts carry a key is as it was drawn: so a hundred seeds
cost minutes, and what identity does to an answer is left to the storm through the pipeline.
"""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from tuttuno.demo import effects, products, stores, truth, world
from tuttuno.demo.arrays import DAY, days, plain, words
from tuttuno.demo.plan import Plan
from tuttuno.demo.sales import CHANNELS, Sold
from tuttuno.demo.settings import Settings
from tuttuno.demo.simulate import Block, make_block
from tuttuno.demo.trips import STORE

#: What the engine makes of lines and people; grain and columns are those of the mart.
MADE = {
    "purchase": """select source, sale_id, channel, person_id, sold_on, month, online, store_id,
        max(bought) as orders, sum(net) as net from line group by all""",
    "person_month": """select person_id, month,
        sum(orders) filter (online) as orders_online,
        sum(orders) filter (not online) as orders_store,
        sum(net) filter (online) as net_online, sum(net) filter (not online) as net_store
        from purchase where person_id is not null group by all""",
    "product_channel": """select person_id, month, product_id, online,
        sum(bought) as lines, sum(net) as net from line group by all""",
    "sale_line": "select source, sale_id, payment_key, bought as quantity from line",
    "person": """select k.*, first_online_on, first_store_on from known k left join (
        select person_id, min(sold_on) filter (online) as first_online_on,
        min(sold_on) filter (not online) as first_store_on
        from purchase where orders > 0 group by all) using (person_id)
        where first_online_on is not null or first_store_on is not null""",
    "store": """select s.*, first_on from site s left join (
        select store_id, min(sold_on) as first_on from purchase where not online group by all)
        using (store_id)""",
}


@dataclass(frozen=True)
class Straight:
    """Tables of the mart by name, and the known effects."""

    tables: dict[str, pa.Table]
    truth: dict[str, float]


def straight(seed: int, people: int = 20_000, **truth_is: float) -> Straight:
    """Simulate, and make of it what the studies read.

    `truth_is` sets numbers of the `truth` part of the settings, such as `known_product`.
    """
    shared = world.make(Plan(people=people, seed=seed))
    shared = replace(shared, settings=_with(shared.settings, truth_is))
    tally, lines, known = effects.Tally(), [], []
    for number in range(shared.blocks):
        block = make_block(shared, number)
        shoppers = (block.people, block.habits)
        effects.count(tally, shared, number, shoppers, block.sold, block.contacts)
        lines.append(_lines(shared, block))
        known.append(_known(shared, block))
    with duckdb.connect() as con:
        con.register("line", pa.concat_tables(lines))
        con.register("known", pa.concat_tables(known))
        con.register("site", stores.table(shared.stores))
        for name, query in MADE.items():
            con.execute(f"create table {name} as {query}")
        tables = {name: con.table(name).to_arrow_table() for name in MADE}
    tables["product"] = products.table(shared.products, shared.settings)
    return Straight(tables, {one.name: float(one.value) for one in truth.effects(shared, tally)})


def _with(settings: Settings, truth_is: dict[str, float]) -> Settings:
    changed = {f"truth.{name}": value for name, value in truth_is.items()}
    told = settings.assumptions
    return Settings(told | {name: replace(told[name], value=to) for name, to in changed.items()})


def _lines(shared: world.World, block: Block) -> pa.Table:
    """All lines bought and brought back; a return is in the channel of the sale it undoes."""
    sold = block.sold
    trips, lines, back = sold.trips, sold.lines, sold.returns
    line = np.concatenate([np.arange(lines.count), back.line])
    basket = lines.trip[line]
    slip = np.concatenate([np.full(lines.count, -1), back.slip])
    undone = slip >= 0
    at = np.where(undone, back.at[np.maximum(slip, 0)], trips.at[basket])
    month = np.where(undone, back.month[np.maximum(slip, 0)], trips.month[basket])
    buyer = _buyer(block.people.count, sold)[basket]
    person = np.where(buyer >= 0, block.people.number[np.maximum(buyer, 0)], 0)
    sale = np.where(undone, trips.count + slip, basket) + block.number * shared.sale_span * 2
    labels = [shared.calendar.label(which) for which in range(shared.calendar.months)]
    return pa.table(
        {
            "source": plain(["pos", "shop"], (trips.channel[basket] != STORE).astype(np.int64)),
            "sale_id": pa.array(sale).cast(pa.string()),
            "channel": plain(CHANNELS, trips.channel[basket]),
            "person_id": pa.array(person, mask=buyer < 0),
            "sold_on": days(at // DAY),
            "month": plain(labels, month),
            "online": trips.online[basket],
            "store_id": plain(shared.stores.ids, trips.store[basket]),
            "product_id": plain(shared.products.ids, lines.product[line]),
            "payment_key": plain(sold.keys.tokens, np.where(undone, -1, sold.keys.token[basket])),
            "bought": (~undone).astype(np.int64),
            "net": np.where(undone, -1, 1) * lines.net[line] / 100,
        }
    )


def _buyer(people: int, sold: Sold) -> np.ndarray:
    """Position of whom a basket names: the owner of the card, else whoever bought; -1: nobody."""
    keys = sold.keys
    named = np.where(keys.card >= 0, keys.card % people, sold.trips.person)
    return np.where(keys.identified, named, -1)


def _known(shared: world.World, block: Block) -> pa.Table:
    people, known, cards = block.people, block.known, block.cards
    never = np.iinfo(np.int64).max
    since = np.where(known.shop, known.since, never)
    since = np.minimum(since, np.where(known.market, known.market_since, never))
    provinces = [city.province for city in shared.stores.cities]
    return pa.table(
        {
            "person_id": people.number,
            "enrolled_on": days(np.where(cards.member, cards.since // DAY, 0), known=cards.member),
            "online_since": days(
                np.where(since < never, since // DAY, 0), known=since < never
            ).cast(pa.timestamp("us")),
            "tier": words(
                ["base", "argento", "oro"], np.where(cards.member, cards.tier, -1)
            ).dictionary_decode(),
            "province": plain(provinces, people.store),
        }
    )
