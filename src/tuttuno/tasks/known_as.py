"""What persons are called: name and town, as the record that changed last tells them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tuttuno.vault import persons
from tuttuno.vault.vault import Connection


@dataclass(frozen=True, slots=True)
class KnownAs:
    """What one person is called.

    Attributes:
        name, place: None where no record tells.
        sources: The system of each of her records, by `record_key`.
    """

    name: str | None
    place: str | None
    sources: Mapping[str, str]


def known_as(con: Connection, person_ids: Sequence[int]) -> dict[int, KnownAs]:
    """Return what each of the persons is called, read in one statement."""
    found = persons.records_of_persons(con, pa.array(person_ids, pa.int64()))
    records: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(found.to_pylist(), key=_age):
        records[row["person_id"]].append(row)
    return {person: _called(records[person]) for person in person_ids}


def _age(record: Mapping[str, Any]) -> tuple[str, str]:
    """Put the record that changed last at the end; a date unknown is the oldest."""
    return str(record["updated_at"] or record["created_at"] or ""), record["record_key"]


def _called(records: Sequence[Mapping[str, Any]]) -> KnownAs:
    whole = [one for one in records if one["given_name"] and one["family_name"]]
    names = [
        " ".join(part for part in (one["given_name"], one["family_name"]) if part)
        for one in whole or records
    ]
    return KnownAs(
        name=_last(names),
        place=_last([one["city"] for one in records]),
        sources={one["record_key"]: one["source"] for one in records},
    )


def _last(texts: Sequence[str | None]) -> str | None:
    return next((text for text in reversed(texts) if text), None)
