"""What likeness weighed, in a few words: field by field, how alike two records are."""

import numpy as np

from tuttuno.identity.likeness.compare import Weighed
from tuttuno.identity.matching.names import COMBINATIONS

#: The level of each field in a word of `SAYS`; of e-mail, phone and tax code the first level
#: never comes up, because an equal one is a value that is judged for itself.
_WORDS = {
    "birth_date": (
        "equal", "swapped", "nearly", "nearly", "partly", "partly", "partly", "partly", "partly",
        "partly", "different",
    ),
    "gender": ("equal", "different"),
    "email": ("equal", "nearly", "nearly", "alike", "different"),
    "phone": ("equal", "nearly", "different"),
    "tax_code": ("equal", "nearly", "different"),
    "address": ("equal", "equal", "partly", "nearly", "alike", "partly", "different"),
    "postal_code": ("equal", "nearly", "partly", "different"),
    "city": ("equal", "nearly", "alike", "partly", "different"),
}  # fmt: skip

#: What each word means.
SAYS = {
    "equal": "equal",
    "swapped": "equal, with day and month swapped",
    "nearly": "equal but for a slip of the keys",
    "alike": "alike",
    "partly": "equal in part",
    "different": "different",
    "prior": "before anything is compared: most pairs of records are two people",
    "around": "what surrounds a person counts up to a limit",
    "household": "what would speak as well for two of one household is taken off",
}


def parts_of(weighed: Weighed, one: int, other: int) -> tuple[tuple[str, str, float], ...]:
    """Field, word of `SAYS` and bits of all that a pair was weighed by, the start first.

    What was not compared is left out, and says nothing; the bits add up to the weight. Empty
    where the pair was not weighed.
    """
    low, high = sorted((one, other))
    places = np.flatnonzero((weighed.one == low) & (weighed.other == high))
    if not len(places):
        return ()
    at = int(places[0])
    found = [("prior", "prior", float(weighed.parts["prior"][at]))]
    for name, bits in weighed.parts.items():
        if name == "prior" or not (told := float(bits[at])):
            continue
        level = weighed.levels.get(name)
        found.append((name, name if level is None else _word(name, int(level[at])), told))
    return tuple(found)


def _word(field: str, level: int) -> str:
    if field != "name":
        return _WORDS[field][level]
    exact, alike, against = COMBINATIONS[level]
    if not exact + alike:
        return "different"
    return "partly" if against else "nearly" if alike else "equal"
