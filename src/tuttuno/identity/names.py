"""Whether two names can be one person's: typed twice, swapped, shortened, married, mistyped."""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from tuttuno.identity.nicknames import SHORT_FORMS

#: What a field for the name holds when there is none, and what such a text begins with.
_NOBODY = frozenset({"ND", "NA", "NULL", "NONE", "UNDEFINED", "XXX", "NESSUNO", "UNKNOWN"})
_NOBODY_FIRST = frozenset(
    {"CLIENTE", "CLIENTI", "GUEST", "OSPITE", "ANONIMO", "ANONYMOUS", "SCONOSCIUTO", "PROVA"}
)
_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4]")
_NO_LETTER = re.compile("[^A-Z]+")
_DOUBLED = re.compile(r"(.)\1")
#: Letters from which on one wrong letter inside is a slip; Marina and Martina are two people.
_LONG = 7
#: Letters up to which a beginning of a name is a short form of it.
_SHORT = 6

Tokens = tuple[str, ...]


class Likeness(IntEnum):
    """How one part of a name compares with that of another record."""

    UNKNOWN = 0  # one of them is missing
    SAME = 1
    SIMILAR = 2  # a short form, an initial, a slip of the keys, one name more
    DIFFERENT = 3


class Verdict(IntEnum):
    """What two records' names and birth dates say about their being one person."""

    AGREES = 0  # given and family name
    LEANS = 1  # the given name, and no family name beside it
    SILENT = 2  # nothing to compare
    RENAMED = 3  # one given name, two family names: a marriage, or two people
    CONTRADICTS = 4  # two given names, or two birth dates


@dataclass(frozen=True, slots=True)
class Name:
    """A name as compared: upper-case ASCII words, apostrophes closed up.

    A till that has one field writes both names into it; then `given` is empty and `family`
    has several words.
    """

    given: Tokens = ()
    family: Tokens = ()

    @property
    def whole(self) -> bool:
        """True where a given and a family name can be told apart."""
        return bool(self.given and self.family)

    @property
    def unsplit(self) -> bool:
        """True where both may stand in one field."""
        return not self.given and len(self.family) > 1


def words_of(raw: str | None) -> Tokens:
    """Fold one field of a name to the words that are compared.

    >>> words_of("D'Angelò"), words_of("Maria Grazia"), words_of(" n/a ")
    (('DANGELO',), ('MARIA', 'GRAZIA'), ())
    """
    if not raw:
        return ()
    # ss and the like open up in upper case, accents fall off in the decomposition
    flat = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", raw).upper())
    flat = "".join(sign for sign in flat if not unicodedata.combining(sign))
    found = tuple(word for word in _NO_LETTER.split(flat) if word)
    nobody = not found or found[0] in _NOBODY_FIRST or "".join(found) in _NOBODY
    return () if nobody else found


def compare_names(one: Name, other: Name) -> Verdict:
    """Say what two names say; which comes first does not matter.

    Where the two do not agree as written, every other way to read them is tried: fields
    swapped, and one field cut into given and family name. A reading that agrees wins.

    >>> compare_names(Name(("GIULIA",), ("ROSSI",)), Name((), ("ROSSI", "GIULIA"))).name
    'AGREES'
    >>> compare_names(Name(("ANNA",), ("ROSSI",)), Name(("ROSSI",), ("ANNA",))).name
    'AGREES'
    >>> compare_names(Name(("ANNA",), ("ROSSI",)), Name(("MARCO",), ("ROSSI",))).name
    'CONTRADICTS'
    """
    if one == other:
        return _of_equals(one)
    straight = _straight(one, other)
    read_otherwise = (one.whole or one.unsplit) and (other.whole or other.unsplit)
    if straight is Verdict.AGREES or not (read_otherwise or one.unsplit or other.unsplit):
        return straight
    if read_otherwise and any(
        _straight(mine, yours) is Verdict.AGREES
        for mine in _readings(one)
        for yours in _readings(other)
    ):
        return Verdict.AGREES
    if one.unsplit:
        return _beside_one_field(other, one.family)
    return _beside_one_field(one, other.family) if other.unsplit else straight


def _of_equals(name: Name) -> Verdict:
    if name.whole or name.unsplit:
        return Verdict.AGREES
    return Verdict.LEANS if name.given else Verdict.SILENT


