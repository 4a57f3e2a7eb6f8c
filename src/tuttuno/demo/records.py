"""The records of the six sources: each system's own, untidy view of a customer."""

import numpy as np
import pyarrow as pa

from tuttuno.demo import forms, loyalty, mess
from tuttuno.demo.arrays import (
    DAY,
    NONE,
    Flags,
    Ints,
    days,
    digits,
    either,
    join,
    keep,
    plain,
    words,
)
from tuttuno.demo.forms import Desk, Sheet
from tuttuno.demo.keys import (
    ACCOUNT,
    ALIAS,
    APP,
    CARD,
    CRM,
    GUEST,
    MARKET,
    NEWSLETTER,
    SECOND,
    TILL,
    alias_key,
    alias_text,
    device,
    handle,
    key,
)
from tuttuno.demo.known import Known
from tuttuno.demo.loyalty import Cards
from tuttuno.demo.mess import BARE, NICKNAME, PROPER, TYPO, UPPER
from tuttuno.demo.people import People
from tuttuno.demo.trips import Trips
from tuttuno.demo.world import World


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
        **forms.names(desk, who, style, style),
        "birth_date": forms.birth(desk, who),
        "gender": words(["male", "female"], people.female[who].astype(np.int64)),
        **forms.home(
            desk, who, desk.styles([0.2, 0.6, 0.2], size), old=at < forms.moving_day(desk)
        ),
        "loyalty_card": loyalty.numbers(people, who, second),
        "tax_code": forms.tax_codes(desk, who),
        "home_store_id": words(desk.world.stores.ids, people.store[who]),
    }
    return forms.sheet(kind, who, at, columns, (mail & ~junk_mail, real_phone))


def _card_phone(desk: Desk, who: Ints, mobile: Flags) -> tuple[pa.Array, Flags]:
    """Write phones on the card form; some cashiers type the store's own, or zeros."""
    people, settings, size = desk.people, desk.world.settings, len(who)
    recycled = (people.old_mobile[who] != NONE) & mobile
    owner = np.where(recycled, people.old_mobile[who], people.mobile[who])
    phone = keep(mess.phones(people.number[owner], desk.styles([2, 4, 4, 1, 1], size)), mobile)
    lazy = desk.chance(settings("mess.store_phone"), size)
    phone = either(lazy, forms.store_phones(desk, people.store[who]), phone)
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
        "email": keep(forms.mail(desk, who, [0.5, 0.0, 0.5]), by_mail),
        "phone": keep(forms.phone(desk, who, [0, 1, 5, 0, 1]), ~by_mail),
        "home_store_id": words(desk.world.stores.ids, people.store[who]),
    }
    return forms.sheet(TILL, who, known.till_since[who], columns, (by_mail, ~by_mail))


