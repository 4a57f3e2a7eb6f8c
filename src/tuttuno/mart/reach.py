"""How far towards a contact each person is: a detail that works, a yes, and no objection."""

import ibis
from ibis.expr.types import BooleanValue, IntegerValue

from tuttuno.engine.semantics import total
from tuttuno.mart.model import model
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.reach import REACH, RECORD_CONSENT, RECORD_CONTACT

#: Means of contact and the detail that each needs.
_NEEDS = {"email": "email", "sms": "phone", "phone": "phone", "post": "post"}

_MICROSECONDS = 1_000_000


@model(table=REACH, reads=(PERSON_OF_RECORD, RECORD_CONTACT, RECORD_CONSENT))
def reach(
    person_of_record: ibis.Table, record_contact: ibis.Table, record_consent: ibis.Table
) -> ibis.Table:
    """Bring together the contact details and decisions of all records of a person.

    The last decision on a means counts, on whichever record she took it; `any` decides on
    all means, and of two at one moment the refusal counts. A contact detail of one record
    may be used by what she said on another. What was agreed before an address was barred
    counts no longer.
    """
    person = record_contact.group_by("person_id").agg(
        **{f"has_{name}": _any(record_contact[name]) for name in ("email", "phone", "post")},
        email_until=record_contact.email_barred.max(),
        phone_until=record_contact.phone_barred.max(),
    )
    own = record_consent.inner_join(person_of_record, "record_key")
    said = own.group_by(whose="person_id").agg(**{means: own[means].max() for means in _NEEDS})
    told = person.left_join(said, person.person_id == said.whose)
    agreed = {means: _agreed(told, means) for means in _NEEDS}
    free = {
        means: yes & ~_barred(told, means) if means != "post" else yes
        for means, yes in agreed.items()
    }
    return told.select(
        "person_id",
        valid=told.has_email | told.has_phone | told.has_post,
        consented=ibis.or_(*agreed.values()),
        reachable=ibis.or_(*free.values()),
    )


def _any(flag: BooleanValue) -> BooleanValue:
    return total(flag.cast("int64")) > 0


def _agreed(told: ibis.Table, means: str) -> BooleanValue:
    said = told[means].fill_null(0)
    return told[f"has_{_NEEDS[means]}"] & (said > 0) & (said % 2 == 0)


def _barred(told: ibis.Table, means: str) -> BooleanValue:
    """Return whether she agreed before what she agreed about was barred."""
    until = told[f"{_NEEDS[means]}_until"]
    moment: IntegerValue = until.truncate("s").epoch_seconds().cast("int64") * 2 * _MICROSECONDS
    return (told[means].fill_null(0) <= moment).fill_null(False)
