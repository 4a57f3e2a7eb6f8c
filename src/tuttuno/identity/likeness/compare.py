"""Two records side by side, field by field, and what they weigh by a model that is kept."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.likeness.kept import Frequency, KeptModel
from tuttuno.identity.likeness.texts import coded, days_of, folded, postal_code
from tuttuno.identity.matching.columns import NONE, Column, Floats, column_of
from tuttuno.identity.matching.compare import (
    Codes,
    Comparison,
    Dates,
    Kinds,
    Mails,
    PostalCodes,
    Seen,
    Streets,
    Texts,
    nested,
)
from tuttuno.identity.matching.likeness import WordByWord
from tuttuno.identity.matching.names import NameBags, bags_of, compare_bags
from tuttuno.identity.matching.words import fold, street_words

#: What is judged as an identifier: that two records share it is no likeness.
IDENTIFIERS = ("email", "phone", "tax_code")

#: Digits at the end of a phone that are compared.
_PHONE_DIGITS = 9

_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Fields:
    """Records ready to be compared.

    Attributes:
        bags: Their names.
        compared: Everything else.
        values: Of the fields in which a rare value speaks louder.
    """

    bags: NameBags
    compared: Mapping[str, Comparison]
    values: Mapping[str, Column]


def fields_of(rows: pa.Table) -> Fields:
    """Read records with `texts.COLUMNS`."""
    streets = folded(rows["address"], _street_and_number)
    split = [text.partition("|") for text in streets.values]
    street = _viewed(streets, [text[0] for text in split])
    number = _viewed(streets, [text[2] for text in split])
    born = folded(days_of(rows["birth_date"]), str)
    said = {name: folded(rows[name], form) for name, form in FORMS.items()}
    compared: dict[str, Comparison] = {
        "birth_date": Dates(born),
        "gender": Kinds(said["gender"]),
        "email": Mails(said["email"]),
        "phone": Codes(said["phone"]),
        "tax_code": Codes(said["tax_code"]),
        "address": Streets(street, number),
        "postal_code": PostalCodes(said["postal_code"]),
        "city": Texts(said["city"]),
    }
    values = {"birth_date": born, "address": street}
    values |= {name: said[name] for name in ("postal_code", "city")}
    return Fields(_bags(rows), compared, values)


def see(fields: Fields, one: Ints, other: Ints, kept: KeptModel | None = None) -> dict[str, Seen]:
    """Compare pairs of positions.

    A value's own bits come from the model; without one, no value says more than another.
    """
    words = fields.bags.words
    rarity = np.zeros(len(words), np.float32)
    if kept is not None:
        rarity = kept.frequency["name"].rarity(words)
    found = {"name": Seen(*compare_bags(fields.bags, one, other, rarity=rarity))}
    for name, comparison in fields.compared.items():
        seen = comparison.compare(one, other)
        level, bits = seen.level, np.zeros(len(one), np.float32)
        if name in IDENTIFIERS:
            level = np.where(level == 0, NONE, level).astype(np.int8)
        elif kept is not None and name in kept.frequency:
            bits = _rare(fields.values[name], one, other, kept.frequency[name])
        found[name] = Seen(level, bits)
    return nested(found)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs of records with what speaks for and against their being one person.

    Attributes:
        one, other: The records.
        parts: Bits by field; what is taken off again; and what holds before any look.
        weight: The sum of the parts.
        near: Pairs in which something beside name and birth date speaks for one person.
        levels: The level of each field, `NONE` where it was not compared.
    """

    one: Ints
    other: Ints
    parts: Mapping[str, NDArray[np.float64]]
    weight: NDArray[np.float64]
    near: Flags
    levels: Mapping[str, NDArray[np.int8]]

    def only(self, chosen: Flags | Ints) -> "Weighed":
        """Some of the pairs."""
        return Weighed(
            self.one[chosen],
            self.other[chosen],
            {name: bits[chosen] for name, bits in self.parts.items()},
            self.weight[chosen],
            self.near[chosen],
            {name: level[chosen] for name, level in self.levels.items()},
        )

    def at(self, one: Ints, other: Ints) -> "Weighed":
        """The same pairs under other numbers."""
        return replace(self, one=one, other=other)


