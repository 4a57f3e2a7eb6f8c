"""Birth dates as they are compared: eight digits, and how far two of them lie apart."""

import re
from collections import Counter
from collections.abc import Sequence

_PARTS = re.compile(r"\D+")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "JAN GEN", "FEB", "MAR", "APR", "MAY MAG", "JUN GIU", "JUL LUG", "AUG AGO", "SEP SET",
            "OCT OTT", "NOV", "DEC DIC",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_LETTERS = re.compile(r"[A-Za-z]{3,}")
#: Years of two digits above this one belong to the last century.
_PIVOT = 26


def digits_of_dates(texts: Sequence[str | None]) -> list[str | None]:
    """Bring the dates of one column to year, month and day in eight digits.

    Where the year stands last, the column as a whole decides whether the day or the month comes
    first; where it does not say, the day does. A date with an impossible month or day is kept
    as it was typed, because a slip is still evidence; what has no year is no date.

    >>> digits_of_dates(["1971-06-24", "19710624", "24/06/71", "1/2/1980", None, "?"])
    ['19710624', '19710624', '19710624', '19800201', None, None]
    >>> digits_of_dates(["12/31/1990", "1/2/1980"])
    ['19901231', '19800102']
    """
    split = [_split(text) for text in texts]
    last = [parts for parts in split if parts and len(parts) == 3 and len(parts[0]) < 3]
    votes = Counter[bool]()
    for one, two, _ in last:
        votes[True] += int(one) > 12 >= int(two)
        votes[False] += int(two) > 12 >= int(one)
    month_first = votes[False] > votes[True]
    return [_joined(parts, month_first=month_first) if parts else None for parts in split]


def _split(text: str | None) -> list[str] | None:
    if not text:
        return None
    plain = text.strip().split("T")[0]
    if len(plain) > 10 and plain[10] == " ":
        plain = plain[:10]
    named = _LETTERS.search(plain)
    if named and (month := _MONTHS.get(named.group()[:3].upper())):
        plain = plain.replace(named.group(), f" {month:02d} ")
    parts = [part for part in _PARTS.split(plain) if part]
    if len(parts) == 1 and len(parts[0]) == 8:
        return [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if len(parts) == 1 and len(parts[0]) == 4:
        return [parts[0], "01", "01"]
    return parts if len(parts) == 3 else None


def _joined(parts: list[str], *, month_first: bool) -> str | None:
    if len(parts[0]) < 3:
        one, two, year = parts
        day, month = (two, one) if month_first else (one, two)
    else:
        year, month, day = parts
    if len(year) == 2:
        year = f"{20 if int(year) <= _PIVOT else 19}{year}"
    if len(year) != 4 or len(month) > 2 or len(day) > 2 or year == "0000":
        return None
    return f"{year}{int(month):02d}{int(day):02d}"
