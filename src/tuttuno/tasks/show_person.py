"""Show a person: what both channels know of her on one card, contact details masked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.checkdigit import shown
from tuttuno.schema.masked import masked
from tuttuno.tasks.active_months import MonthsOf, months_asked
from tuttuno.tasks.bought import Event, latest_bought, waiting_parcels
from tuttuno.tasks.known_as import KnownAs, known_as
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.tasks.released_facts import Facts, FactsOf, facts_asked, filled
from tuttuno.vault import audit, consents, identifiers, persons
from tuttuno.vault.vault import Connection, Vault
from tuttuno.vocab import IdentifierType

#: Keys of systems, which say nothing to a reader.
_HIDDEN = frozenset({IdentifierType.ACCOUNT, IdentifierType.PAYMENT_TOKEN})


@dataclass(frozen=True, slots=True)
class Contact:
    """One identifier, masked or in full.

    Attributes:
        sources: The systems that tell it: two addresses that look the same when they are
            masked are told apart by them.
    """

    type: str
    shown: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """The last decision on one purpose and means."""

    purpose: str
    contact_channel: str
    granted: bool
    at: date


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What the shop may see of one person at a glance.

    Attributes:
        aliases: Ids she had before records were found to be hers.
        events: Receipts and orders; where earlier ones than those of the timeline were not read,
            the orders alone are counted.
        waiting_parcels: Orders ready or on their way to a store, not yet collected.
    """

    person_id: int
    shown_id: str
    name: str | None
    aliases: tuple[str, ...]
    currency: str
    orders: int
    orders_store: int
    orders_online: int
    net: float
    net_store: float
    net_online: float
    first_on: date | None
    last_on: date | None
    waiting_parcels: int
    channel_band: str | None
    home_store: str | None
    tier: str | None
    enrolled_on: date | None
    age_band: str | None
    place: str | None
    language: str | None
    timeline: tuple[Event, ...]
    events: int
    identifiers: tuple[Contact, ...]
    consents: tuple[ConsentShown, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """What a look at a person needs.

    Attributes:
        vault: Who she is.
        opened: What she bought.
        params: Parameters of measures that the project sets otherwise.
        currency: The project's, in which her totals are shown unless she bought in one other.
        months_of: Tells in which months somebody bought.
        facts_of: Tells what the release says of somebody at a glance.
    """

    vault: Vault
    opened: OpenRelease
    params: Mapping[str, float]
    currency: str
    months_of: MonthsOf = months_asked
    facts_of: FactsOf = facts_asked

    def facts(self, person_ids: Sequence[int]) -> Facts:
        """Return what the release says of some persons."""
        return self.facts_of(self.opened, self.params, person_ids)


def show_person(person_id: int, at: Glance, *, actor: str, clock: Clock = utc_now) -> PersonCard:
    """Gather the card of a person; an id that was merged away leads to the present one.

    The look is written to the audit log in the transaction that reads her name.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with at.vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        who = _who(con, person)
        audit.append(con, actor=actor, action="person.show", subject=str(person), at=clock())
    facts = _facts(person, at)
    timeline, more = latest_bought(person, at.months_of(at.opened, person), at.opened)
    return PersonCard(
        person_id=person,
        shown_id=shown(person),
        currency=_currency(timeline, at.currency),
        waiting_parcels=waiting_parcels(timeline, at.opened),
        timeline=timeline,
        events=max(facts["orders"], len(timeline) + 1) if more else len(timeline),
        **who,
        **facts,
    )


def _currency(timeline: Sequence[Event], ours: str) -> str:
    """The currency of what she bought, where it is all in one."""
    paid = {one.currency for one in timeline}
    return paid.pop() if len(paid) == 1 else ours


def reveal_person(
    person_id: int, *, vault: Vault, actor: str, clock: Clock = utc_now
) -> tuple[Contact, ...]:
    """Return the identifiers in full; who asked, and when, is written to the audit log.

    Raises:
        NotFound: Nobody has, or ever had, this id.
    """
    with vault.begin() as con:
        person = persons.resolve_person_id(con, person_id)
        audit.append(con, actor=actor, action="person.reveal", subject=str(person), at=clock())
        known = known_as(con, [person])[person]
        return tuple(
            Contact(kind.value, value, sources) for kind, value, sources in _identifiers(con, known)
        )


def _who(con: Connection, person: int) -> dict[str, Any]:
    known = known_as(con, [person])[person]
    return {
        "name": known.name,
        "place": known.place,
        "aliases": tuple(shown(alias) for alias in persons.aliases_of(con, person)),
        "identifiers": tuple(
            Contact(kind.value, masked(kind, value), sources)
            for kind, value, sources in _identifiers(con, known)
        ),
        "consents": _last_decisions(consents.consents_of(con, _keys(known))),
    }


def _keys(known: KnownAs) -> pa.Array:
    return pa.array(known.sources, pa.string())


def _identifiers(
    con: Connection, known: KnownAs
) -> list[tuple[IdentifierType, str, tuple[str, ...]]]:
    """Return her identifiers with the systems that tell each of them."""
    told: dict[tuple[IdentifierType, str], set[str]] = defaultdict(set)
    for row in identifiers.identifiers_of(con, _keys(known)).to_pylist():
        told[IdentifierType(row["type"]), row["value"]].add(known.sources[row["record_key"]])
    return [
        (kind, value, tuple(sorted(told[kind, value])))
        for kind, value in sorted(told)
        if kind not in _HIDDEN
    ]


def _last_decisions(decisions: list[consents.Consent]) -> tuple[ConsentShown, ...]:
    last: dict[tuple[str, str], consents.Consent] = {}
    for one in sorted(decisions, key=lambda one: (one.at, not one.granted)):
        last[one.purpose, one.channel] = one
    return tuple(
        ConsentShown(purpose, channel, one.granted, one.at.date())
        for (purpose, channel), one in sorted(last.items())
    )


def _facts(person: int, at: Glance) -> dict[str, Any]:
    """Return her facts; a person that the release does not know yet has bought nothing."""
    return at.facts([person]).get(person) or filled({})
