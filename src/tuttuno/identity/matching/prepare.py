"""From a table of records to what can be compared: normalised columns, comparisons, atoms."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from stdnum.it import codicefiscale

from tuttuno.identity.matching import expected
from tuttuno.identity.matching.blocks import Atoms, mixed
from tuttuno.identity.matching.columns import NONE, Column, Ints, changed, column_of
from tuttuno.identity.matching.compare import (
    Codes,
    Comparison,
    Dates,
    Kinds,
    Mails,
    Names,
    PostalCodes,
    Streets,
    Texts,
)
from tuttuno.identity.matching.dates import digits_of_dates
from tuttuno.identity.matching.names import NameBags, bags_of
from tuttuno.identity.matching.words import fold, generation_of, sound_of, street_words

_NAMES = ("given_name", "family_name", "full_name")
_SIGNS = re.compile(r"[^A-Z0-9]")
_DIGITS = re.compile(r"\D")
#: Digits at the end of a phone number that are compared: country and trunk codes come first.
_PHONE_DIGITS = 9

#: What a word of a name, another text, and the fields named here say, roughly, in bits. A way
#: to reach somebody says nothing to a record that has another way.
_WORD_BITS, _TEXT_BITS = 5.0, 3.0
_TOLD_BITS = {
    "birth_date": 8.0,
    "address": 6.0,
    "email": 0.0,
    "phone": 0.0,
    "tax_code": 0.0,
    "identifier": 0.0,
    "street_number": 0.0,
}
#: With so many bits, a record would be found to be somebody's if it were hers.
_ENOUGH_BITS = 15.0

#: What tells a person from the others of her household, beside her name.
_OWN_BESIDE = ("birth_date", "tax_code", "identifier")

#: Fields that identity compares, besides any further column it is told to.
FIELDS = (
    *_NAMES,
    "birth_date",
    "gender",
    "email",
    "phone",
    "tax_code",
    "identifier",
    "address",
    "street_number",
    "address_2",
    "postal_code",
    "city",
    "province",
    "country",
    "birth_place",
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Records ready to be compared.

    Attributes:
        records: How many.
        comparisons: One for each thing that is compared.
        atoms: What records may share.
        bags: Their names, where they have any.
        alone: Values of which one person has one only, as `Limits.one_each` wants them.
        voice: How much each record says, as `Edges.voice` wants it.
        reaches: Records with something issued to one person: an e-mail, a phone, a code.
    """

    records: int
    comparisons: Mapping[str, Comparison]
    atoms: Atoms
    bags: NameBags | None
    alone: tuple[Ints, ...]
    voice: NDArray[np.float64]
    reaches: NDArray[np.bool_]


def prepare(table: pa.Table) -> Prepared:
    """Read records; columns named as in `FIELDS` are known, any other is compared as a text."""
    desk = _Desk(table)
    bags = _names(desk)
    _dates(desk)
    _mails(desk)
    for name in ("phone", "tax_code", "identifier"):
        _codes(desk, name)
    _streets(desk)
    _postal_codes(desk)
    for name in ("gender", "province", "country"):
        if desk.has(name):
            desk.comparisons[name] = Kinds(column_of(map(fold, desk.texts(name))))
    known = set(FIELDS) - {"city", "address_2", "birth_place"}
    for name in sorted(set(table.column_names) - known):
        column = column_of(map(fold, desk.texts(name)))
        desk.comparisons[name] = Texts(column)
        desk.share(name, column, str, sound_of)
    return Prepared(
        records=table.num_rows,
        comparisons=desk.comparisons,
        atoms=desk.atoms(),
        bags=bags,
        alone=tuple(desk.alone),
        voice=_voices(desk, bags),
        reaches=_reaches(desk),
    )


def _voices(desk: "_Desk", bags: NameBags | None) -> NDArray[np.float64]:
    """How much each record says of its person, of what all records of her would say."""
    bits = np.zeros(desk.table.num_rows)
    if bags is not None:
        words = np.append((bags.word != NONE).sum(1), 0)
        bits += np.minimum(words[bags.code], 2) * _WORD_BITS  # code -1 is the 0 at the end
    for name, column in desk.columns.items():
        bits += (column.code != NONE) * _TOLD_BITS.get(name, _TEXT_BITS)
    return np.minimum(bits / _ENOUGH_BITS, 1.0)


def _reaches(desk: "_Desk") -> NDArray[np.bool_]:
    found = np.zeros(desk.table.num_rows, dtype=np.bool_)
    for name in ("email", "phone", "tax_code", "identifier"):
        if name in desk.columns:
            found |= desk.columns[name].code != NONE
    return found


