"""Writes the simulated retailer: the files it would hand over, and the truth beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
import pyarrow as pa

from tuttuno.demo import (
    agreement,
    baskets,
    campaigns,
    consents,
    contacts,
    effects,
    forms,
    habits,
    identification,
    known,
    loyalty,
    people,
    pickups,
    products,
    records,
    returns,
    sales,
    stores,
    touches,
    trips,
    truth,
    world,
)
from tuttuno.demo.arrays import DAY, plain, words
from tuttuno.demo.files import Folder, opened
from tuttuno.demo.plan import Options, Plan
from tuttuno.demo.truth import Truth
from tuttuno.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Block:
    """All that is known of one block of people."""

    number: int
    people: people.People
    habits: habits.Habits
    agreement: agreement.Agreement
    contacts: campaigns.Contacts
    pickups: pickups.Pickups
    cards: loyalty.Cards
    known: known.Known
    sold: sales.Sold


def simulate(out: Path, *, progress: Progress = silent, **options: Unpack[Options]) -> Truth:
    """Simulate a department-store group into `out/exchange` and `out/truth`.

    The same options give the same tables. Memory does not grow with `people`.

    Args:
        out: A folder; tables of an earlier run are replaced.
        progress: Told of every finished block of people.
        options: `people`, `seed`, `lines_per_person`, `months`, `format`: see `Plan`.

    Returns:
        Paths, counts and the known effects.

    Raises:
        BadInput: an option is out of its range.
    """
    plan = Plan(**options)
    shared = world.make(plan)
    tally = effects.Tally()
    for name in ("exchange", "truth"):
        _empty(out / name)
    with (
        opened(out / "exchange", plan.format) as exchange,
        opened(out / "truth", plan.format) as beside,
    ):
        exchange.add("stores", stores.table(shared.stores))
        exchange.add("products", products.table(shared.products, shared.settings))
        for number in range(shared.blocks):
            _write(exchange, beside, shared, make_block(shared, number), tally)
            done = min(plan.people, (number + 1) * world.BLOCK)
            progress("people", done, plan.people)
        found = truth.effects(shared, tally)
        beside.add("truth_effects", truth.effects_table(found))
        beside.add("truth_store_months", truth.store_months(shared, tally))
    return truth.summary(out, plan.people, tally, found)


def make_block(shared: world.World, number: int) -> Block:
    """Simulate one block of people; depends on nothing but the world and the number."""
    crowd = people.make(shared, number)
    ways = habits.make(shared, number, crowd)
    answers = agreement.make(shared, number, crowd)
    mailing = campaigns.make(shared, number, ways, answers)
    visits, waiting = trips.make(shared, number, crowd, ways, mailing)
    cards = loyalty.make(shared, number, crowd, ways)
    sources = known.make(shared, number, (ways, answers, cards), visits)
    keys = identification.make(shared, number, (crowd, sources, cards), visits)
    lines = baskets.make(shared, number, visits)
    back = returns.make(shared, number, (visits, lines), waiting, crowd.store)
    sold = sales.Sold(visits, lines, back, keys)
    return Block(number, crowd, ways, answers, mailing, waiting, cards, sources, sold)


def _write(
    exchange: Folder, beside: Folder, shared: world.World, block: Block, tally: effects.Tally
) -> None:
    sheets = _sheets(shared, block)
    _write_sales(exchange, shared, block, tally)
    _write_records(exchange, shared, block, sheets)
    _write_truth(beside, shared, block, sheets, tally)


def _write_sales(folder: Folder, shared: world.World, block: Block, tally: effects.Tally) -> None:
    number, sold = block.number, block.sold
    for month, rows in sales.by_month(shared, number, sold):
        folder.add(f"sales_{shared.calendar.label(month)}", rows)
    ids = sales.sale_ids(shared, sold)
    order = block.pickups.order
    placed, store = sold.trips.at[order], words(shared.stores.ids, sold.trips.store[order])
    waiting = pickups.table(block.pickups, ids.take(pa.array(order)), placed, store)
    folder.add("pickups", waiting.take(pa.array(np.argsort(placed, kind="stable"))))
    folder.add("points", _points(shared, block, ids))
    tally.add("lines", sold.lines.count + len(sold.returns.line))
    tally.add("returns", sold.returns.count)
    tally.add("pickups", len(order))


def _sheets(shared: world.World, block: Block) -> list[forms.Sheet]:
    return records.make(
        shared, block.number, block.people, block.known, block.cards, block.sold.trips
    )


def _write_records(
    folder: Folder, shared: world.World, block: Block, sheets: list[forms.Sheet]
) -> None:
    number, sold = block.number, block.sold
    crowd, bought = (block.people, block.known), (sold.trips, sold.lines)
    for sheet in sheets:
        folder.add("people", sheet.table)
    end = shared.calendar.end * DAY
    folder.add("consents", consents.table(block.known, block.agreement, sheets, end))
    folder.add("memberships", loyalty.memberships(shared, block.people, block.cards))
    folder.add("touches", touches.make(shared, number, crowd, bought, block.contacts))
    folder.add("contacts", contacts.table(shared, number, block.people.number, block.contacts))


def _write_truth(
    folder: Folder,
    shared: world.World,
    block: Block,
    sheets: list[forms.Sheet],
    tally: effects.Tally,
) -> None:
    crowd, end = block.people, shared.calendar.end * DAY
    can_reach = consents.reachable(block.known, block.agreement, sheets, end)
    folder.add("truth_people", truth.records(crowd, sheets))
    folder.add("truth_persons", truth.persons(shared, crowd, block.habits, can_reach))
    folder.add("truth_sales", truth.sales(shared, crowd, block.sold))
    folder.add("truth_classes", truth.classes(shared, crowd, block.sold, can_reach, tally))
    shoppers = (crowd, block.habits)
    effects.count(tally, shared, block.number, shoppers, block.sold, block.contacts)
    tally.add("records", sum(len(sheet.who) for sheet in sheets))


def _points(shared: world.World, block: Block, ids: pa.Array) -> pa.Table:
    """Collect the sales with a card, which earn points."""
    sold = block.sold
    carded = np.flatnonzero(sold.keys.card >= 0)
    carded = carded[np.argsort(sold.trips.at[carded], kind="stable")]
    cents = np.bincount(sold.lines.trip, weights=sold.lines.net, minlength=sold.trips.count)
    card = plain(sold.keys.cards, sold.keys.card[carded])
    net = cents[carded].astype(np.int64)
    sale = (card, ids.take(pa.array(carded)), sold.trips.at[carded], net)
    return loyalty.points(shared, block.number, sale)


def _empty(folder: Path) -> None:
    """Remove what an earlier run wrote; other files stay."""
    if folder.is_dir():
        for path in sorted([*folder.glob("*.parquet"), *folder.glob("*.csv")]):
            path.unlink()
