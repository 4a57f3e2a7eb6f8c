"""Households: which persons live together, by address and family name, or by a phone they share.

A second level above persons: no person is joined, split or counted by it.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.identity.connected import components
from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.names import words_of
from tuttuno.identity.ragged import different_pairs
from tuttuno.identity.residence import places
from tuttuno.vault import persons
from tuttuno.vault.households import replace_households
from tuttuno.vault.identifiers import identifier_pairs
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection
from tuttuno.vocab import IdentifierType

#: People of one household; more of one name at one address are a barracks, a college, a firm.
#: Source: house default; in Italy one household in a hundred has six people or more (ISTAT).
LARGEST = 8
#: What ties somebody to her household.
ADDRESS, PHONE, BOTH = "address", "phone", "address_phone"

_COLUMNS = ("record_no", "family_name", "address", "postal_code", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Households:
    """Who lives with whom; persons who live alone, as far as anybody knows, are not in it.

    Attributes:
        person: Person ids, ascending.
        household: The smallest person id of the household of each.
        tie: `ADDRESS`, `PHONE` or `BOTH`, for each.
    """

    person: Ints
    household: Ints
    tie: tuple[str, ...]

    def sizes(self) -> dict[int, int]:
        """How many households there are of each size, the smallest first."""
        _, members = np.unique(self.household, return_counts=True)
        size, count = np.unique(members, return_counts=True)
        return dict(zip(size.tolist(), count.tolist(), strict=True))

    def table(self) -> pa.Table:
        """As the vault keeps it."""
        columns = {"person_id": self.person, "household_id": self.household}
        ties = pa.array(self.tie, pa.string())
        return pa.table(
            {name: pa.array(column) for name, column in columns.items()} | {"tie": ties}
        )


def keep_households(con: Connection, *, max_persons: int) -> Households:
    """Find the households of everybody anew and keep them.

    Args:
        con: A transaction in which the persons are settled.
        max_persons: People who may share a phone; beyond it is a shop's.
    """
    records = read_records(con, _COLUMNS, told=("family_name", "address"))
    held = persons.membership_numbers(con)
    phones = identifier_pairs(con, IdentifierType.PHONE)
    found = households(records, held, phones, max_persons=max_persons)
    replace_households(con, found.table())
    return found


def households(
    records: pa.Table, held: pa.Table, phones: pa.Table, *, max_persons: int
) -> Households:
    """Tell who lives together.

    Persons live together who have one family name at one address (of each, the address told
    last), or who share a phone that a household's number of people carry. An address with
    more than `LARGEST` people of one name ties nobody; where phones would make a household
    larger than that, they tie nobody in it. The order of the rows makes no difference.

    Args:
        records: `_COLUMNS`.
        held: `record_no`, `person_id` of every record that belongs to somebody.
        phones: `record_no`, `value_no` of every record with a phone.
        max_persons: People who may share one phone.
    """
    person_of = _person_of(held)
    everybody = np.unique(_numbers(held["person_id"]))
    by_address = _groups(*_lived(records, person_of), most=LARGEST)
    number = _numbers(phones["record_no"])
    by_phone = _groups(
        person_of.of(number), _numbers(phones["value_no"]), most=min(max_persons, LARGEST)
    )
    label = _label(everybody, [by_address, by_phone])
    size = np.bincount(label, minlength=len(everybody))
    crowd = size[label] > LARGEST
    kept = ~crowd[np.searchsorted(everybody, by_phone[0])]
    by_phone = (by_phone[0][kept], by_phone[1][kept])
    label = _label(everybody, [by_address, by_phone])
    size = np.bincount(label, minlength=len(everybody))
    together = size[label] > 1
    person = everybody[together]
    near, called = np.isin(person, _ends(by_address)), np.isin(person, _ends(by_phone))
    tie = np.where(near & called, BOTH, np.where(near, ADDRESS, PHONE))
    return Households(person, everybody[label[together]], tuple(tie.tolist()))


@dataclass(frozen=True, slots=True)
class _PersonOf:
    record: Ints
    person: Ints

    def of(self, number: Ints) -> Ints:
        """The person of each record; -1 where it belongs to nobody."""
        if not len(self.record):
            return np.full(len(number), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.record, number), len(self.record) - 1)
        return np.where(self.record[at] == number, self.person[at], -1)


def _person_of(held: pa.Table) -> _PersonOf:
    record, person = _numbers(held["record_no"]), _numbers(held["person_id"])
    order = np.argsort(record)
    return _PersonOf(record[order], person[order])


def _lived(records: pa.Table, person_of: _PersonOf) -> tuple[Ints, Ints]:
    """Persons, and a number for the family name and place that each of them told last."""
    key = pc.binary_join_element_wise(_surnames(records["family_name"]), places(records), "|")
    told = pc.fill_null(pc.coalesce(records["updated_at"], records["created_at"]).cast("int64"), 0)
    number = _numbers(records["record_no"])
    person = person_of.of(number)
    rows = np.flatnonzero(pc.is_valid(key).to_numpy(zero_copy_only=False) & (person >= 0))
    rows = rows[np.lexsort((number[rows], _numbers(told)[rows], person[rows]))]
    last = np.append(person[rows][1:] != person[rows][:-1], True) if len(rows) else rows > 0
    rows = rows[last]
    place = key.take(pa.array(rows)).dictionary_encode().indices
    return person[rows], place.to_numpy().astype(np.int64)


def _surnames(column: pa.ChunkedArray) -> pa.Array:
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    folded = ["".join(words_of(text)) or None for text in coded.dictionary.to_pylist()]
    return pa.array(folded, pa.string()).take(coded.indices)


def _groups(person: Ints, value: Ints, *, most: int) -> tuple[Ints, Ints]:
    """Pairs of persons who share a value, each beside the first who has it.

    None for a value of more than `most` persons.
    """
    known = person >= 0
    value, person = different_pairs(value[known], person[known])
    _, start, place, size = np.unique(
        value, return_index=True, return_inverse=True, return_counts=True
    )
    first = person[start][place] if len(person) else person
    fits: Flags = (size[place] <= most) & (first != person)
    return first[fits], person[fits]


def _label(everybody: Ints, pairs: list[tuple[Ints, Ints]]) -> Ints:
    one = np.concatenate([np.searchsorted(everybody, side) for side, _ in pairs])
    other = np.concatenate([np.searchsorted(everybody, side) for _, side in pairs])
    return components(len(everybody), one, other)


def _ends(pairs: tuple[Ints, Ints]) -> Ints:
    return np.concatenate(pairs)


def _numbers(column: pa.ChunkedArray) -> Ints:
    found: Ints = column.to_numpy().astype(np.int64)
    return found
