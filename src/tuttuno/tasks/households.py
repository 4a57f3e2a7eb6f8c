"""Households: tell who lives together, count it, and show one person's."""

from collections.abc import Mapping
from dataclasses import dataclass

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.checkdigit import shown
from tuttuno.identity.households import keep_households
from tuttuno.identity.registry import IdentitySettings
from tuttuno.tasks.known_as import known_as
from tuttuno.vault import audit, persons
from tuttuno.vault.counters import change_number
from tuttuno.vault.households import household_of
from tuttuno.vault.vault import Vault
from tuttuno.vocab import IdentifierType


@dataclass(frozen=True, slots=True)
class HouseholdsFound:
    """How many households there are.

    Attributes:
        households: Of two persons or more.
        persons: Who are in one; persons are counted elsewhere, and never by this.
        sizes: How many households there are of each number of persons.
    """

    households: int
    persons: int
    sizes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Housemate:
    """One person of a household.

    Attributes:
        name: None where no record of hers tells one.
        tie: A word of `identity.households`: what ties her to it.
    """

    person_id: int
    shown_id: str
    name: str | None
    tie: str


@dataclass(frozen=True, slots=True)
class Household:
    """The household of a person, as the last build found it.

    Attributes:
        members: The others; none where she lives alone, as far as anybody knows.
        tie: What ties her to them; None where she lives alone.
    """

    person_id: int
    members: tuple[Housemate, ...]
    tie: str | None


def find_households(vault: Vault, *, settings: IdentitySettings) -> HouseholdsFound:
    """Tell who lives together anew, and keep it until the next time."""
    most = settings.rules[IdentifierType.PHONE].max_persons
    with vault.begin() as con:
        change_number(con)  # nobody settles persons meanwhile
        found = keep_households(con, max_persons=most)
    sizes = found.sizes()
    return HouseholdsFound(sum(sizes.values()), len(found.person), sizes)


def show_household(
    person_id: int, *, vault: Vault, actor: str, clock: Clock = utc_now
) -> Household:
    """Return who lives with a person; the look is recorded.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with vault.begin() as con:
        now = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=actor, action="person.household", subject=str(now), at=clock())
        ties = dict(household_of(con, now))
        # whoever was merged since the build is shown as who she is now
        others = {persons.resolve_person_id(con, one): tie for one, tie in ties.items()}
        others = {one: tie for one, tie in others.items() if one != now}
        known = known_as(con, sorted(others))
    members = tuple(
        Housemate(one, shown(one), known[one].name, others[one]) for one in sorted(others)
    )
    return Household(now, members, ties.get(now))
