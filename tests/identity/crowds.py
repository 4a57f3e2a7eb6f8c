"""Crowds of records that share values at random, and threads that change them all at once."""

import threading
from collections import Counter
from datetime import date

from tests.identity.shop import dice
from tuttuno.errors import NotFound
from tuttuno.identity.steward import Refused

WHO = [("Anna", "Rossi"), ("Marco", "Rossi"), ("Anna", "Bianchi"), (None, None), ("Dora", "Neri")]


def many(seed, size):
    """Records, about three of which share each value."""
    draw = dice(seed)
    return [row(draw, f"r{at}", size) for at in range(size)]


def row(draw, name, size):
    given, family = draw.choice(WHO)
    values = [["email", f"e{draw.randrange(size // 2)}@posta.it"]]
    values += [["phone", f"34010{draw.randrange(size // 2):05}"]] * draw.randrange(2)
    return {"name": name, "given_name": given, "family_name": family, "values": values}


def partition(shop):
    """Person by record."""
    return shop.ids()


def agreement(one, other):
    """Pairwise F1 of two partitions of the same records."""
    both = Counter((one[name], other[name]) for name in one)
    pairs = [
        sum(n * (n - 1) // 2 for n in counts.values())
        for counts in (both, Counter(one.values()), Counter(other.values()))
    ]
    return 2 * pairs[0] / (pairs[1] + pairs[2]) if pairs[1] + pairs[2] else 1.0


def full(draw, name, size):
    """A record that likeness can weigh as well."""
    street = draw.choice([None, "Via Roma", "V. Roma", "Corso Europa"])
    told = {"address": street and f"{street} {draw.randrange(1, 4)}", "postal_code": "50121"}
    born = draw.choice([None, date(1980, 2, 3), date(1980, 3, 2), date(1955, 5, 5)])
    found = row(draw, name, size) | told | {"birth_date": born, "city": "Firenze"}
    found["values"] = found["values"][draw.randrange(2) :]
    return found


VERBS = ["add"] * 8 + ["merge", "merge", "split", "never", "undo", "forget", "build"]


class Crew:
    """Threads that add, change, merge, part, undo, forget and build, each as it draws."""

    def __init__(self, shop, seed, *, size=30, made_by=row):
        self.shop, self.seed, self.size, self.made_by = shop, seed, size, made_by
        self.log, self.failed = [], []
        self.lock = threading.Lock()

    def work(self, *, threads, turns):
        """Return what was done, in the order in which the vault did it."""
        crew = [threading.Thread(target=self._one, args=(n, turns)) for n in range(threads)]
        for each in crew:
            each.start()
        for each in crew:
            each.join()
        if self.failed:
            raise self.failed[0]
        return [what for _, what in sorted(self.log)]

    def _one(self, number, turns):
        draw = dice(self.seed * 100 + number)
        try:
            for turn in range(turns):
                what = self._drawn(draw, f"t{number}.{turn}")
                run = done(self.shop, what, add=arrived)
                if run is not None:
                    with self.lock:
                        self.log.append((run, what))
        except BaseException as error:  # noqa: BLE001 - told in the thread of the test
            self.failed.append(error)

    def _drawn(self, draw, name):
        verb = draw.choice(VERBS)
        known = f"t{draw.randrange(8)}.{draw.randrange(12)}"
        other = f"t{draw.randrange(8)}.{draw.randrange(12)}"
        match verb:
            case "add":
                again = draw.random() < 0.2
                return (verb, self.made_by(draw, known if again else name, self.size))
            case "merge" | "never":
                return (verb, known, other)
            case "undo":
                return (verb, draw.randrange(1, 12))
            case "forget" | "split":
                return (verb, known)
        return (verb, draw.random() < 0.3)


def settled(shop, row):
    """Add a record by the function that tells all apart."""
    return shop.settle_rows([row])


def arrived(shop, row):
    """Add a record as it arrives."""
    return shop.arrive([row])[0]


def done(shop, what, *, add=settled):
    """Do one thing; return the number of its run, None where it was refused."""
    verb, *args = what
    try:
        match verb:
            case "add":
                return add(shop, *args).run_no
            case "forget":
                return shop.forget_now(*args).run_no
            case "build":
                return shop.resolve(full=args[0]).run_no
            case "split" if args[0] not in shop.ids():
                return None
            case _:
                return getattr(shop, verb)(*args).settled.run_no
    except (Refused, NotFound):
        return None


def replayed(shop, log):
    """Do the same in one thread, nobody at first sight; nothing may be refused this time."""
    for what in log:
        assert done(shop, what) is not None, what
