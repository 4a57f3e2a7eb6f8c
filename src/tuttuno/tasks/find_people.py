"""Find people: by person id, e-mail, phone or card number."""

from dataclasses import dataclass
from datetime import date

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import NotFound
from tuttuno.identity.checkdigit import shown
from tuttuno.identity.find import find_persons
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.tasks.show_person import name_and_place
from tuttuno.tasks.stores import Stores
from tuttuno.vault import audit, persons


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
            "nobody is found under this", hint="a person id, e-mail, phone or card number in full"
        )


def find_people(
    text: str,
    *,
    stores: Stores,
    opened: OpenRelease | None,
    country: str,
    actor: str,
    clock: Clock = utc_now,
) -> tuple[PersonRow, ...]:
    """Return the persons who have an identifier, smallest id first; the look is recorded.

    What was typed is not recorded: the audit log would become a list of e-mails.

    Raises:
        NobodyFound: Nobody has it.
        BadInput: It looks like a person id whose check digit is wrong.
    """
    with stores.vault.begin() as con:
        ids = find_persons(con, text, key=stores.key, country=country)
        audit.append(
            con, actor=actor, action="person.find", subject=f"{len(ids)} found", at=clock()
        )
        known = {one: (len(persons.members(con, one)), *name_and_place(con, one)) for one in ids}
    if not ids:
        raise NobodyFound
    last = {} if opened is None else _last_purchases(ids, opened)
    return tuple(
        PersonRow(
            person_id=one,
            shown_id=shown(one),
            name=known[one][1],
            place=known[one][2],
            records=known[one][0],
            last_on=last.get(one),
        )
        for one in ids
    )


def _last_purchases(ids: list[int], opened: OpenRelease) -> dict[int, date]:
    person = opened.tables["person"]
    rows = opened.engine.run(
        person.filter(person.person_id.isin(ids)).select("person_id", "last_on")
    )
    return {row["person_id"]: row["last_on"] for row in rows.to_pylist()}
