"""The parts of a form that sources have in common: names, home, phone, and the finished row."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo import mess, taxcode
from tuttuno.demo.arrays import (
    DAY,
    NONE,
    Flags,
    Ints,
    choose,
    days,
    digits,
    either,
    join,
    keep,
    moments,
    plain,
    words,
)
from tuttuno.demo.keys import SOURCE_NAMES, SOURCES
from tuttuno.demo.mess import BARE, PROPER
from tuttuno.demo.names import FAMILY
from tuttuno.demo.people import GIVEN, People
from tuttuno.demo.world import World

_TEXTS = (
    "source", "record_id", "email", "phone", "given_name", "family_name", "birth_date", "gender",
    "address", "postal_code", "city", "province", "country", "language", "loyalty_card",
    "tax_code", "device_ids", "social_handles", "home_store_id", "created_at", "updated_at",
)  # fmt: skip
#: The columns of `people` in the exchange format, and their Arrow types.
COLUMNS = dict.fromkeys(_TEXTS, pa.string()) | {
    "birth_date": pa.date32(),
    "created_at": pa.timestamp("us"),
    "updated_at": pa.timestamp("us"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one kind of record, and what they offer for contact.

    `who` are positions of people; `mail` and `mobile` say whether a working address and
    number stand on the row.
    """

    kind: int
    who: Ints
    since: Ints
    mail: Flags
    mobile: Flags
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Desk:
    """What every form is filled in from."""

    world: World
    people: People
    rng: np.random.Generator

    def chance(self, share: float, size: int) -> Flags:
        """Toss a coin for each row."""
        tossed: Flags = self.rng.random(size) < share
        return tossed

    def line_up(self, members: Flags) -> Ints:
        """List the members in an order that says nothing about who is who."""
        return self.rng.permutation(np.flatnonzero(members))

    def styles(self, weights: list[float], size: int) -> Ints:
        """Draw a spelling for each row."""
        return choose(self.rng, weights, size)


def names(
    desk: Desk, who: Ints, given: Ints, family: Ints, *, married: bool = False
) -> dict[str, pa.Array]:
    """Spell names in the given styles; `married` adds a second family name to who has one."""
    people = desk.people
    names = mess.family(people.family[who], family)
    if married:
        other = people.married[who]
        both = join(names, plain(FAMILY, other), sep=" ")
        names = either(other != NONE, both, names)
    return {"given_name": mess.given(people.given[who], given), "family_name": names}


def home(desk: Desk, who: Ints, style: Ints, *, old: Flags) -> dict[str, pa.Array]:
    """Write the address, where `old` the former one, in the given styles."""
    people, cities = desk.people, desk.world.stores.cities
    street = np.where(old, people.old_street[who], people.street[who])
    house = np.where(old, people.old_house[who], people.house[who])
    store = people.store[who]
    return {
        "address": mess.streets(street, house, style),
        "postal_code": digits(people.cap[who], 5),
        "city": words([city.name for city in cities], store),
        "province": words([city.province for city in cities], store),
        "country": words(["IT"], np.zeros(len(who), dtype=np.int64)),
    }


def delivery(desk: Desk, who: Ints) -> dict[str, pa.Array]:
    """Fill in name, phone and address as typed on a phone, for a parcel."""
    size = len(who)
    style = np.where(desk.chance(0.15, size), BARE, PROPER)
    return {
        "phone": phone(desk, who, [3, 2, 4, 1, 3]),
        **names(desk, who, style, style),
        **home(desk, who, desk.styles([0.6, 0.1, 0.3], size), old=np.zeros(size, bool)),
    }


def mail(desk: Desk, who: Ints, styles: list[float]) -> pa.Array:
    """Write e-mails; weights of plain, capitalised and upper-case spelling."""
    text = mess.emails(desk.world, desk.people, who)
    if len(styles) == 1:
        return text
    return mess.email_spelling(text, desk.styles(styles, len(who)))


def phone(desk: Desk, who: Ints, styles: list[float]) -> pa.Array:
    """Write mobile numbers; weights of the five spellings."""
    owner = desk.people.number[desk.people.mobile[who]]
    return mess.phones(owner, desk.styles(styles, len(who)))


def birth(desk: Desk, who: Ints) -> pa.Array:
    """Write birth dates as a card form has them: missing, or 1 January 1900, or right."""
    settings, size = desk.world.settings, len(who)
    default = desk.chance(settings("mess.default_birth"), size)
    born = np.where(default, -25_567, desk.people.born[who])
    return days(born, known=default | ~desk.chance(settings("mess.missing_birth"), size))


def tax_codes(desk: Desk, who: Ints) -> pa.Array:
    """Write the tax codes of those who gave it."""
    people = desk.people
    given = plain([taxcode.given_part(name) for name in GIVEN], people.given[who])
    family = plain([taxcode.family_part(name) for name in FAMILY], people.family[who])
    registry = plain([city.registry for city in desk.world.stores.cities], people.store[who])
    female = people.female[who].astype(np.int64)
    codes = taxcode.codes((family, given), people.born[who], female, registry)
    return keep(codes, desk.chance(desk.world.settings("mess.tax_code"), len(who)))


def store_phones(desk: Desk, store: Ints) -> pa.Array:
    """Write the stores' own numbers."""
    own = [f"{city.prefix} 555{place:04d}" for place, city in enumerate(desk.world.stores.cities)]
    return plain(own, store)


def moving_day(desk: Desk) -> int:
    """Return the second before which records show the former address of who moved."""
    calendar = desk.world.calendar
    return (calendar.start + calendar.end) // 2 * DAY


def sheet(
    kind: int, who: Ints, since: Ints, columns: dict[str, pa.Array], contact: tuple[Flags, Flags]
) -> Sheet:
    """Complete the row with the columns the system does not know."""
    size = len(who)
    filled = {
        **columns,
        "source": words(SOURCE_NAMES, np.full(size, SOURCE_NAMES.index(SOURCES[kind]))),
        "created_at": moments(since),
        "updated_at": moments(since),
    }
    arrays = [
        filled[name] if name in filled else pa.nulls(size, kind_of)
        for name, kind_of in COLUMNS.items()
    ]
    flat = [a.dictionary_decode() if isinstance(a, pa.DictionaryArray) else a for a in arrays]
    table = pa.table(
        [pa.array(a) if not isinstance(a, pa.Array) else a for a in flat], names=list(COLUMNS)
    )
    return Sheet(kind, who, since, contact[0], contact[1], table)
