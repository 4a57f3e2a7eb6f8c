"""Find people: by person id, e-mail, phone or card number."""

from dataclasses import dataclass
from datetime import date

import ibis

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import NotFound
from tuttuno.identity.checkdigit import shown
from tuttuno.identity.find import find_persons
from tuttuno.tasks.known_as import known_as
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.tasks.stores import Stores
from tuttuno.vault import audit

_PERSONS = ibis.param("array<int64>")


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
        known = known_as(con, ids)
    if not ids:
        raise NobodyFound
    last = {} if opened is None else _last_purchases(ids, opened)
    return tuple(
        PersonRow(
            person_id=one,
            shown_id=shown(one),
            name=known[one].name,
            place=known[one].place,
            records=len(known[one].sources),
            last_on=last.get(one),
        )
        for one in ids
    )


def _last_purchases(ids: list[int], opened: OpenRelease) -> dict[int, date]:
    rows = opened.ask(opened.once(_last_days), {_PERSONS: ids})
    return {row["person_id"]: row["last_on"] for row in rows}


def _last_days(opened: OpenRelease) -> ibis.Table:
    person = opened.tables["person"]
    return person.filter(_PERSONS.contains(person.person_id)).select("person_id", "last_on")
