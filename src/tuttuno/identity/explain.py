"""Why records are one person, or are not: the ties between them, and those that were refused."""

from collections import deque

import numpy as np
import pyarrow as pa

from tuttuno.errors import NotFound
from tuttuno.identity.cluster import Clusters, clusters_of, limits_of
from tuttuno.identity.evidence import Ints
from tuttuno.identity.explanation import (
    STEWARD,
    Explanation,
    Refusal,
    RefusedValue,
    SeenRecord,
    SeenTie,
)
from tuttuno.identity.gather import Picture, around
from tuttuno.identity.likeness.words import parts_of
from tuttuno.identity.names import Verdict
from tuttuno.identity.profile import Rules, ValueClass
from tuttuno.identity.registry import KINDS, LIKENESS, IdentitySettings
from tuttuno.identity.ties import Ties, best_first
from tuttuno.schema.masked import masked
from tuttuno.vault import persons
from tuttuno.vault.identifiers import identifier_values
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection, Vault
from tuttuno.vocab import IdentifierType

#: Stands in the place of a value where a steward's word ties two records.
_WORD = -1


class NoSuchRecord(NotFound):
    """A record is not in the vault, or belongs to nobody yet."""

    def __init__(self, record_key: str) -> None:
        self.record_key = record_key
        super().__init__(
            f"record {record_key} belongs to no person", hint="build first, then ask again"
        )


def explain(vault: Vault, person_id: int, *, settings: IdentitySettings) -> Explanation:
    """Say why the records of a person are one.

    Raises:
        NoSuchPerson: The id was never given.
    """
    with vault.read() as con:
        now = persons.resolve_person_id(con, person_id)
        numbers = [member.record_no for member in persons.members(con, now)]
        scene = _Scene(con, settings, np.array(numbers, dtype=np.int64))
        inside = scene.places(numbers)
        return Explanation(
            (now,), scene.seen(inside), scene.tree(inside), scene.refused(inside, inside)
        )


def explain_pair(vault: Vault, one: str, other: str, *, settings: IdentitySettings) -> Explanation:
    """Say why two records, named by `record_key`, are one person or are not.

    Raises:
        NoSuchRecord: One of them belongs to no person.
    """
    with vault.read() as con:
        found = persons.persons_of_records(con, pa.array([one, other])).to_pylist()
        person = {row["record_key"]: row["person_id"] for row in found}
        missing = [key for key in (one, other) if key not in person]
        if missing:
            raise NoSuchRecord(missing[0])
        number = {
            member.record_key: member.record_no
            for person_id in set(person.values())
            for member in persons.members(con, person_id)
        }
        scene = _Scene(con, settings, np.array(sorted(number.values()), dtype=np.int64))
        ends = scene.places([number[one], number[other]])
        ids = tuple(dict.fromkeys((person[one], person[other])))
        if len(ids) == 1:
            chain = scene.chain(*ends)
            return Explanation(ids, scene.seen(ends), chain, ())
        refused = scene.refused(ends[:1], ends[:1], only_with=ends[1])
        return Explanation(ids, scene.seen(ends), (), refused)


