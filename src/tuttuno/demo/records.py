"""The records of the six sources: each system's own, untidy view of a customer."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo import loyalty, mess, taxcode
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
from tuttuno.demo.known import Known
from tuttuno.demo.loyalty import Cards
from tuttuno.demo.mess import BARE, NICKNAME, PROPER, TYPO, UPPER
from tuttuno.demo.names import FAMILY
from tuttuno.demo.people import GIVEN, People
from tuttuno.demo.trips import Trips
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

#: How a person came to be in a source, and the source each kind of record lies in.
CARD, SECOND, TILL, ACCOUNT, GUEST, ALIAS, MARKET, NEWSLETTER, APP, CRM = range(10)
SOURCES = ("card", "card", "pos", "shop", "shop", "shop", "shop", "newsletter", "app", "crm")
SOURCE_NAMES = ("card", "pos", "shop", "newsletter", "app", "crm")

#: Each kind numbers people in its own way, so that keys of two sources have nothing in common.
_KEYS = {
    TILL: ("T", 10_000_019), ACCOUNT: ("A", 179_424_673), GUEST: ("G", 32_452_843),
    MARKET: ("M", 86_028_121), NEWSLETTER: ("N", 15_485_863), APP: ("app-", 122_949_823),
    CRM: ("CRM-", 67_867_967),
}  # fmt: skip


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


def make(
    world: World, block: int, people: People, known: Known, cards: Cards, trips: Trips
) -> list[Sheet]:
    """Fill in every record of one block of people."""
    desk = Desk(world, people, world.rng(block, "records"))
    orders = np.flatnonzero(known.alias)
    second = cards.second & (cards.since + 180 * DAY < world.calendar.end * DAY)
    return [
        _card(desk, CARD, desk.line_up(cards.member), cards.since),
        _card(desk, SECOND, desk.line_up(second), cards.since + 180 * DAY),
        _till(desk, desk.line_up(known.till), known),
        _account(desk, desk.line_up(known.account), known),
        _guest(desk, desk.line_up(known.guest), known),
        _alias(desk, trips.person[orders], trips.number[orders], trips.at[orders]),
        _market(desk, desk.line_up(known.market), known),
        _newsletter(desk, desk.line_up(known.newsletter), known),
        _app(desk, desk.line_up(known.app), known),
        _crm(desk, desk.line_up(known.crm), known, cards),
    ]


def key(kind: int, number: Ints) -> pa.Array:
    """Compose the record keys of true person numbers in a kind of record (not cards)."""
    prefix, factor = _KEYS[kind]
    return join(pa.scalar(prefix), digits(mess.shuffled(number, factor, 9), 9))


def alias_key(world: World, sale_number: Ints) -> pa.Array:
    """Compose the record keys that single guest orders leave behind."""
    width = len(str(world.sale_span * world.blocks))
    return join(pa.scalar("GX"), digits(mess.shuffled(sale_number, 49_979_687, width), width))


def alias_text(sale_number: Ints) -> pa.Array:
    """Return what a guest puts behind the + in an order."""
    return plain(["shop", "promo", "mirabello", "sconto", "1"], sale_number % 5)


def device(number: Ints) -> pa.Array:
    """Compose the device id of true person numbers."""
    return join(pa.scalar("dev-"), digits(mess.shuffled(number, 141_650_939, 10), 10))


def handle(number: Ints) -> pa.Array:
    """Compose the social handle of true person numbers."""
    network = plain(["instagram:", "facebook:", "tiktok:"], number % 3)
    return join(network, pa.scalar("mira"), digits(mess.shuffled(number, 198_491_317, 9), 9))


def _card(desk: Desk, kind: int, who: Ints, since: Ints) -> Sheet:
    """Fill in the paper form of the loyalty card, typed by a cashier in upper case."""
    people, settings, size = desk.people, desk.world.settings, len(who)
    at = since[who]
    style = np.where(desk.chance(settings("mess.typo"), size), TYPO, UPPER)
    style = np.where(desk.chance(0.12, size), PROPER, style)
    mail = desk.chance(settings("mess.card_email"), size)
    mobile = desk.chance(settings("mess.card_phone"), size)
    junk_mail = desk.chance(settings("mess.junk_email"), size)
    phone, real_phone = _card_phone(desk, who, mobile)
    email = keep(mess.emails(desk.world, people, who), mail)
    email = either(junk_mail, pa.scalar("test@test.it"), email)
    second = np.full(size, kind == SECOND)
    columns = {
        "record_id": loyalty.record_ids(people, who, second),
        "email": email,
        "phone": phone,
        **_names(desk, who, style, style),
        "birth_date": _birth(desk, who),
        "gender": words(["male", "female"], people.female[who].astype(np.int64)),
        **_home(desk, who, desk.styles([0.2, 0.6, 0.2], size), old=at < _moving_day(desk)),
        "loyalty_card": loyalty.numbers(people, who, second),
        "tax_code": _tax_codes(desk, who),
        "home_store_id": words(desk.world.stores.ids, people.store[who]),
    }
    return _sheet(kind, who, at, columns, (mail & ~junk_mail, real_phone))


def _card_phone(desk: Desk, who: Ints, mobile: Flags) -> tuple[pa.Array, Flags]:
    """Write phones on the card form; some cashiers type the store's own, or zeros."""
    people, settings, size = desk.people, desk.world.settings, len(who)
    recycled = (people.old_mobile[who] != NONE) & mobile
    owner = np.where(recycled, people.old_mobile[who], people.mobile[who])
    phone = keep(mess.phones(people.number[owner], desk.styles([2, 4, 4, 1, 1], size)), mobile)
    lazy = desk.chance(settings("mess.store_phone"), size)
    phone = either(lazy, _store_phones(desk, people.store[who]), phone)
    zeros = desk.chance(settings("mess.junk_phone"), size)
    phone = either(zeros, pa.scalar("0000000000"), phone)
    return phone, mobile & ~lazy & ~zeros & ~recycled


