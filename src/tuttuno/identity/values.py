"""Whose an identifier value is, and why: one person's, a household's, shared, or junk."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tuttuno.identity.evidence import Ints
from tuttuno.identity.find import KINDS as TYPED
from tuttuno.identity.gather import Picture, around, everything
from tuttuno.identity.profile import Rules, ValueClass
from tuttuno.identity.registry import KINDS, RESIDENCE, IdentitySettings, LikenessSettings
from tuttuno.schema.keyed import value_key
from tuttuno.schema.masked import masked
from tuttuno.schema.normal import normalise
from tuttuno.vault.counters import last_change
from tuttuno.vault.identifiers import identifier_values, records_with_values, value_numbers
from tuttuno.vault.vault import Connection
from tuttuno.vocab import IdentifierType

_WHY = {
    ValueClass.PERSONAL: "nothing contradicts that its records are one person",
    ValueClass.HOUSEHOLD: "{persons} people seem to share it, up to {max_persons} may; it ties "
    "equal names only",
    ValueClass.SHARED: "{persons} people seem to share it, more than the {max_persons} that may; "
    "it ties nobody",
    ValueClass.JUNK: "{records} records carry it, more than the {max_records} that a person may "
    "have; it ties nobody",
}


@dataclass(frozen=True, slots=True)
class ValueSeen:
    """One identifier value.

    Attributes:
        kind: Of identifier.
        shown: The value, masked.
        klass: A word of `profile.ValueClass`.
        records: How many records carry it.
        persons: How many people it seems to have at least.
        why: In plain words.
    """

    kind: str
    shown: str
    klass: str
    records: int
    persons: int
    why: str


def values_of_class(
    con: Connection,
    settings: IdentitySettings,
    *,
    classes: Collection[ValueClass],
    limit: int,
) -> tuple[int, tuple[ValueSeen, ...]]:
    """Return how many values are of some classes, and those on most records; reads everything.

    Residences, which identity makes itself, are left out.
    """
    rules = replace(Rules.of(settings), likeness=LikenessSettings(on=False))
    picture = everything(con, rules, since=last_change(con))
    values, klass = picture.evidence.values, picture.profile.klass
    told = values.kind != KINDS.index(RESIDENCE)
    chosen = np.flatnonzero(told & np.isin(klass, list(classes)))
    order = np.lexsort((values.number[chosen], -values.carriers[chosen], -klass[chosen]))
    return len(chosen), _seen(con, settings, picture, chosen[order[:limit]])


def class_of_value(
    con: Connection, settings: IdentitySettings, text: str, *, key: bytes, country: str
) -> tuple[ValueSeen, ...]:
    """Return what became of an e-mail, phone, card number, tax code or social name.

    One entry for each kind of identifier that somebody carries under this text; none where
    nobody does.
    """
    found: list[ValueSeen] = []
    rules = Rules.of(settings)
    for kind in TYPED:
        value = normalise(kind, text, country=country)
        number = -1 if value is None else _number(con, value_key(key, kind, value))
        if number < 0:
            continue
        carriers = records_with_values(con, pa.array([number]))["record_no"].to_numpy()
        asked = np.unique(carriers).astype(np.int64)
        most = int(rules.max_records[KINDS.index(kind)])
        picture = around(con, rules, asked[: most + 1])
        place = np.flatnonzero(picture.evidence.values.number == number)
        found += _seen(con, settings, picture, place)
    return tuple(found)


def _number(con: Connection, key: str) -> int:
    found: int = value_numbers(con, pa.array([key]))[0].as_py()
    return found


def _seen(
    con: Connection, settings: IdentitySettings, picture: Picture, chosen: Ints
) -> tuple[ValueSeen, ...]:
    values, profile = picture.evidence.values, picture.profile
    numbers = pa.array(values.number[chosen])
    rows = identifier_values(con, numbers).to_pylist()
    shown = {row["value_no"]: masked(IdentifierType(row["type"]), row["value"]) for row in rows}
    found = []
    for at in chosen.tolist():
        kind = str(KINDS[int(values.kind[at])])
        klass = ValueClass(int(profile.klass[at]))
        rule = settings.rules[kind]
        records, persons = int(values.carriers[at]), int(profile.persons[at])
        why = _WHY[klass].format(
            persons=persons,
            records=records,
            max_persons=rule.max_persons,
            max_records=rule.max_records,
        )
        mask = shown[int(values.number[at])]
        found.append(ValueSeen(kind, mask, klass.name.lower(), records, persons, why))
    return tuple(found)