class _Scene:
    """The surroundings of some records, read and judged as a run would."""

    def __init__(self, con: Connection, settings: IdentitySettings, record_nos: Ints) -> None:
        self._con = con
        rules = Rules.of(settings)
        self._rules = rules
        self._picture: Picture = around(con, rules, record_nos)
        found = self._picture.evidence
        limits = limits_of(found, self._picture.profile, rules)
        ties = self._picture.ties
        judge, said = self._picture.judge, self._picture.decided
        self._clusters: Clusters = clusters_of(found, ties, limits, rules, judge, decided=said)
        order = best_first(ties, found, rules)
        verdict = judge.verdicts(found.face[said.must], found.face[said.together])
        word = Ties(said.must, said.together, np.full(len(said.must), _WORD), verdict)
        self._kept: Ties = word.and_those(ties.only(order[~self._clusters.refused[order]]))
        self._records = self._read(found.record_no)
        self._forbidden = {
            value
            for one, other in zip(said.cannot.tolist(), said.apart.tolist(), strict=True)
            for value in self._carried(one) & self._carried(other)
        }

    def places(self, numbers: list[int]) -> list[int]:
        """Positions of record numbers."""
        found = np.searchsorted(self._picture.evidence.record_no, np.array(numbers, dtype=np.int64))
        return [int(place) for place in found]

    def seen(self, places: list[int]) -> tuple[SeenRecord, ...]:
        return tuple(self._records[place] for place in places)

    def tree(self, inside: list[int]) -> tuple[SeenTie, ...]:
        """One tie to each further record, breadth first from the first."""
        if not inside:
            return ()
        return self._shown([tie for _, tie in self._walk(inside[0])])

    def chain(self, start: int, end: int) -> tuple[SeenTie, ...]:
        """The shortest chain of ties between two records; none where it has gone since."""
        came_by = dict(self._walk(start))
        if end not in came_by:
            return ()
        steps: list[int] = []
        while end != start:
            tie = came_by[end]
            steps.append(tie)
            one, other = int(self._kept.one[tie]), int(self._kept.other[tie])
            end = one if other == end else other
        return self._shown(steps[::-1])

    def refused(
        self, places: list[int], inside: list[int], *, only_with: int | None = None
    ) -> tuple[RefusedValue, ...]:
        """Values of some records that somebody outside carries too."""
        found = self._picture.evidence
        held = np.unique(found.value[np.isin(found.holder, places)])
        rows = np.isin(found.value, held)
        others = ~np.isin(found.holder, inside)
        if only_with is not None:
            others = found.holder == only_with
        outside = np.unique(found.value[rows & others])
        # carriers of a value beyond its limit are counted and not read
        beyond = held[found.values.carriers[held] > found.values.size[held]]
        chosen = np.union1d(outside, beyond if only_with is None else outside[:0])
        shown = self._masks(chosen)
        return tuple(self._refusal(int(value), shown[int(value)]) for value in chosen)

    def _carried(self, place: int) -> set[int]:
        found = self._picture.evidence
        return set(found.value[found.holder == place].tolist())

    def _refusal(self, value: int, shown: str) -> RefusedValue:
        values, profile = self._picture.evidence.values, self._picture.profile
        klass = ValueClass(int(profile.klass[value]))
        reason = {
            ValueClass.HOUSEHOLD: Refusal.HOUSEHOLD,
            ValueClass.SHARED: Refusal.SHARED,
            ValueClass.JUNK: Refusal.JUNK,
        }.get(klass)
        if reason is None or value in self._picture.ties.value[self._clusters.refused]:
            alone = self._rules.merges_alone[values.kind[value]]
            reason = Refusal.CONFLICT if alone else Refusal.NAMES
        if value in self._forbidden:
            reason = Refusal.DECIDED
        return RefusedValue(
            kind=str(KINDS[int(values.kind[value])]),
            shown=shown,
            reason=reason,
            persons=int(profile.persons[value]),
            records=int(values.carriers[value]),
        )

    def _walk(self, start: int) -> list[tuple[int, int]]:
        """Each record that ties lead to, nearest first, with the tie that led to it."""
        near: dict[int, list[tuple[int, int]]] = {}
        sides = zip(self._kept.one.tolist(), self._kept.other.tolist(), strict=True)
        for tie, (one, other) in enumerate(sides):
            near.setdefault(one, []).append((other, tie))
            near.setdefault(other, []).append((one, tie))
        seen, queue, found = {start}, deque([start]), []
        while queue:
            for place, tie in near.get(queue.popleft(), []):
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
                    found.append((place, tie))
        return found

    def _shown(self, chosen: list[int]) -> tuple[SeenTie, ...]:
        ties, values = (
            self._kept.only(np.array(chosen, dtype=np.int64)),
            self._picture.evidence.values,
        )
        shown = self._masks(np.unique(ties.value[ties.value != _WORD]))
        rows = zip(
            *(c.tolist() for c in (ties.one, ties.other, ties.value, ties.verdict)), strict=True
        )
        return tuple(
            SeenTie(
                one=self._records[one].record_key,
                other=self._records[other].record_key,
                kind=STEWARD if value == _WORD else str(KINDS[int(values.kind[value])]),
                shown=shown.get(value, ""),
                carriers=2 if value == _WORD else int(values.carriers[value]),
                verdict=Verdict(verdict),
                parts=self._parts(one, other, value),
            )
            for one, other, value, verdict in rows
        )

    def _parts(self, one: int, other: int, value: int) -> tuple[tuple[str, str, float], ...]:
        kinds = self._picture.evidence.values.kind
        if value == _WORD or KINDS[int(kinds[value])] != LIKENESS:
            return ()
        return parts_of(self._picture.alike.weighed, one, other)

    def _masks(self, chosen: Ints) -> dict[int, str]:
        """Values by position, masked; empty for what identity made itself."""
        numbers = self._picture.evidence.values.number[chosen]
        known = identifier_values(self._con, pa.array(numbers[numbers > 0])).to_pylist()
        shown = {
            row["value_no"]: masked(IdentifierType(row["type"]), row["value"]) for row in known
        }
        sides = zip(chosen.tolist(), numbers.tolist(), strict=True)
        return {place: shown.get(number, "") for place, number in sides}

    def _read(self, record_no: Ints) -> dict[int, SeenRecord]:
        columns = ("record_no", "record_key", "source", "record_id")
        rows = read_records(self._con, columns, record_nos=pa.array(record_no)).to_pylist()
        place = {int(number): at for at, number in enumerate(record_no)}
        return {
            place[row["record_no"]]: SeenRecord(
                row["record_key"], row["source"], masked_record_id(row["record_id"])
            )
            for row in rows
        }


def masked_record_id(record_id: str) -> str:
    """Hide most of a source's own key, and the identifier that stands in the place of one.

    >>> masked_record_id("email:anna.rossi@example.it"), masked_record_id("CRM-0042771")
    ('email a•••@example.it', '•••771')
    """
    kind, _, value = record_id.partition(":")
    if value and kind in list(IdentifierType):
        return f"{kind} {masked(IdentifierType(kind), value)}"
    return masked(IdentifierType.ACCOUNT, record_id)
