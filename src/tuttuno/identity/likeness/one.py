"""One record beside the few that may be like it, weighed as many are, without tables of them.

The levels are those of `matching.levels`, and the weights those of the kept model, so a pair
weighs here what it weighs in a run.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler

from tuttuno.identity.evidence import born_on
from tuttuno.identity.likeness.compare import FORMS, IDENTIFIERS, Weighed, weighed_as
from tuttuno.identity.likeness.kept import EXPECTED, KeptModel
from tuttuno.identity.likeness.texts import day_of
from tuttuno.identity.matching import levels
from tuttuno.identity.matching.columns import NONE
from tuttuno.identity.matching.compare import HEAD, Seen, nested, share_a_word
from tuttuno.identity.matching.levels import DateFacts, Ladder
from tuttuno.identity.matching.likeness import probably_one_word
from tuttuno.identity.matching.names import (
    A_FAMILY_NAME,
    FAMILY,
    GIVEN,
    Bag,
    bag_of,
    combination,
)
from tuttuno.identity.matching.words import street_words


class Told(NamedTuple):
    """A record in the form in which it is compared.

    Attributes:
        name: Its words.
        text: By field; one that says nothing is left out.
        number: Of the house, empty where it is not told.
    """

    name: Bag
    text: Mapping[str, str]
    number: str


def told(fields: Mapping[str, Any]) -> Told:
    """Read a record as the vault holds it; columns of `texts.COLUMNS` that it lacks say nothing."""
    born: date | None = fields.get("birth_date")
    street, number = street_words(fields.get("address"))
    text = {name: form(fields.get(name) or "") for name, form in FORMS.items()}
    text |= {"birth_date": day_of(born_on(born)) or "", "address": street}
    said = {name: found for name, found in text.items() if found}
    name = bag_of(fields.get("given_name"), fields.get("family_name"), None)
    return Told(name, said, number if street else "")


def weigh_one(kept: KeptModel, one: Told, others: Sequence[Told]) -> Weighed:
    """Weigh a record with each of some others; pairs of 0 and a position in `others`."""
    seen: dict[str, Seen] = {}
    for field in EXPECTED:
        pairs = [_seen(kept, field, one, other) for other in others]
        level = np.array([at for at, _ in pairs], dtype=np.int8)
        seen[field] = Seen(level, np.array([bits for _, bits in pairs], dtype=np.float32))
    place = np.arange(len(others), dtype=np.int64)
    return weighed_as(kept, nested(seen), np.zeros_like(place), place)


def _seen(kept: KeptModel, field: str, one: Told, other: Told) -> tuple[int, np.float32]:
    """The level of a field, and the bits of the value itself."""
    if field == "name":
        return _names(kept, one.name, other.name)
    level = _level(field, one, other)
    if field in IDENTIFIERS and level == 0:
        return NONE, _NOTHING
    mine = one.text.get(field, "")
    if field in kept.frequency and mine and mine == other.text.get(field):
        return level, kept.frequency[field].rarity((mine,))[0]
    return level, _NOTHING


def _level(field: str, one: Told, other: Told) -> int:
    mine, yours = one.text.get(field), other.text.get(field)
    if mine is None or yours is None:
        return NONE
    if field == "address":
        ladder = _streets(one, other, mine, yours)
    elif mine == yours:
        return 0
    else:
        ladder = _UNEQUAL[field](mine, yours)
    return levels.first(ladder, EXPECTED[field].different)


def _streets(one: Told, other: Told, mine: str, yours: str) -> Ladder:
    both = bool(one.number and other.number)
    equal = both and one.number == other.number
    if mine == yours:
        return levels.equal_streets(both, equal)
    alike = levels.alike_streets(_near(mine, yours)) or share_a_word(mine, yours)
    return levels.streets(alike, equal)


def _texts(mine: str, yours: str) -> Ladder:
    return levels.texts(_near(mine, yours), share_a_word(mine, yours))


def _codes(mine: str, yours: str) -> Ladder:
    return levels.codes(OSA.distance(mine, yours))


def _postal_codes(mine: str, yours: str) -> Ladder:
    return levels.postal_codes(OSA.distance(mine, yours), mine[:HEAD] == yours[:HEAD])


def _mails(mine: str, yours: str) -> Ladder:
    one, other = mine.partition("@")[0], yours.partition("@")[0]
    return levels.mails(min(len(one), len(other)), OSA.distance(one, other), _near(one, other))


def _dates(mine: str, yours: str) -> Ladder:
    year, day = mine[:4] == yours[:4], mine[4:] == yours[4:]
    crossed = mine[4:6] == yours[6:] and mine[6:] == yours[4:6]
    facts = DateFacts(
        swapped=year and crossed,
        january=_JANUARY in (mine[4:], yours[4:]),
        year=year,
        day=day,
        year_digits=_unequal(mine[:4], yours[:4]),
        years=abs(int(mine[:4]) - int(yours[:4])),
        digits=_unequal(mine, yours),
    )
    return levels.dates(facts)


def _nothing(_mine: str, _yours: str) -> Ladder:
    return ()


_UNEQUAL: Mapping[str, Callable[[str, str], Ladder]] = {
    "birth_date": _dates,
    "gender": _nothing,
    "email": _mails,
    "phone": _codes,
    "tax_code": _codes,
    "postal_code": _postal_codes,
    "city": _texts,
}

_JANUARY = "0101"

_NOTHING = np.float32(0)


def _names(kept: KeptModel, one: Bag, other: Bag) -> tuple[int, np.float32]:
    if not (one and other):
        return NONE, _NOTHING
    mine, yours = dict(one), dict(other)
    equal = tuple(word for word in mine if word in yours)
    left, right = ({w: at for w, at in bag.items() if w not in equal} for bag in (mine, yours))
    pairs = [(a, b) for a in left for b in right if probably_one_word(a, b)]
    alike = [{word for word, _ in pairs}, {word for _, word in pairs}]
    open_left, open_right = (
        [at for word, at in bag.items() if word not in near]
        for bag, near in zip((left, right), alike, strict=True)
    )
    fields = {*open_left, *open_right}
    ladder = levels.words_left(
        not (open_left and open_right),
        all(where in side for where in (GIVEN, FAMILY) for side in (open_left, open_right)),
        GIVEN in fields or not any((*mine.values(), *yours.values())),
    )
    against = levels.first(ladder, A_FAMILY_NAME)
    level = int(combination(len(equal), min(map(len, alike)), against))
    return level, kept.frequency["name"].rarity(equal).sum(dtype=np.float32)


def _near(mine: str, yours: str) -> np.float32:
    """As exact as many are compared."""
    return np.float32(JaroWinkler.similarity(mine, yours))


def _unequal(mine: str, yours: str) -> int:
    return sum(a != b for a, b in zip(mine, yours, strict=True))
