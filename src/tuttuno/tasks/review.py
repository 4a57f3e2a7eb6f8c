"""Review: the outcomes of identity that are least certain and cost most when wrong, first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import numpy as np
import pyarrow as pa

from tuttuno.identity.checkdigit import shown
from tuttuno.identity.weights import chance
from tuttuno.tasks.known_as import KnownAs, known_as
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.vault import edges, identifiers, persons
from tuttuno.vault.decisions import decided_pairs
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection, Vault

#: Outcomes weighed against what their people spend: those most likely to be wrong.
WEIGHED = 5_000

_PERSONS = ibis.param("array<int64>")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two records, and whose it is.

    Attributes:
        name: None where no record of hers tells one.
    """

    record_key: str
    source: str
    person_id: int
    shown_id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Two persons, or one, on whom identity may be wrong; by the two records most in doubt.

    Attributes:
        joined: True where they are one person now.
        chance: That they are one person, if the weights are right.
        doubt: The chance that the outcome is wrong.
        value: What their people have bought so far, in the project's currency; zero for nothing.
        shared: Kinds of identifiers that both records carry.
        more: Further pairs of records of the same two persons, or of the same one, in doubt.
    """

    one: Side
    other: Side
    joined: bool
    chance: float
    doubt: float
    value: float
    shared: tuple[str, ...]
    more: int


def review(
    vault: Vault, opened: OpenRelease | None, *, limit: int = 50
) -> tuple[int, tuple[Doubtful, ...]]:
    """Return on how many outcomes there is doubt, and those to look at first.

    Pairs of records of the same two persons, or of one, are one outcome; the pair most in doubt
    stands for it. Ordered by the chance that the outcome is wrong times what the people have
    bought, of the `WEIGHED` ones most likely to be wrong. Pairs on which somebody has decided
    are left out.
    """
    with vault.read() as con:
        rows = _outcomes(_open(con))
        first = sorted(rows, key=lambda row: (-row.doubt, row.one, row.other))[:WEIGHED]
        spent = _spent({person for row in first for person in row.persons}, opened)
        first.sort(key=lambda row: (-row.doubt * _worth(row, spent), row.one, row.other))
        return len(rows), _shown(con, first[:limit], spent)


@dataclass(frozen=True, slots=True)
class _Pair:
    one: int
    other: int
    persons: tuple[int, int]
    weight: float
    more: int = 0

    @property
    def joined(self) -> bool:
        return self.persons[0] == self.persons[1]

    @property
    def doubt(self) -> float:
        return chance(-self.weight if self.joined else self.weight)


def _open(con: Connection) -> list[_Pair]:
    found = edges.read_edges(con)
    ends = np.concatenate([found[end].to_numpy() for end in ("a", "b")])
    held = persons.membership_numbers(con, record_nos=pa.array(np.unique(ends)))
    person = dict(zip(held["record_no"].to_pylist(), held["person_id"].to_pylist(), strict=True))
    said = decided_pairs(con)
    done = {
        frozenset(p) for p in zip(*(said[e].to_pylist() for e in ("one", "other")), strict=True)
    }
    columns = (found[name].to_pylist() for name in ("a", "b", "weight"))
    return [
        _Pair(a, b, (person[a], person[b]), weight)
        for a, b, weight in zip(*columns, strict=True)
        if frozenset((a, b)) not in done and a in person and b in person
    ]


def _outcomes(pairs: Sequence[_Pair]) -> list[_Pair]:
    """One pair for each two persons, or each one: that most in doubt, and how many more."""
    groups: dict[frozenset[int], list[_Pair]] = {}
    for pair in pairs:
        groups.setdefault(frozenset(pair.persons), []).append(pair)
    return [
        replace(min(some, key=lambda one: (-one.doubt, one.one, one.other)), more=len(some) - 1)
        for some in groups.values()
    ]


def _worth(row: _Pair, spent: Mapping[int, float]) -> float:
    """What is at stake; who has bought nothing still counts a little, so that doubt decides."""
    return 1 + sum(spent.get(person, 0.0) for person in set(row.persons))


def _spent(ids: set[int], opened: OpenRelease | None) -> dict[int, float]:
    if opened is None or not ids:
        return {}
    rows = opened.ask(opened.once(_net), {_PERSONS: sorted(ids)})
    return {row["person_id"]: float(row["net"] or 0) for row in rows}


def _net(opened: OpenRelease) -> ibis.Table:
    person = opened.tables["person"]
    return person.filter(_PERSONS.contains(person.person_id)).select("person_id", "net")


def _shown(
    con: Connection, rows: Sequence[_Pair], spent: Mapping[int, float]
) -> tuple[Doubtful, ...]:
    numbers = sorted({number for row in rows for number in (row.one, row.other)})
    wanted = pa.array(numbers, pa.int64())
    told = read_records(con, ("record_no", "record_key", "source"), record_nos=wanted).to_pylist()
    record = {each["record_no"]: (each["record_key"], each["source"]) for each in told}
    known = known_as(con, sorted({person for row in rows for person in row.persons}))
    carried = _carried(con, wanted)
    return tuple(
        Doubtful(
            one=_side(row.one, row.persons[0], record, known),
            other=_side(row.other, row.persons[1], record, known),
            joined=row.joined,
            chance=chance(row.weight),
            doubt=row.doubt,
            value=_worth(row, spent) - 1,
            shared=tuple(sorted({kind for kind, _ in carried[row.one] & carried[row.other]})),
            more=row.more,
        )
        for row in rows
    )


def _side(
    number: int,
    person: int,
    record: Mapping[int, tuple[str, str]],
    known: Mapping[int, KnownAs],
) -> Side:
    return Side(*record[number], person, shown(person), known[person].name)


def _carried(con: Connection, record_nos: pa.Array) -> dict[int, set[tuple[str, int]]]:
    found: dict[int, set[tuple[str, int]]] = {number: set() for number in record_nos.to_pylist()}
    for row in identifiers.values_of_records(con, record_nos).to_pylist():
        found[row["record_no"]].add((row["type"], row["value_no"]))
    return found
