"""What two records say about being one person, by name and birth date, for many pairs at once."""

import numpy as np

from tuttuno.identity.evidence import UNBORN, Faces, Flags, Ints
from tuttuno.identity.names import Verdict, compare_names


class Judge:
    """Compares faces, each pair of names once.

    Two birth dates contradict each other, unless day and month stand in each other's place.
    One birth date makes a second family name a marriage.
    """

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._known: dict[int, int] = {}
        self._swapped = _day_and_month_swapped(faces.born)

    def verdicts(self, one: Ints, other: Ints) -> Ints:
        """Compare faces pair by pair; the result holds values of `Verdict`."""
        faces = self._faces
        result = self._of_names(faces.name[one], faces.name[other])
        born, again = faces.born[one], faces.born[other]
        told = (born != UNBORN) & (again != UNBORN)
        same = (born == again) | (self._swapped[one] == again)
        result[told & same & (result == Verdict.RENAMED)] = Verdict.AGREES
        result[told & ~same] = Verdict.CONTRADICTS
        return result

    def names(self, one: Ints, other: Ints) -> Ints:
        """Compare the names alone, pair by pair; the result holds values of `Verdict`."""
        return self._of_names(self._faces.name[one], self._faces.name[other])

    def births(self, one: Ints, other: Ints) -> Ints:
        """Compare birth dates: 0 unknown, 1 equal, 2 with day and month swapped, 3 different."""
        born, again = self._faces.born[one], self._faces.born[other]
        told = (born != UNBORN) & (again != UNBORN)
        said = np.where(born == again, 1, np.where(self._swapped[one] == again, 2, 3))
        return np.where(told, said, 0)

    def contradict(self, one: int, other: int) -> bool:
        """True where two faces cannot be one person."""
        faces = self._faces
        born, again = faces.born[one], faces.born[other]
        if UNBORN not in (born, again) and again not in (born, self._swapped[one]):
            return True
        low, high = sorted((int(faces.name[one]), int(faces.name[other])))
        found = self._of_pair(low * len(faces.names) + high) if low else Verdict.SILENT
        return found == Verdict.CONTRADICTS

    def _of_names(self, one: Ints, other: Ints) -> Ints:
        low, high = np.minimum(one, other), np.maximum(one, other)
        key = low * len(self._faces.names) + high
        result = np.full(len(key), int(Verdict.SILENT), dtype=np.int64)
        asked = low > 0  # name 0 is none
        different, place = np.unique(key[asked], return_inverse=True)
        found = [self._of_pair(both) for both in different.tolist()]
        result[asked] = np.array(found, dtype=np.int64)[place]
        return result

    def _of_pair(self, key: int) -> int:
        known = self._known.get(key)
        if known is None:
            names = self._faces.names
            low, high = divmod(key, len(names))
            known = self._known[key] = int(compare_names(names[low], names[high]))
        return known


def _day_and_month_swapped(born: Ints) -> Ints:
    """The date with day and month in each other's place; itself where there is no such date."""
    told = born != UNBORN
    day = np.where(told, born, 0).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    of_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    year = day.astype("datetime64[Y]")
    of_year = (month - year.astype("datetime64[M]")).astype(np.int64)
    swapped = (year.astype("datetime64[M]") + of_month).astype("datetime64[D]") + of_year
    possible: Flags = told & (of_month < 12)
    result: Ints = np.where(possible, swapped.astype(np.int64), born)
    return result
