"""Find people: by person id, e-mail, phone or card number, or by the key a source has for her."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import NotFound
from tuttuno.identity.checkdigit import shown
from tuttuno.identity.find import find_persons
from tuttuno.tasks.known_as import known_as
from tuttuno.tasks.released_facts import Facts
from tuttuno.tasks.stores import Stores
from tuttuno.vault import audit


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person among those found."""

    person_id: int
    shown_id: str
    name: str | None
    place: str | None
    records: int
    last_on: date | None


class NobodyFound(NotFound):
    """No person has this id, e-mail, phone or card."""

    def __init__(self) -> None:
        super().__init__(
            "nobody is found under this",
            hint="a person id, e-mail, phone or card number in full, or SOURCE:KEY of a record",
        )


def find_people(
    text: str,
    *,
    stores: Stores,
    facts: Callable[[Sequence[int]], Facts] | None,
    country: str,
    actor: str,
    clock: Clock = utc_now,
) -> tuple[PersonRow, ...]:
    """Return the persons who have an identifier, smallest id first; the look is recorded.

    What was typed is not recorded: the audit log would become a list of e-mails.

    Args:
        text: What was typed.
        stores: Where to look.
        facts: Tells what the release says of persons; None: there is no release yet.
        country: Of phone numbers that do not say theirs.
        actor: Who looks.
        clock: When.

    Raises:
        NobodyFound: Nobody has it.
        BadInput: It looks like a person id whose check digit is wrong.
    """
    with stores.vault.begin() as con:
        ids = find_persons(con, text, key=stores.key, country=country)
        audit.append(
            con, actor=actor, action="person.find", subject=f"{len(ids)} found", at=clock()
        )
        known = known_as(con, ids)
    if not ids:
        raise NobodyFound
    told = {} if facts is None else facts(ids)
    return tuple(
        PersonRow(
            person_id=one,
            shown_id=shown(one),
            name=known[one].name,
            place=known[one].place,
            records=len(known[one].sources),
            last_on=told[one]["last_on"] if one in told else None,
        )
        for one in ids
    )
