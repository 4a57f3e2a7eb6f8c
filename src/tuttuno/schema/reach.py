"""How a person can be contacted, as far as the lake may know: yes or no, never an address."""

from tuttuno.schema.table import Column, Personal, Table

_PERSON = Column("!int64", "The person.", personal=Personal.TRAIT)


def _flag(doc: str) -> Column:
    return Column("!boolean", doc, personal=Personal.TRAIT)


def _until(what: str) -> Column:
    doc = f"What was agreed about {what} until then counts no longer."
    return Column("timestamp(6)", doc, personal=Personal.TRAIT)


def _said(means: str) -> Column:
    doc = f"The last decision on {means}."
    return Column("!int64", doc, personal=Personal.TRAIT)


RECORD_CONTACT = Table(
    name="record_contact",
    doc="Which contact details a record has, as the vault tells it for one build; never kept in "
    "the lake. A record without any has no row.",
    grain=("record_no",),
    columns={
        "record_no": Column("!int64", "The record.", personal=Personal.TRAIT),
        "person_id": _PERSON,
        "email": _flag("It has an e-mail address that can be written to."),
        "phone": _flag("It has a phone number that can be called."),
        "post": _flag("It has a street and a postal code."),
        "email_barred": _until("this address"),
        "phone_barred": _until("this number"),
    },
)

RECORD_CONSENT = Table(
    name="record_consent",
    doc="What a record last decided on marketing by each means, as the vault tells it for one "
    "build; never kept in the lake. A decision is twice its moment in microseconds since 1970, "
    "and one more where she refused, so that the greatest is the last; 0 where there is none.",
    grain=("record_key",),
    columns={
        "record_key": Column("!string", "The record.", personal=Personal.TRAIT),
        "email": _said("e-mail"),
        "sms": _said("text messages"),
        "phone": _said("calls"),
        "post": _said("letters"),
    },
)

REACH = Table(
    name="reach",
    doc="How far towards a contact for marketing one person is; who has no contact detail at all "
    "has no row.",
    grain=("person_id",),
    columns={
        "person_id": _PERSON,
        "valid": _flag("One of her contact details can be used."),
        "consented": _flag("For one that can be used she last agreed to marketing."),
        "reachable": _flag("For one of those no erasure or objection came after she agreed."),
    },
    order=("person_id",),
)
