"""What is expected of each level of likeness before a file is counted: the model that ships."""

from collections.abc import Callable
from dataclasses import dataclass

from tuttuno.identity.matching import names


@dataclass(frozen=True, slots=True)
class Expected:
    """The levels of one comparison.

    Attributes:
        labels: What each level means, as it is shown.
        like: Share of one person's pairs on each level.
        chance: Share of two people's pairs on each level.
        bounds: Levels that speak against one person, and the share of her pairs that can be on
            them at most. Without it, the estimate drifts to families, neighbours and
            namesakes where a file holds nobody twice.
        known: Levels whose chance is not counted, because what is counted are mostly records
            of one person: two records with one e-mail are.
    """

    labels: tuple[str, ...]
    like: tuple[float, ...]
    chance: tuple[float, ...]
    bounds: tuple[tuple[tuple[int, ...], float], ...] = ()
    known: tuple[int, ...] = ()

    @property
    def different(self) -> int:
        """The last level, on which two values differ."""
        return len(self.labels) - 1


TEXTS = Expected(
    labels=("equal", "nearly equal", "alike", "one in the other", "different"),
    like=(0.75, 0.08, 0.03, 0.04, 0.1),
    chance=(0.01, 0.002, 0.01, 0.008, 0.97),
    bounds=(((4,), 0.5),),
)

CODES = Expected(
    labels=("equal", "one slip", "different"),
    like=(0.85, 0.07, 0.08),
    chance=(0.00002, 0.00002, 0.99996),
    bounds=(((2,), 0.5),),
    known=(0,),
)

POSTAL_CODES = Expected(
    labels=("equal", "one slip", "same beginning", "different"),
    like=(0.8, 0.08, 0.04, 0.08),
    chance=(0.001, 0.001, 0.01, 0.988),
    bounds=(((3,), 0.5),),
)

MAILS = Expected(
    labels=("equal", "same before the @", "nearly equal", "alike", "different"),
    like=(0.7, 0.1, 0.08, 0.04, 0.08),
    chance=(0.00002, 0.0003, 0.0003, 0.001, 0.99838),
    bounds=(((4,), 0.5),),
    known=(0,),
)

KINDS = Expected(
    labels=("equal", "different"), like=(0.96, 0.04), chance=(0.5, 0.5), bounds=(((1,), 0.5),)
)

STREETS = Expected(
    labels=(
        "street and number equal", "street equal, a number missing", "street equal",
        "street alike, number equal", "street alike", "number equal", "different",
    ),
    like=(0.65, 0.05, 0.05, 0.1, 0.04, 0.02, 0.09),
    chance=(0.0001, 0.0005, 0.001, 0.0002, 0.004, 0.02, 0.9742),
    bounds=(((5, 6), 0.5),),
)  # fmt: skip

DATES = Expected(
    labels=(
        "equal", "day and month swapped", "one digit", "two digits, or neighbours swapped",
        "day and month equal", "year equal", "1 January of that year", "1 January, one digit",
        "1 January, a year apart", "1 January, another year", "different",
    ),
    like=(0.7, 0.02, 0.08, 0.02, 0.02, 0.02, 0.03, 0.02, 0.01, 0.02, 0.06),
    chance=(0.0001, 0.0001, 0.001, 0.004, 0.003, 0.013, 0.002, 0.005, 0.003, 0.06, 0.9088),
    bounds=(((4, 5, 8, 9, 10), 0.1),),
)  # fmt: skip


def _of_names(*, most_against: float) -> Expected:
    like, chance = [], []
    for exact, alike, against in names.COMBINATIONS:
        good = min(exact + alike, 3)
        like.append(
            (0.01, 0.2, 0.65, 0.14)[good] * (0.75, 0.2, 0.05)[alike]
            * ((0.85, 0.05, 0.08, 0.02) if good else (0.1, 0.1, 0.3, 0.5))[against]
        )  # fmt: skip
        chance.append(
            (0.96, 0.02, 2e-5, 1e-7)[exact] * (0.96, 0.04, 3e-4)[alike]
            * ((0.6, 0.2, 0.19, 0.01) if exact + alike else (0.01, 0.04, 0.15, 0.8))[against]
        )  # fmt: skip
    return Expected(
        labels=names.LEVELS,
        like=_shares(like),
        chance=_shares(chance),
        bounds=(
            (_where(lambda exact, alike, _: exact + alike == 0), 0.05),
            (_where(lambda _, __, against: against > 0), most_against),
        ),
        known=_where(lambda exact, alike, _: exact + alike > 1),
    )


def _where(asked: Callable[[int, int, int], bool]) -> tuple[int, ...]:
    return tuple(place for place, one in enumerate(names.COMBINATIONS) if asked(*one))


def _shares(numbers: list[float]) -> tuple[float, ...]:
    whole = sum(numbers)
    return tuple(number / whole for number in numbers)


NAMES = _of_names(most_against=0.4)
#: Where nothing else is the person's own, a given name that stands against another is all that
#: tells her from her brother.
NAMES_ALONE = _of_names(most_against=0.1)
