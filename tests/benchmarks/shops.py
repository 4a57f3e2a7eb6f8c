"""A shop at random: two years of sales that end with a month, with everything measures look at."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tests.measures.scenario import Shop

CHANNELS = ("store", "web", "app", "marketplace", "social", "phone")
CITIES = {"m1": "MI", "r1": "RM", "r2": "RM"}
#: Minutes from a collection to a visit: around both edges of "attached", and a week before.
AROUND = (-16, -15, 0, 120, 121, -10_096, -10_095, -10_080, -9_960, -9_959)
FIRST = datetime.fromisoformat("2024-01-01T09:00:00")
LAST = datetime.fromisoformat("2025-12-31T18:00:00")


def random_shop(seed: int, *, sales: int = 1200, people: int = 60, products: int = 12) -> Shop:
    """Return the shop of a seed; some know their year of birth, some products their brand."""
    dice = random.Random(seed)  # noqa: S311 - dice for a test
    names = [f"p{n}" for n in range(people)]
    orders = [_Order(dice, number, names, products) for number in range(sales)]
    orders.append(_Order(dice, sales, names, products, at=LAST))
    return Shop(
        sales="\n".join(line for order in orders for line in order.lines()),
        people={name: _person(dice) for name in names},
        products={f"t{n}": _product(dice) for n in range(products)},
        stores={name: {"province": province} for name, province in CITIES.items()},
        pickups=[order.pickup() for order in orders if order.handover == "collected"],
        touches=[_touch(dice, names) for _ in range(people * 2)],
    )


def _touch(dice: random.Random, names: list[str]) -> dict[str, object]:
    """Something done on social media, or elsewhere, by somebody known or not."""
    at = (FIRST + (LAST - FIRST) * dice.random()).replace(microsecond=0)
    return {
        "record_key": dice.choice([None, *names[: len(names) // 2]]),
        "channel": dice.choice(["social", "social", "web", None]),
        "at": at.isoformat(),
        "month": f"{at:%Y-%m}",
    }


class _Order:
    """One sale, perhaps brought back, perhaps to be collected."""

    def __init__(
        self,
        dice: random.Random,
        number: int,
        names: list[str],
        products: int,
        *,
        at: datetime | None = None,
    ) -> None:
        self.dice, self.number = dice, number
        span = int((LAST - FIRST).total_seconds())
        self.at = at or FIRST + timedelta(seconds=dice.randrange(span))
        self.who = dice.choice(["-", *names])
        self.channel = dice.choice(CHANNELS)
        online = self.channel not in {"store", "phone"}
        usual = "delivered" if online or self.channel == "phone" else "carried"
        self.handover = "collected" if online and dice.random() < 0.5 else usual
        self.store = dice.choice(list(CITIES))
        self.things = [f"t{min(dice.randrange(products), dice.randrange(products))}"] * 2
        self.things[0] = f"t{dice.randrange(products)}"
        self.ready = self.at + timedelta(minutes=dice.randrange(5, 3000))
        self.end = self.ready + timedelta(minutes=dice.randrange(0, 15_000))
        self.ended = dice.choice(["collected", "collected", "cancelled", "expired", ""])

    def lines(self) -> Iterator[str]:
        """Two lines of a receipt, now and then a return of one of them."""
        for thing in self.things:
            yield self._line(self.at, self.channel, self.dice.randrange(100, 9000), thing)
        if self.dice.random() < 0.2:
            back = self.at + timedelta(days=self.dice.randrange(1, 40))
            net = -self.dice.randrange(100, 9000)
            if back < LAST:
                where = self.dice.choice(["store", self.channel])
                named = "" if self.dice.random() < 0.2 else f" returns=o{self.number}"
                number = f"b{self.number}"
                yield self._line(back, where, net, self.things[0], number=number) + named
        visit = self.end + timedelta(minutes=self.dice.choice(AROUND))
        if self.handover == "collected" and FIRST < visit < LAST:
            yield self._line(visit, "store", 1000, self.things[0], number=f"v{self.number}")

    def pickup(self) -> dict[str, object]:
        """The way of the order to the counter: ready or not, fetched, cancelled, left there."""
        told = {
            "sale_id": f"o{self.number}",
            "store_id": self.store,
            "placed_at": self.at.isoformat(),
            "promised_at": (self.at + timedelta(hours=24)).isoformat(),
        }
        if self.dice.random() < 0.9 and self.ready < LAST:
            told["ready_at"] = self.ready.isoformat()
        if self.ended and self.end < LAST:
            told[f"{self.ended}_at"] = self.end.isoformat()
        if self.ended == "cancelled":
            told["cancelled_by"] = self.dice.choice(["customer", "retailer"])
        return told

    def _line(self, at: datetime, channel: str, cents: int, thing: str, *, number: str = "") -> str:
        store = f" store={self.store}" if channel == "store" else ""
        handover = "carried" if channel == "store" else self.handover
        words = f"{self.who} {at.isoformat(timespec='seconds')} {channel} {handover}"
        return (
            f"{words} {cents / 100:.2f} sale={number or f'o{self.number}'} product={thing}{store}"
        )


def _person(dice: random.Random) -> dict[str, object]:
    year = dice.choice([None, dice.randrange(1930, 2008)])
    return {"birth_year": year, "province": dice.choice([None, "MI", "RM", "NA"])}


def _product(dice: random.Random) -> dict[str, object]:
    return {
        "brand": dice.choice([None, "Arco", "Brina"]),
        "category": dice.choice(["Casa > Cucina", "Donna > Scarpe", None]),
        "listed_in_store_since": dice.choice([None, date(2020, 1, 1), date(2027, 1, 1)]),
    }
