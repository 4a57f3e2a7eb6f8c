"""Forgetting: everything the vault holds of some records is deleted, and the link is cut."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.block_keys import block_keys_of, records_with_block_keys
from tuttuno.vault.bulk import delete_keys, look_up, one_array
from tuttuno.vault.counters import change_number
from tuttuno.vault.decisions import decided_pairs
from tuttuno.vault.edges import drop_edges
from tuttuno.vault.identifiers import untie, values_of_records
from tuttuno.vault.persons import PersonStatus, change_persons, members_left
from tuttuno.vault.records import touch_records
from tuttuno.vault.tables import (
    ATTRIBUTE,
    BLOCK_KEY,
    CONSENT,
    DECISION,
    HOUSEHOLD_MEMBER,
    MEMBERSHIP,
    QUARANTINE,
    RECORD,
)

#: Where rows are filed under the number, or the surrogate, of a record.
_BY_NUMBER: tuple[sa.Column[int], ...] = (
    MEMBERSHIP.c.record_no,
    BLOCK_KEY.c.record_no,
    RECORD.c.record_no,
)
_BY_KEY: tuple[sa.Column[str], ...] = (
    CONSENT.c.record_key,
    ATTRIBUTE.c.record_key,
    QUARANTINE.c.record_key,
    DECISION.c.a_key,
    DECISION.c.b_key,
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted.

    Attributes:
        records: How many records.
        values: How many identifier values nobody else carries.
        persons: Ids of persons of whom no record is left; they are retired.
    """

    records: int
    values: int
    persons: tuple[int, ...]


def forget_records(con: Connection, record_keys: pa.Array) -> Forgotten:
    """Delete records with all that hangs on them; the ledger and the events keep numbers only.

    The rows are gone from every query at the end of the transaction, and from the disk after
    `Vault.scrub`. What could come in again must be suppressed by the caller before.
    """
    change_number(con)
    found = look_up(con, record_keys.unique(), RECORD.c.record_key, RECORD.c.record_no)
    numbers = one_array(found["record_no"])
    persons = look_up(con, numbers, MEMBERSHIP.c.record_no, MEMBERSHIP.c.person_id)["person_id"]
    values = untie(con, values_of_records(con, numbers))
    _touch_neighbours(con, numbers)
    drop_edges(con, numbers)
    for column in _BY_NUMBER:
        delete_keys(con, column, numbers)
    for key in _BY_KEY:
        delete_keys(con, key, record_keys)
    return Forgotten(len(numbers), values, _retire(con, one_array(persons)))


def _touch_neighbours(con: Connection, numbers: pa.Array) -> None:
    """File whoever hangs on these records as changed: nobody could tell later.

    They share a block key with one of them, or a steward decided about both.
    """
    keys = one_array(block_keys_of(con, numbers)["key64"]).unique()
    touch_records(con, one_array(records_with_block_keys(con, keys)["record_no"]))
    pairs = decided_pairs(con, numbers)
    for end in ("one", "other"):
        touch_records(con, one_array(pairs[end]))


def _retire(con: Connection, person_ids: pa.Array) -> tuple[int, ...]:
    left = members_left(con, person_ids)
    ids = left.filter(pc.equal(left["records"], 0))["person_id"]
    status = pa.array([PersonStatus.RETIRED.value] * len(ids), pa.string())
    none = pa.nulls(len(ids), pa.int64())
    if len(ids):
        delete_keys(con, HOUSEHOLD_MEMBER.c.person_id, ids)
        change_persons(con, pa.table({"person_id": ids, "status": status, "merged_into": none}))
    return tuple(ids.to_pylist())
