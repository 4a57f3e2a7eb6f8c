"""What the mart may know of contact details and consents: flags and moments, no address."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT
from tuttuno.vault.bulk import one_array, read_rows
from tuttuno.vault.identifiers import records_by_value_keys
from tuttuno.vault.persons import membership_numbers
from tuttuno.vault.suppressions import suppressed_keys
from tuttuno.vault.tables import CONSENT, RECORD, RECORD_IDENTIFIER
from tuttuno.vault.ties import Numbers
from tuttuno.vocab import ContactChannel, IdentifierType, Purpose

_KINDS = (IdentifierType.EMAIL, IdentifierType.PHONE)


def contacts_of_records(con: Connection) -> pa.Table:
    """Return which contact details each record has, as `schema.reach.RECORD_CONTACT`.

    A detail can be used when intake made an identifier of it: what is no address, or stands
    for none, is none. A record whose only detail cannot be used is a row all the same.
    """
    # Whole numbers alone: three times as fast as anything else.
    rows = read_rows(con, _written().order_by(RECORD.c.record_no))
    numbers = rows["record_no"].to_numpy()
    given = rows["given"].to_numpy() > 0
    works = _carried(con, numbers)
    has = given | works[IdentifierType.EMAIL] | works[IdentifierType.PHONE]
    member = membership_numbers(con)
    at = pc.index_in(rows["record_no"], value_set=member["record_no"])
    found = pa.table(
        {
            "record_no": rows["record_no"],
            "person_id": member["person_id"].take(one_array(at)),
            **{kind.value: pa.array(works[kind]) for kind in _KINDS},
            "post": pc.equal(rows["post"], 1),
        }
    )
    found = found.filter(pc.and_(pa.array(has), pc.is_valid(found["person_id"])))
    return _with_bars(con, found).cast(RECORD_CONTACT.arrow)


def consents_of_records(con: Connection) -> pa.Table:
    """Return what each record last decided on marketing, as `schema.reach.RECORD_CONSENT`."""
    at = sa.type_coerce(CONSENT.c.at, sa.BigInteger)
    said = at * 2 + 1 - sa.type_coerce(CONSENT.c.granted, sa.BigInteger)
    last = [
        sa.func.coalesce(sa.func.max(sa.case((_decides(means), said))), 0, type_=sa.BigInteger)
        for means in list(RECORD_CONSENT.columns)[1:]
    ]
    asked = sa.select(CONSENT.c.record_key, *last).group_by(CONSENT.c.record_key)
    rows = read_rows(con, asked.where(CONSENT.c.purpose == Purpose.MARKETING.value))
    return rows.rename_columns(list(RECORD_CONSENT.columns)).cast(RECORD_CONSENT.arrow)


def _decides(means: str) -> sa.ColumnElement[bool]:
    return CONSENT.c.channel.in_([means, ContactChannel.ANY.value])


def _written() -> sa.Select[Any]:
    written = (RECORD.c[name].is_not(None) for name in ("email", "phone", "address"))
    post = RECORD.c.address.is_not(None) & RECORD.c.postal_code.is_not(None)
    flags = {"given": sa.or_(*written), "post": post}
    one = sa.literal(1, sa.BigInteger)
    cases = [sa.case((flag, one), else_=0).label(name) for name, flag in flags.items()]
    return sa.select(RECORD.c.record_no, *cases)


def _carried(con: Connection, numbers: Numbers) -> dict[IdentifierType, NDArray[np.bool_]]:
    """Say of each record, by number, whether it carries an identifier of each kind."""
    found = {}
    for kind in _KINDS:
        asked = sa.select(RECORD_IDENTIFIER.c.record_no).where(RECORD_IDENTIFIER.c.type == kind)
        flags = np.zeros(len(numbers), np.bool_)
        at = np.searchsorted(numbers, read_rows(con, asked)["record_no"].to_numpy())
        flags[at[at < len(numbers)]] = True
        found[kind] = flags
    return found


def _with_bars(con: Connection, found: pa.Table) -> pa.Table:
    """Add until when what was agreed about an address or a number no longer counts."""
    barred = suppressed_keys(con)
    for kind in _KINDS:
        own = barred.filter(pc.equal(barred["type"], kind.value))
        carriers = records_by_value_keys(con, one_array(own["key"]))
        cut = own["cutoff_at"].take(pc.index_in(carriers["value_key"], own["key"]))
        last = pa.table({"record_no": carriers["record_no"], "until": cut})
        last = last.group_by("record_no").aggregate([("until", "max")])
        place = pc.index_in(found["record_no"], last["record_no"])
        found = found.append_column(f"{kind}_barred", last["until_max"].take(place))
    return found
