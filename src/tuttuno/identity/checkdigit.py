"""Person ids as people read them aloud: `P-000123-0`, the last digit guarding the others."""

import re

from tuttuno.errors import BadInput

_WRITTEN = re.compile(r"[Pp]-?(\d{1,18})-(\d)")

#: A totally anti-symmetric quasigroup of order ten with zeros on its diagonal.
_TABLE = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


class WrongCheckDigit(BadInput):
    """A person id was misread or mistyped."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text} is not a person id: its last digit does not fit", hint="read it again"
        )


def check_digit(number: int) -> int:
    """The digit that guards a number: it finds every wrong digit and every two swapped ones.

    Source: H. M. Damm (2004), Total anti-symmetrische Quasigruppen, Marburg; leading zeros
    do not change it.

    >>> check_digit(572), check_digit(0)
    (4, 0)
    """
    interim = 0
    for digit in str(number):
        interim = int(_TABLE[interim][int(digit)])
    return interim


def shown(person_id: int) -> str:
    """Write a person id for people.

    >>> shown(572)
    'P-000572-4'
    """
    return f"P-{person_id:06d}-{check_digit(person_id)}"


def read(text: str) -> int | None:
    """Read a person id as it is shown; None where the text is something else.

    Raises:
        WrongCheckDigit: It looks like one and is wrong.

    >>> read("p-000572-4"), read("+393401000001")
    (572, None)
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    number = int(found[1])
    if check_digit(number) != int(found[2]):
        raise WrongCheckDigit(text)
    return number