@dataclass(slots=True)
class _Desk:
    """What has been read so far."""

    table: pa.Table
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    alone: list[Ints] = field(default_factory=list)
    columns: dict[str, Column] = field(default_factory=dict)
    _fields: list[str] = field(default_factory=list)
    _parts: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name in self.table.column_names

    def texts(self, name: str) -> list[str | None]:
        if not self.has(name):
            return [None] * self.table.num_rows
        found: list[str | None] = self.table[name].cast(pa.string()).to_pylist()
        return found

    def share(self, name: str, column: Column, *views: Callable[[str], str]) -> None:
        """Let records share a value, or a view of it such as its beginning."""
        self.columns[name] = column
        for view in views:
            seen = column if view is str else changed(column, [view(v) for v in column.values])
            self.mark(name, np.arange(len(seen.code)), seen.code)

    def mark(self, name: str, row: Ints, code: Ints) -> None:
        """Let records share numbers; one record may have several."""
        if name not in self._fields:
            self._fields.append(name)
        told = code != NONE
        place = np.full(int(told.sum()), self._fields.index(name), dtype=np.int64)
        self._parts.append((row[told], place, mixed(code[told], len(self._parts))))

    def atoms(self) -> Atoms:
        empty = (np.empty(0, dtype=np.int64),) * 3
        row, place, mark = (np.concatenate(side) for side in zip(empty, *self._parts, strict=True))
        several = tuple(n for n, name in enumerate(self._fields) if name == "sound")
        return Atoms(row, place, mark, several)


def _names(desk: _Desk) -> NameBags | None:
    if not any(map(desk.has, _NAMES)):
        return None
    bags = bags_of(*(desk.texts(name) for name in _NAMES))
    own = any(map(desk.has, _OWN_BESIDE))
    desk.comparisons["name"] = Names(bags, expected.NAMES if own else expected.NAMES_ALONE)
    typed = zip(*(desk.texts(name) for name in _NAMES), strict=True)
    generation = column_of(generation_of(" ".join(filter(None, names))) for names in typed)
    if len(generation.values) > 1:
        desk.alone.append(generation.code)
    named = np.flatnonzero(bags.code != NONE)
    word = bags.word[bags.code[named]]
    at, column = np.nonzero(word != NONE)
    row, code = named[at], word[at, column]
    desk.mark("name", row, code)
    sound = column_of(map(sound_of, bags.words)).code[code]
    span = int(sound.max(initial=0)) + 2
    row, sound = np.divmod(np.unique(row * span + sound + 1), span)
    desk.mark("sound", row, sound - 1)
    return bags


def _dates(desk: _Desk) -> None:
    if not desk.has("birth_date"):
        return
    column = column_of(digits_of_dates(desk.texts("birth_date")))
    desk.comparisons["birth_date"] = Dates(column)
    views: Iterable[Callable[[str], str]] = (
        str,
        lambda text: text[:6],
        lambda text: text[4:],
        lambda text: text[:4] + text[6:],
        lambda text: text[:4],
    )
    desk.share("birth_date", column, *views)


def _mails(desk: _Desk) -> None:
    if not desk.has("email"):
        return
    mails = [(text or "").strip().lower() for text in desk.texts("email")]
    column = column_of(text if "@" in text else None for text in mails)
    desk.comparisons["email"] = Mails(column)
    desk.share("email", column, str, lambda text: text.partition("@")[0])


def _codes(desk: _Desk, name: str) -> None:
    if not desk.has(name):
        return
    if name == "phone":
        digits = (_DIGITS.sub("", text or "")[-_PHONE_DIGITS:] for text in desk.texts(name))
        column = column_of(text if len(set(text)) > 2 else None for text in digits)
    else:
        column = column_of(_SIGNS.sub("", fold(text)) for text in desk.texts(name))
    if name == "tax_code":
        valid = [text if codicefiscale.is_valid(text) else None for text in column.values]
        desk.alone.append(changed(column, valid).code)
    desk.comparisons[name] = Codes(column)
    desk.share(name, column, str, lambda text: text[:5], lambda text: text[-5:])


def _streets(desk: _Desk) -> None:
    if not desk.has("address"):
        return
    read = [street_words(text) for text in desk.texts("address")]
    beside = [street_words(f"x {text or ''}")[1] for text in desk.texts("street_number")]
    street = column_of(words for words, _ in read)
    number = column_of(inside or own for (_, inside), own in zip(read, beside, strict=True))
    desk.comparisons["address"] = Streets(street, number)
    desk.share("address", street, str, sound_of)
    desk.share("street_number", number, str)


def _postal_codes(desk: _Desk) -> None:
    if not desk.has("postal_code"):
        return
    column = column_of(_SIGNS.sub("", fold(text)) for text in desk.texts("postal_code"))
    desk.comparisons["postal_code"] = PostalCodes(column)
    desk.share("postal_code", column, str, lambda text: text[:3])