def weigh(kept: KeptModel, rows: pa.Table, one: Ints, other: Ints) -> Weighed:
    """Weigh pairs of records, given by position in `rows`.

    A weight depends on the two records and the model, and on nothing beside them.
    """
    needed, place = np.unique(np.concatenate((one, other)), return_inverse=True)
    left, right = place[: len(one)], place[len(one) :]
    seen = see(fields_of(rows.take(pa.array(needed))), left, right, kept)
    return weighed_as(kept, seen, one, other)


def weighed_as(kept: KeptModel, seen: Mapping[str, Seen], one: Ints, other: Ints) -> Weighed:
    """Weigh pairs by the levels on which they stand."""
    parts = {name: bits.astype(np.float64) for name, bits in kept.model.parts(seen).items()}
    weight = np.sum(list(parts.values()), axis=0)
    near = np.any([parts[name] > 0 for name in _BESIDE], axis=0)
    levels = {name: at.level for name, at in seen.items()}
    return Weighed(one, other, parts, weight, near, levels)


def joined(some: list[Weighed]) -> Weighed:
    """Pairs of several lists, each once; no pairs where there is no list."""
    if len(some) < 2:
        return some[0] if some else _no_pairs()
    one, other, weight, near = (
        np.concatenate([getattr(each, name) for each in some])
        for name in ("one", "other", "weight", "near")
    )
    parts = {n: np.concatenate([each.parts[n] for each in some]) for n in some[0].parts}
    levels = {n: np.concatenate([each.levels[n] for each in some]) for n in some[0].levels}
    whole = Weighed(one, other, parts, weight, near, levels)
    span = int(max(one.max(initial=0), other.max(initial=0))) + 1
    return whole.only(np.unique(one * span + other, return_index=True)[1])


def _no_pairs() -> Weighed:
    none, bits = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
    return Weighed(none, none, {}, bits, np.empty(0, dtype=np.bool_), {})


#: What must speak for a tie beside name and birth date.
_BESIDE = ("email", "phone", "tax_code", "address", "postal_code", "city")


def _rare(column: Column, one: Ints, other: Ints, frequency: Frequency) -> Floats:
    mine, yours = column.code[one], column.code[other]
    told = np.append(frequency.rarity(column.values), np.float32(0))[mine]
    return np.where((mine != NONE) & (mine == yours), told, np.float32(0))


def _bags(rows: pa.Table) -> NameBags:
    given, texts = coded(rows["given_name"])
    family, others = coded(rows["family_name"])
    span = len(others) + 1
    different, place = np.unique((given + 1) * span + family + 1, return_inverse=True)
    front: list[str | None] = [None, *texts]
    behind: list[str | None] = [None, *others]
    bags = bags_of(
        [front[one // span] for one in different.tolist()],
        [behind[one % span] for one in different.tolist()],
        [None] * len(different),
        likeness=WordByWord,
    )
    return replace(bags, code=bags.code[place])


def _viewed(column: Column, texts: list[str]) -> Column:
    other = column_of(texts)
    return Column(np.append(other.code, NONE)[column.code], other.values)


def _street_and_number(text: str) -> str:
    street, number = street_words(text)
    return f"{street}|{number}" if street else ""


def street(text: str) -> str:
    """The words of a street as they are compared."""
    return street_words(text)[0]


def _mail(text: str) -> str:
    plain = text.strip().lower()
    return plain if "@" in plain else ""


def _phone(text: str) -> str:
    digits = _DIGITS.sub("", text)[-_PHONE_DIGITS:]
    return digits if len(set(digits)) > 2 else ""


def _code(text: str) -> str:
    return fold(text).replace(" ", "")


#: The form in which a text is compared; what comes to nothing is not said.
FORMS: Mapping[str, Callable[[str], str]] = {
    "gender": fold,
    "email": _mail,
    "phone": _phone,
    "tax_code": _code,
    "postal_code": postal_code,
    "city": fold,
}
