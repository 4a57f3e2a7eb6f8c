"""Customers as a retailer's systems hold them: full records, and the mistakes that clerks make."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]

_GIVEN = (
    "Maria", "Giuseppe", "Anna", "Francesco", "Giulia", "Antonio", "Sara", "Giovanni", "Laura",
    "Andrea", "Francesca", "Luigi", "Chiara", "Marco", "Elena", "Luca", "Valentina", "Roberto",
    "Paola", "Stefano", "Silvia", "Mario", "Martina", "Paolo", "Federica", "Alessandro", "Angela",
    "Matteo", "Rosa", "Davide", "Elisa", "Simone", "Alice", "Vincenzo", "Teresa", "Fabio", "Monica",
    "Enrico", "Barbara", "Claudio", "Daniela", "Riccardo", "Simona", "Giorgio", "Ilaria", "Pietro",
    "Cristina", "Nicola", "Michela", "Alberto", "Serena", "Salvatore", "Eleonora", "Emanuele",
    "Beatrice", "Massimo", "Irene", "Filippo", "Noemi", "Tommaso",
)  # fmt: skip
_HEADS = (
    "Ross", "Ferr", "Bianch", "Roman", "Colomb", "Ricc", "Marin", "Grec", "Brun", "Gall", "Cont",
    "Cost", "Mancin", "Lombard", "Morett", "Barbier", "Fontan", "Santor", "Rinald", "Carus",
    "Ferrar", "Martin", "Leon", "Long", "Gentil", "Vital", "Pellegrin", "Palumb", "Sann", "Fabbr",
)  # fmt: skip
_TAILS = (
    "i", "o", "a", "ini", "etti", "elli", "one", "ucci", "aldi", "oni", "ato", "ari", "acci",
    "ese", "iero", "otti", "usso", "etto", "ano", "azzo",
)  # fmt: skip
_STREETS = ("Roma", "Garibaldi", "Mazzini", "Dante", "Verdi", "Cavour", "Europa", "Marconi",
            "Matteotti", "della Repubblica", "San Marco", "dei Mille")  # fmt: skip
_KINDS = ("Via", "Viale", "Piazza", "Corso")

#: Days on which customers are born, and postal codes where they live.
_BORN, _DAYS, _CODES = date(1938, 1, 1), 25_000, 4_000

#: Of the records that come: of people who are known, and those of them who share no value.
_KNOWN, _UNTIED = 0.5, 0.04


def customer(seed: int, number: int) -> Row:
    """Who somebody is: always the same for the same seed and number."""
    draw = Random(seed * 1_000_003 + number)  # noqa: S311 - made-up people need no secrets
    given = _GIVEN[_often_early(draw, len(_GIVEN))]
    family = _HEADS[_often_early(draw, len(_HEADS))] + draw.choice(_TAILS)
    code = _often_early(draw, _CODES)
    return {
        "given_name": given,
        "family_name": family,
        "birth_date": _BORN + timedelta(days=draw.randrange(_DAYS)),
        "gender": "female" if given.endswith("a") else "male",
        "email": f"{given}.{family}{number}@example.it".lower(),
        "phone": f"+39340{number:07}",
        "loyalty_card": f"77{number:08}",
        "address": f"{draw.choice(_KINDS)} {draw.choice(_STREETS)} {draw.randrange(1, 160)}",
        "postal_code": f"{10_000 + 20 * code:05}",
        "city": f"Borgo {code // 4}",
    }


def records(draw: Random, seed: int, number: int) -> Iterator[Row]:
    """What the shop, the card desk and the till know of a customer."""
    who = customer(seed, number)
    if draw.random() < 0.03:
        who["phone"] = f"+39340{draw.randrange(max(number, 1)):07}"  # a family's
    yield _record(f"shop-{number}", _without(who, "loyalty_card"))
    yield _record(f"card-{number}", _mistaken(draw, _without(who, "email")))
    if draw.random() < 0.5:
        yield _record(f"till-{number}", {"loyalty_card": who["loyalty_card"]})


def coming(draw: Random, seed: int, people: int) -> Iterator[Row]:
    """Records without end: every second one of somebody new.

    Most of the others share an e-mail, phone or card with what is there; some share nothing.
    """
    number = 0
    while True:
        number += 1
        if draw.random() >= _KNOWN:
            yield _record(f"new-{number}", _without(customer(seed, people + number), "phone"))
            continue
        who = _mistaken(draw, customer(seed, draw.randrange(people)))
        kept = draw.choice(("email", "phone", "loyalty_card"))
        if draw.random() < _UNTIED / _KNOWN:
            kept = ""
            who["address"] = customer(seed, draw.randrange(people))["address"]
        told = _without(who, *({"email", "phone", "loyalty_card"} - {kept}))
        yield _record(f"again-{number}", told)


def _record(name: str, said: Row) -> Row:
    return {"name": name, **said}


def _without(who: Row, *columns: str) -> Row:
    return {name: value for name, value in who.items() if name not in columns}


def _often_early(draw: Random, count: int) -> int:
    """A position in a list, the earlier the likelier: few names and towns have most people."""
    return int(count * draw.random() ** 2)


def _mistaken(draw: Random, who: Row) -> Row:
    """The same as somebody else wrote it down: one in three has a slip, or a gap."""
    told, slip = dict(who), draw.random()
    family = told["family_name"]
    if slip < 0.06:
        at = draw.randrange(1, len(family) - 1)
        told["family_name"] = family[:at] + family[at + 1 :]
    elif slip < 0.1:
        told["given_name"], told["family_name"] = family, told["given_name"]
    elif slip < 0.13:
        told["given_name"] = told["given_name"][:3]
    elif slip < 0.16:
        born = told["birth_date"]
        if born.day <= 12:
            told["birth_date"] = born.replace(day=born.month, month=born.day)
    elif slip < 0.26:
        told["birth_date"] = None
    elif slip < 0.36:
        told["address"] = told["postal_code"] = told["city"] = None
    return told