def _till(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write what the till keeps for a digital receipt: one name field, one address."""
    people, size = desk.people, len(who)
    given = mess.given(people.given[who], np.full(size, PROPER))
    family = mess.family(people.family[who], np.full(size, UPPER))
    by_mail = desk.chance(0.6, size)
    columns = {
        "record_id": key(TILL, people.number[who]),
        "family_name": join(family, given, sep=" "),
        "email": keep(_mail(desk, who, [0.5, 0.0, 0.5]), by_mail),
        "phone": keep(_phone(desk, who, [0, 1, 5, 0, 1]), ~by_mail),
        "home_store_id": words(desk.world.stores.ids, people.store[who]),
    }
    return _sheet(TILL, who, known.till_since[who], columns, (by_mail, ~by_mail))


def _account(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write what customers typed into the shop's form themselves."""
    size, people = len(who), desk.people
    mobile = desk.chance(0.7, size)
    style = np.where(desk.chance(0.06, size), BARE, PROPER)
    columns = {
        "record_id": key(ACCOUNT, people.number[who]),
        "email": _mail(desk, who, [0.85, 0.13, 0.02]),
        "phone": keep(_phone(desk, who, [3, 2, 3, 1, 3]), mobile),
        **_names(desk, who, style, style),
        "birth_date": days(people.born[who], known=desk.chance(0.3, size)),
        **_home(desk, who, desk.styles([0.7, 0.1, 0.2], size), old=desk.chance(0.1, size)),
        "language": words(["it", "en"], desk.chance(0.03, size).astype(np.int64)),
    }
    return _sheet(ACCOUNT, who, known.since[who], columns, (np.ones(size, bool), mobile))


def _guest(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write what a checkout without an account leaves behind."""
    size = len(who)
    columns = {
        "record_id": key(GUEST, desk.people.number[who]),
        "email": _mail(desk, who, [1.0]),
        **_delivery(desk, who),
    }
    return _sheet(GUEST, who, known.since[who], columns, (np.ones(size, bool), np.ones(size, bool)))


def _alias(desk: Desk, who: Ints, sale: Ints, at: Ints) -> Sheet:
    """Write guests who put `+something` into their address: a new customer every time."""
    size = len(who)
    columns = {
        "record_id": alias_key(desk.world, sale),
        "email": mess.with_alias(mess.emails(desk.world, desk.people, who), alias_text(sale)),
        **_delivery(desk, who),
    }
    return _sheet(ALIAS, who, at - 90, columns, (np.ones(size, bool), np.ones(size, bool)))


def _market(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write buyers on a marketplace, whose e-mail is the marketplace's relay."""
    size, number = len(who), desk.people.number[who]
    relay = digits(mess.shuffled(number, 217_645_199, 10), 10)
    columns = {
        "record_id": key(MARKET, number),
        "email": join(pa.scalar("m"), relay, pa.scalar("@relay.example.net")),
        **_delivery(desk, who),
    }
    nobody = np.zeros(size, dtype=np.bool_)
    return _sheet(MARKET, who, known.since[who] + 120, columns, (nobody, nobody))


def _newsletter(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write the newsletter's readers: an address, now and then a first name."""
    size, people = len(who), desk.people
    given = mess.given(people.given[who], np.full(size, PROPER))
    columns = {
        "record_id": key(NEWSLETTER, people.number[who]),
        "email": _mail(desk, who, [0.92, 0.04, 0.04]),
        "given_name": keep(given, desk.chance(0.6, size)),
        "language": words(["it"], np.zeros(size, dtype=np.int64)),
    }
    late = known.since[who] + 3_600
    return _sheet(NEWSLETTER, who, late, columns, (np.ones(size, bool), np.zeros(size, bool)))


def _app(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write the app's installations; some were tried out on a kiosk in the store."""
    size, people, world = len(who), desk.people, desk.world
    kiosk = desk.chance(world.settings("mess.kiosk_device"), size)
    stand = join(pa.scalar("kiosk-"), plain(world.stores.ids, people.store[who]))
    columns = {
        "record_id": key(APP, people.number[who]),
        "email": _mail(desk, who, [1.0]),
        "device_ids": either(
            kiosk,
            join(device(people.number[who]), stand, sep="|"),
            device(people.number[who]),
        ),
        "language": words(["it", "en"], desk.chance(0.05, size).astype(np.int64)),
    }
    late = known.since[who] + 7_200
    return _sheet(APP, who, late, columns, (np.ones(size, bool), np.zeros(size, bool)))


def _crm(desk: Desk, who: Ints, known: Known, cards: Cards) -> Sheet:
    """Write the CRM: old imports with nicknames, married names, former addresses."""
    size, people = len(who), desk.people
    mail, mobile = desk.chance(0.7, size), desk.chance(0.7, size)
    nick = np.where(desk.chance(0.25, size), NICKNAME, PROPER)
    shows_card = cards.member[who] & desk.chance(0.4, size)
    social = desk.chance(desk.world.settings("records.social_handle"), size)
    columns = {
        "record_id": key(CRM, people.number[who]),
        "email": keep(_mail(desk, who, [0.6, 0.1, 0.3]), mail),
        "phone": keep(_phone(desk, who, [4, 4, 2, 2, 1]), mobile),
        **_names(desk, who, nick, np.full(size, PROPER), married=True),
        "birth_date": days(people.born[who], known=desk.chance(0.5, size)),
        **_home(desk, who, desk.styles([0.2, 0.2, 0.6], size), old=np.ones(size, bool)),
        "loyalty_card": loyalty.numbers(
            people, np.where(shows_card, who, NONE), np.zeros(size, dtype=np.bool_)
        ),
        "social_handles": keep(handle(people.number[who]), social),
        "home_store_id": words(desk.world.stores.ids, people.store[who]),
    }
    at = np.minimum(known.since[who], cards.since[who]) + 30 * DAY
    at = np.minimum(at, desk.world.calendar.end * DAY - 3_600)
    return _sheet(CRM, who, at, columns, (mail, mobile))


def _names(
    desk: Desk, who: Ints, given: Ints, family: Ints, *, married: bool = False
) -> dict[str, pa.Array]:
    people = desk.people
    names = mess.family(people.family[who], family)
    if married:
        other = people.married[who]
        both = join(names, plain(FAMILY, other), sep=" ")
        names = either(other != NONE, both, names)
    return {"given_name": mess.given(people.given[who], given), "family_name": names}


def _home(desk: Desk, who: Ints, style: Ints, *, old: Flags) -> dict[str, pa.Array]:
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


def _delivery(desk: Desk, who: Ints) -> dict[str, pa.Array]:
    """Fill in name, phone and address as typed on a phone, for a parcel."""
    size = len(who)
    style = np.where(desk.chance(0.15, size), BARE, PROPER)
    return {
        "phone": _phone(desk, who, [3, 2, 4, 1, 3]),
        **_names(desk, who, style, style),
        **_home(desk, who, desk.styles([0.6, 0.1, 0.3], size), old=np.zeros(size, bool)),
    }


def _mail(desk: Desk, who: Ints, styles: list[float]) -> pa.Array:
    text = mess.emails(desk.world, desk.people, who)
    if len(styles) == 1:
        return text
    return mess.email_spelling(text, desk.styles(styles, len(who)))


def _phone(desk: Desk, who: Ints, styles: list[float]) -> pa.Array:
    owner = desk.people.number[desk.people.mobile[who]]
    return mess.phones(owner, desk.styles(styles, len(who)))


def _birth(desk: Desk, who: Ints) -> pa.Array:
    """Write birth dates as a card form has them: missing, or 1 January 1900, or right."""
    settings, size = desk.world.settings, len(who)
    default = desk.chance(settings("mess.default_birth"), size)
    born = np.where(default, -25_567, desk.people.born[who])
    return days(born, known=default | ~desk.chance(settings("mess.missing_birth"), size))


def _tax_codes(desk: Desk, who: Ints) -> pa.Array:
    people = desk.people
    given = plain([taxcode.given_part(name) for name in GIVEN], people.given[who])
    family = plain([taxcode.family_part(name) for name in FAMILY], people.family[who])
    registry = plain([city.registry for city in desk.world.stores.cities], people.store[who])
    female = people.female[who].astype(np.int64)
    codes = taxcode.codes((family, given), people.born[who], female, registry)
    return keep(codes, desk.chance(desk.world.settings("mess.tax_code"), len(who)))


def _store_phones(desk: Desk, store: Ints) -> pa.Array:
    own = [f"{city.prefix} 555{place:04d}" for place, city in enumerate(desk.world.stores.cities)]
    return plain(own, store)


def _moving_day(desk: Desk) -> int:
    """Return the second before which records show the former address of who moved."""
    calendar = desk.world.calendar
    return (calendar.start + calendar.end) // 2 * DAY


def _sheet(
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