def _readings(name: Name) -> list[Name]:
    """The ways to read a name: as written, with its fields swapped, one field cut in two."""
    if name.whole:
        return [name, Name(name.family, name.given)]
    return [Name(a, b) for cut in _cuts(name.family) for a, b in (cut, cut[::-1])]


def _cuts(words: Tokens) -> list[tuple[Tokens, Tokens]]:
    return [(words[:at], words[at:]) for at in range(1, len(words))]


def _straight(one: Name, other: Name) -> Verdict:
    given = likeness(one.given, other.given, shortened=True)
    family = likeness(one.family, other.family)
    if given is Likeness.DIFFERENT:
        return Verdict.CONTRADICTS
    if family is Likeness.DIFFERENT:
        # a short form beside another family name is more likely another person
        return Verdict.CONTRADICTS if given is Likeness.SIMILAR else Verdict.RENAMED
    if given is Likeness.UNKNOWN:
        return Verdict.SILENT
    return Verdict.LEANS if family is Likeness.UNKNOWN else Verdict.AGREES


def _beside_one_field(name: Name, words: Tokens) -> Verdict:
    """Compare a name with one field that holds given and family name in an unknown order."""
    if likeness(name.family, words) is Likeness.SAME:
        return Verdict.SILENT  # the field holds a family name of several words
    if not name.given:
        whole_field = len(name.family) > 1
        if whole_field:
            return Verdict.CONTRADICTS
        return Verdict.SILENT if set(name.family) <= set(words) else Verdict.RENAMED
    parts = [part for cut in _cuts(words) for part in cut]
    found = min(likeness(name.given, part, shortened=True) for part in parts)
    if found is Likeness.DIFFERENT:
        return Verdict.CONTRADICTS
    return Verdict.RENAMED if name.family else Verdict.LEANS


@lru_cache(maxsize=1 << 16)
def likeness(one: Tokens, other: Tokens, *, shortened: bool = False) -> Likeness:
    """Compare one part of two names; `shortened` where friends use short forms of it.

    >>> likeness(("DE", "LUCA"), ("DELUCA",)).name, likeness(("RSOSI",), ("ROSSI",)).name
    ('SAME', 'SIMILAR')
    >>> likeness(("TOTO",), ("SALVATORE",), shortened=True).name
    'SIMILAR'
    """
    if not one or not other:
        return Likeness.UNKNOWN
    short, long = sorted(("".join(one), "".join(other)), key=lambda text: (len(text), text))
    if short == long:
        return Likeness.SAME
    fewer, more = sorted((set(one), set(other)), key=len)
    initial = len(short) == 1 and long.startswith(short)
    if fewer <= more or initial or _is_slip(short, long):
        return Likeness.SIMILAR
    if shortened and _is_short_form(short, long):
        return Likeness.SIMILAR
    return Likeness.DIFFERENT


def _is_short_form(short: str, long: str) -> bool:
    """True where friends call somebody of the longer name by the shorter one.

    By list; as a beginning, `Ale` for Alessandra; or a beginning with an i, `Franci`.
    """
    short, long = short.replace("Y", "I"), long.replace("Y", "I")
    if long in SHORT_FORMS.get(short, ()) or short in SHORT_FORMS.get(long, ()):
        return True
    if not 3 <= len(short) <= _SHORT:
        return False
    # Maria is not short for Mariano
    other_sex = short.endswith("A") and long.endswith("O")
    begins = len(short) + 2 <= len(long) and long.startswith(short) and not other_sex
    stem = short[:-1]
    fond = short.endswith("I") and len(stem) >= 3 and long.startswith(stem)
    return begins or (fond and len(long) > len(short))


def _is_slip(short: str, long: str) -> bool:
    """True for two letters swapped, one doubled, or one wrong inside a long name.

    The last letter is never forgiven: it makes Paola of Paolo.
    """
    if len(long) - len(short) > 1 or short[-1] != long[-1]:
        return len(long) == len(short) and _is_swap(short, long)
    if _DOUBLED.sub(r"\1", short) == _DOUBLED.sub(r"\1", long) or _is_swap(short, long):
        return True
    if len(short) < _LONG or short[0] != long[0]:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    if len(short) == len(long):
        return short[start + 1 :] == long[start + 1 :]
    return short[start:] == long[start + 1 :]


def _is_swap(one: str, other: str) -> bool:
    wrong = [at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return (
        len(one) == len(other)
        and len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == other[wrong[1]]
        and one[wrong[1]] == other[wrong[0]]
    )
