"""Look people up at the till, in the app, on the phone: many questions in one turn.

Questions that come together are answered together: one reading of the vault finds whom they mean
and what they are called, one writing records every look, and what they bought lies in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.identity.checkdigit import read, shown
from tuttuno.identity.find import meant_by, plain_id
from tuttuno.tasks.known_as import known_as
from tuttuno.tasks.live_tail import Lately, tails
from tuttuno.tasks.released_facts import ReleasedFacts, filled
from tuttuno.vault import audit, persons
from tuttuno.vault.persons import NoSuchPerson
from tuttuno.vault.releases import shown_number
from tuttuno.vault.vault import Connection, Vault

#: Persons that one question may lead to, and messages of each since the release.
MOST, LATEST = 20, 5


@dataclass(frozen=True, slots=True)
class Question:
    """Who is meant, and who asks."""

    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One person whom a question leads to.

    Attributes:
        facts: What the release says of her, as on her card.
        tail: What came of her since, latest first.
    """

    person_id: int
    shown_id: str
    name: str | None
    place: str | None
    facts: Mapping[str, Any]
    tail: tuple[Lately, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one question.

    Attributes:
        people: Smallest id first; none: nobody is known under this.
        release: The release that the facts are of; None before the first build.
        released_at: When it was published.
        seen_at: Up to when the tail was looked at.
    """

    people: tuple[FoundPerson, ...]
    release: int | None
    released_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Counter:
    """Where people are looked up.

    Attributes:
        vault, inbox: Who, and what came lately.
        key: Of the project, for surrogates.
        country: Of phone numbers that do not say theirs.
        facts: Gives what the release of a number says of everybody; it may lag behind while the
            next loads.
        clock: When.
    """

    vault: Vault
    inbox: Vault
    key: bytes
    country: str
    facts: Callable[[int], ReleasedFacts]
    clock: Clock = field(default=utc_now)


def look_up(questions: Sequence[Question], at: Counter) -> list[Found | BadInput]:
    """Answer questions in their order; each look is on record before anybody has its answer.

    The answer to a question that cannot be read is what is wrong with it.
    """
    now = at.clock()
    with at.vault.read() as con:
        meant = _meant(con, questions, at)
        ids = sorted({one for found in meant if not isinstance(found, BadInput) for one in found})
        known = known_as(con, ids) if ids else {}
        shown_now = shown_number(con)
        records = {one: list(known[one].sources) for one in ids}
        with at.inbox.read() as inbox:
            lately = tails(records, con=con, inbox=inbox, limit=LATEST) if ids else {}
    _record(questions, meant, at, now)
    released = None if shown_now is None else at.facts(shown_now)
    facts = {} if released is None else released.of(ids)
    people = {
        one: FoundPerson(
            person_id=one,
            shown_id=shown(one),
            name=known[one].name,
            place=known[one].place,
            facts=facts.get(one) or filled({}),
            tail=lately[one],
        )
        for one in ids
    }
    release = None if released is None else released.release
    number, published = (None, None) if release is None else (release.number, release.at)
    return [
        found
        if isinstance(found, BadInput)
        else Found(tuple(people[one] for one in found), number, published, now)
        for found in meant
    ]


def _meant(
    con: Connection, questions: Sequence[Question], at: Counter
) -> list[list[int] | BadInput]:
    """Return whom each question means, as `find_persons` does for one."""
    numbered = [_numbered(each.text) for each in questions]
    keys = [
        list(meant_by(each.text, key=at.key, country=at.country)) if number is None else []
        for each, number in zip(questions, numbered, strict=True)
    ]
    carriers = persons.carriers(con, [key for some in keys for key in some])
    return [
        number
        if isinstance(number, BadInput)
        else _whom(con, each.text, number, [carriers[key] for key in some if key in carriers])
        for each, number, some in zip(questions, numbered, keys, strict=True)
    ]


def _numbered(text: str) -> int | BadInput | None:
    """Return the person id that a text shows; None where it is something else."""
    try:
        return read(text)
    except BadInput as error:
        return error


def _whom(con: Connection, text: str, number: int | None, carriers: list[set[int]]) -> list[int]:
    if carriers:
        return sorted(carriers[0])[:MOST]
    number = plain_id(text) if number is None else number
    if number is None:
        return []
    try:
        return [persons.resolve_person_id(con, number)]
    except NoSuchPerson:
        return []


def _record(
    questions: Sequence[Question],
    meant: Sequence[list[int] | BadInput],
    at: Counter,
    now: datetime,
) -> None:
    """Record each look under the persons whom it showed, or that it showed nobody.

    What was typed is not recorded: the audit log would become a list of e-mails.
    """
    looks: list[audit.Look] = []
    for asked, found in zip(questions, meant, strict=True):
        ids = [] if isinstance(found, BadInput) else found
        looks += [(asked.actor, "person.look_up", str(one)) for one in ids]
        if not ids:
            looks.append((asked.actor, "person.find", "0 found"))
    if not looks:
        return
    with at.vault.begin() as con:
        audit.append_together(con, looks, at=now)
