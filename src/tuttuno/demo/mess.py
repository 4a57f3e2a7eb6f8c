"""How systems spell the same person: upper case, nicknames, typos, phone and street styles."""

import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.demo.arrays import Ints, digits, join, pick, plain
from tuttuno.demo.names import FAMILY, NICKNAMES, STREETS
from tuttuno.demo.people import GIVEN, People, mobile_digits
from tuttuno.demo.world import World

#: Spellings of a name, as offsets into the lists below.
PROPER, UPPER, TYPO, NICKNAME, BARE = range(5)

_DOMAINS = ("posta.example.com", "mail.example.org", "example.net", "casella.example.com")
_STREET_KINDS = {
    "Via": ("Via", "VIA", "V.", "via"),
    "Viale": ("Viale", "VIALE", "V.le", "viale"),
    "Piazza": ("Piazza", "PIAZZA", "P.zza", "p.za"),
    "Corso": ("Corso", "CORSO", "C.so", "corso"),
}


def given(people: Ints, style: Ints) -> pa.Array:
    """Spell given names (positions in `people.GIVEN`)."""
    return plain(_spellings(GIVEN), style * len(GIVEN) + people)


def family(names: Ints, style: Ints) -> pa.Array:
    """Spell family names (positions in `names.FAMILY`)."""
    return plain(_spellings(tuple(FAMILY)), style * len(FAMILY) + names)


def streets(street: Ints, house: Ints, style: Ints) -> pa.Array:
    """Spell street and house number in one of four styles."""
    names = plain(_street_spellings(), style * len(STREETS) + street)
    gap = plain([" ", ", ", " ", " n. "], style)
    return join(names, gap, digits(house))


def phones(number: Ints, style: Ints) -> pa.Array:
    """Spell the mobile numbers of true person numbers in one of five styles."""
    ten = digits(mobile_digits(number))
    prefix, rest = pc.utf8_slice_codeunits(ten, 0, 3), pc.utf8_slice_codeunits(ten, 3, 10)
    spaced = join(prefix, rest, sep=" ")
    options = (
        join(pa.scalar("+39 "), spaced),
        spaced,
        ten,
        join(pa.scalar("0039 "), spaced),
        join(pa.scalar("+39"), ten),
    )
    return pick(style, options)


def emails(world: World, people: People, who: Ints) -> pa.Array:
    """Compose the one e-mail address each person (a position) uses, in lower case."""
    box = people.mailbox[who]
    bare = np.full(len(box), BARE)
    number = shuffled(people.number[box], 48_271_949, len(str(world.people)))
    name = join(given(people.given[box], bare), family(people.family[box], bare), sep=".")
    return join(name, digits(number), pa.scalar("@"), plain(_DOMAINS, people.number[box] % 4))


def email_spelling(text: pa.Array, style: Ints) -> pa.Array:
    """Spell an e-mail address: as it is (0), capitalised (1), upper case (2)."""
    return pick(style, (text, pc.utf8_title(text), pc.utf8_upper(text)))


def with_alias(text: pa.Array, alias: pa.Array) -> pa.Array:
    """Put `+alias` before the @ of each address."""
    halves = pc.split_pattern(text, "@")
    name, domain = pc.list_element(halves, 0), pc.list_element(halves, 1)
    return join(name, pa.scalar("+"), alias, pa.scalar("@"), domain)


def shuffled(number: Ints, factor: int, width: int) -> Ints:
    """Map numbers below 10 ** width onto each other one to one.

    Keys of different systems made of one person's number have nothing in common then.
    The factor must end in 1, 3, 7 or 9.
    """
    mixed: Ints = (number * factor + factor // 7) % 10**width
    return mixed


def bare(name: str) -> str:
    """Fold a name to lower-case ASCII letters.

    >>> bare("D'Angelò"), bare("De Luca")
    ('dangelo', 'deluca')
    """
    flat = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in flat if "a" <= letter <= "z")


def _typo(name: str) -> str:
    """Swap two letters in the middle: the typing error that till operators make most."""
    middle = max(1, len(name) // 2)
    if len(name) < 4:
        return name
    return name[:middle] + name[middle + 1] + name[middle] + name[middle + 2 :]


@cache
def _spellings(names: tuple[str, ...]) -> pa.Array:
    """List every name in each of the five spellings, one spelling after the other."""
    spelt = [
        list(names),
        [name.upper() for name in names],
        [_typo(name).upper() for name in names],
        [NICKNAMES.get(name, name) for name in names],
        [bare(name) for name in names],
    ]
    return pa.array([name for spelling in spelt for name in spelling])


@cache
def _street_spellings() -> pa.Array:
    spelt = [
        f"{_STREET_KINDS[kind][style]} {name.upper() if style == 1 else name}"
        for style in range(4)
        for kind, name in STREETS
    ]
    return pa.array(spelt)