def _account(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write what customers typed into the shop's form themselves."""
    size, people = len(who), desk.people
    mobile = desk.chance(0.7, size)
    style = np.where(desk.chance(0.06, size), BARE, PROPER)
    columns = {
        "record_id": key(ACCOUNT, people.number[who]),
        "email": forms.mail(desk, who, [0.85, 0.13, 0.02]),
        "phone": keep(forms.phone(desk, who, [3, 2, 3, 1, 3]), mobile),
        **forms.names(desk, who, style, style),
        "birth_date": days(people.born[who], known=desk.chance(0.3, size)),
        **forms.home(desk, who, desk.styles([0.7, 0.1, 0.2], size), old=desk.chance(0.1, size)),
        "language": words(["it", "en"], desk.chance(0.03, size).astype(np.int64)),
    }
    return forms.sheet(ACCOUNT, who, known.since[who], columns, (np.ones(size, bool), mobile))


def _guest(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write what a checkout without an account leaves behind."""
    size = len(who)
    columns = {
        "record_id": key(GUEST, desk.people.number[who]),
        "email": forms.mail(desk, who, [1.0]),
        **forms.delivery(desk, who),
    }
    return forms.sheet(
        GUEST, who, known.since[who], columns, (np.ones(size, bool), np.ones(size, bool))
    )


def _alias(desk: Desk, who: Ints, sale: Ints, at: Ints) -> Sheet:
    """Write guests who put `+something` into their address: a new customer every time."""
    size = len(who)
    columns = {
        "record_id": alias_key(desk.world, sale),
        "email": mess.with_alias(mess.emails(desk.world, desk.people, who), alias_text(sale)),
        **forms.delivery(desk, who),
    }
    return forms.sheet(ALIAS, who, at - 90, columns, (np.ones(size, bool), np.ones(size, bool)))


def _market(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write buyers on a marketplace, whose e-mail is the marketplace's relay."""
    size, number = len(who), desk.people.number[who]
    relay = digits(mess.shuffled(number, 217_645_199, 10), 10)
    columns = {
        "record_id": key(MARKET, number),
        "email": join(pa.scalar("m"), relay, pa.scalar("@relay.example.net")),
        **forms.delivery(desk, who),
    }
    nobody = np.zeros(size, dtype=np.bool_)
    return forms.sheet(MARKET, who, known.market_since[who], columns, (nobody, nobody))


def _newsletter(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write the newsletter's readers: an address, now and then a first name."""
    size, people = len(who), desk.people
    given = mess.given(people.given[who], np.full(size, PROPER))
    columns = {
        "record_id": key(NEWSLETTER, people.number[who]),
        "email": forms.mail(desk, who, [0.92, 0.04, 0.04]),
        "given_name": keep(given, desk.chance(0.6, size)),
        "language": words(["it"], np.zeros(size, dtype=np.int64)),
    }
    late = known.since[who] + 3_600
    return forms.sheet(NEWSLETTER, who, late, columns, (np.ones(size, bool), np.zeros(size, bool)))


def _app(desk: Desk, who: Ints, known: Known) -> Sheet:
    """Write the app's installations; some were tried out on a kiosk in the store."""
    size, people, world = len(who), desk.people, desk.world
    kiosk = desk.chance(world.settings("mess.kiosk_device"), size)
    stand = join(pa.scalar("kiosk-"), plain(world.stores.ids, people.store[who]))
    columns = {
        "record_id": key(APP, people.number[who]),
        "email": forms.mail(desk, who, [1.0]),
        "device_ids": either(
            kiosk,
            join(device(people.number[who]), stand, sep="|"),
            device(people.number[who]),
        ),
        "language": words(["it", "en"], desk.chance(0.05, size).astype(np.int64)),
    }
    late = known.since[who] + 7_200
    return forms.sheet(APP, who, late, columns, (np.ones(size, bool), np.zeros(size, bool)))


def _crm(desk: Desk, who: Ints, known: Known, cards: Cards) -> Sheet:
    """Write the CRM: old imports with nicknames, married names, former addresses."""
    size, people = len(who), desk.people
    mail, mobile = desk.chance(0.7, size), desk.chance(0.7, size)
    nick = np.where(desk.chance(0.25, size), NICKNAME, PROPER)
    shows_card = cards.member[who] & desk.chance(0.4, size)
    social = desk.chance(desk.world.settings("records.social_handle"), size)
    columns = {
        "record_id": key(CRM, people.number[who]),
        "email": keep(forms.mail(desk, who, [0.6, 0.1, 0.3]), mail),
        "phone": keep(forms.phone(desk, who, [4, 4, 2, 2, 1]), mobile),
        **_swapped(desk, forms.names(desk, who, nick, np.full(size, PROPER), married=True)),
        "birth_date": days(people.born[who], known=desk.chance(0.5, size)),
        **forms.home(desk, who, desk.styles([0.2, 0.2, 0.6], size), old=np.ones(size, bool)),
        "loyalty_card": loyalty.numbers(
            people, np.where(shows_card, who, NONE), np.zeros(size, dtype=np.bool_)
        ),
        "social_handles": keep(handle(people.number[who]), social),
        "home_store_id": words(desk.world.stores.ids, people.store[who]),
    }
    at = np.minimum(known.since[who], cards.since[who]) + 30 * DAY
    at = np.minimum(at, desk.world.calendar.end * DAY - 3_600)
    return forms.sheet(CRM, who, at, columns, (mail, mobile))


def _swapped(desk: Desk, names: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Put some given names into the field of the family name and the other way round."""
    given, family = names["given_name"], names["family_name"]
    swap = desk.chance(desk.world.settings("mess.swapped_names"), len(given))
    return {"given_name": either(swap, family, given), "family_name": either(swap, given, family)}
