"""Who a record is at first sight: somebody new, or one person without a doubt.

Most records that arrive share nothing with anybody, or share it with records whose names agree.
Those are told apart here, by a look at a few rows; whoever is not settled by that is left to
the function that tells all apart, which finds the same where both are asked.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, combinations_with_replacement, product
from typing import Any

from tuttuno.identity.evidence import born_on
from tuttuno.identity.ids import NOBODY
from tuttuno.identity.likeness.beside import CrowdedError, Face, Like, Scale, likes, mates, one_day
from tuttuno.identity.names import Name, Verdict, compare_names, words_of
from tuttuno.identity.registry import RESIDENCE, IdentifierRule, IdentitySettings
from tuttuno.identity.weights import (
    BORN_ALIKE,
    BORN_APART,
    BORN_SWAPPED,
    MARGIN,
    NAMES,
    SHARED_VALUE,
    START,
)
from tuttuno.vault import nearby
from tuttuno.vault.arriving import Tied
from tuttuno.vault.nearby import Seen, TiedBy
from tuttuno.vault.quick import Quick

#: Records of one group, and different faces in it, beyond which it takes more than a look.
_MANY, _FACES = 40, 6

#: What a value tells at least, in bits, where a tie by it and half a name is not doubted.
_ENOUGH = MARGIN - START - NAMES[Verdict.LEANS]

_NO_FACE: Face = (Name(), None)

#: Two names are one, or they are not.
_PLAIN = frozenset({Verdict.AGREES, Verdict.CONTRADICTS})


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A record that nobody has looked at yet.

    Attributes:
        who: It is nobody's.
        said: All that it says, by column.
        residence: Its block key; None where it has none.
        keys: By which whoever looks like it is found.
    """

    who: Seen
    said: Mapping[str, Any]
    tied: tuple[Tied, ...]
    residence: int | None
    keys: tuple[int, ...] = ()

    @property
    def record_no(self) -> int:
        """Its number."""
        return self.who.record_no

    @property
    def block_keys(self) -> tuple[int, ...]:
        """All that the vault keeps to find it by."""
        return self.keys if self.residence is None else (self.residence, *self.keys)


@dataclass(frozen=True, slots=True)
class Sight:
    """The records that are one person with a newcomer, itself included.

    Attributes:
        record_no: Ascending.
        former: The person that each of them had so far; `NOBODY` for the newcomer.
        doubts: Records of which a steward should say whether they are the newcomer's, and bits.
    """

    record_no: tuple[int, ...]
    former: tuple[int, ...]
    doubts: tuple[tuple[int, float], ...] = ()

    @property
    def person_id(self) -> int | None:
        """The person to whom the newcomer comes, and nobody else; `NOBODY` for somebody new.

        None where others come to another person as well.
        """
        found = set(self.former) - {NOBODY}
        alone = self.former.count(NOBODY) == 1 and len(found) <= 1
        return max(found, default=NOBODY) if alone else None


class _UnclearError(Exception):
    """What was seen cannot be told apart at first sight."""


def at_first_sight(
    quick: Quick, newcomer: Newcomer, settings: IdentitySettings, scale: Scale | None = None
) -> Sight | None:
    """Say who a new record is; None where that takes more than a look.

    All records that are connected to it by values must be one person by every rule: no two
    different names or birth dates, no value or limit in dispute, nothing decided or doubted.
    Only where one of them shares a household's value with people who contradict her, these
    stay beside; where the record itself brings it, nothing between these may change by it. Whoever
    else looks like the record is weighed: tied, doubted, or left alone. A person of whom
    likeness has made more than values do takes more than a look.

    Args:
        quick: Inside a transaction that has added the record.
        newcomer: The record.
        settings: Those of the last build.
        scale: By what whoever looks like it is weighed; None where nobody is.
    """
    try:
        return _Look(quick, newcomer, settings, scale).sight(settings.largest_person)
    except (_UnclearError, CrowdedError):
        return None


class _Look:
    """Follows values from a newcomer until nobody new is found."""

    def __init__(
        self, quick: Quick, newcomer: Newcomer, settings: IdentitySettings, scale: Scale | None
    ) -> None:
        self._quick = quick
        self._scale = scale
        self._newcomer = newcomer
        self._rules: Mapping[str, IdentifierRule] = settings.rules
        self._likeness = settings.likeness.on
        self._asks = any(rule.link_consent for rule in settings.rules.values())
        self._read: dict[int, Seen] = {}
        self._tied: dict[int, TiedBy] = {}
        self._seen: dict[int, Seen] = {}
        self._face: dict[int, Face] = {}
        self._half: set[Name] = set()
        self._holds: dict[str, set[int]] = {}
        self._followed = {tied.value_no for tied in newcomer.tied if tied.fresh}
        self._alike: list[Like] = []
        self._beside = defaultdict[int, float](float)
        self._groups: list[tuple[str, list[int]]] = []
        self._households: list[tuple[str, list[int]]] = []

    def sight(self, largest: int) -> Sight:
        """Say who the newcomer is."""
        self._note(self._newcomer.who)
        self._follow([self._newcomer.record_no])
        self._see_who_is_alike()
        records = list(self._seen)
        _must(len(records) <= largest)
        for kind, values in self._holds.items():
            _must(len(values) <= self._limit(kind))
        if len(records) > 1 or self._households:
            self._check_faces()
            for kind, held in self._households:
                self._check_household(kind, held)
            self._check_connected(records)
        self._check_beside()
        if self._likeness:
            self._check_whole()
        records.sort()
        former = tuple(self._seen[number].person_id or NOBODY for number in records)
        return Sight(tuple(records), former, self._doubts())

    def _follow(self, waiting: list[int]) -> None:
        """Read some records, whoever shares a value with them, and so on."""
        while waiting:
            number = waiting.pop()
            if number in self._seen:
                continue
            self._meet(number)
            for value, kind in self._values_of(number):
                self._holds.setdefault(kind, set()).add(value)
                if value not in self._followed:
                    self._followed.add(value)
                    waiting += self._others(value, kind, number)

    def _see_who_is_alike(self) -> None:
        """Weigh whoever shares a block key with the newcomer and no value, and follow ties."""
        start, scale = self._newcomer, self._scale
        if scale is None:
            return
        found = mates(self._quick, scale, start.keys)
        others = {
            who.record_no: self._note(who) for who in found if who.record_no not in self._seen
        }
        self._alike = likes(self._quick, scale, self._face[start.record_no], start.said, others)
        _must(not (self._alike and scale.asked.link_consent))
        tied = [like.record_no for like in self._alike if like.tied]
        if tied:
            self._follow(tied)
            # whom it would bring together may be alike themselves, which only a run asks
            _must(len({who.person_id for who in self._seen.values()} - {None}) == 1)

    def _doubts(self) -> tuple[tuple[int, float], ...]:
        """Of whom a steward is asked: joined in spite of little, or apart in spite of much."""
        return tuple(
            (like.record_no, like.weight)
            for like in self._alike
            if (like.weight < MARGIN if like.record_no in self._seen else like.weight > -MARGIN)
        )

    def _meet(self, number: int) -> None:
        self._seen[number] = self._read[number]
        _must(len(self._seen) <= _MANY)
        if number == self._newcomer.record_no:
            _must(not nearby.spoken_of(self._quick, self._newcomer.who.record_key))
        else:
            _must(not self._tied_by(number).decided)

    def _note(self, who: Seen) -> Face:
        number = who.record_no
        if number not in self._face:
            self._read[number] = who
            _must(not (self._asks and nearby.refused(self._quick, who.record_key)))
            name = Name(words_of(who.given_name), words_of(who.family_name))
            self._face[number] = (name, born_on(who.birth_date))
        return self._face[number]

    def _values_of(self, number: int) -> set[tuple[int, str]]:
        start = self._newcomer
        if number == start.record_no:
            own = {(tied.value_no, str(tied.kind)) for tied in start.tied}
            return own if start.residence is None else own | {(start.residence, RESIDENCE)}
        found = self._tied_by(number)
        _must(not found.doubted)
        values = {(value, str(kind)) for value, kind in found.values}
        return values | {(key, RESIDENCE) for key in found.homes}

    def _tied_by(self, number: int) -> TiedBy:
        if number not in self._tied:
            key = self._read[number].record_key
            self._tied[number] = nearby.tied_by(self._quick, number, key)
        return self._tied[number]

    def _others(self, value: int, kind: str, number: int) -> list[int]:
        """Whoever else a value of a record leads to; nobody where it is beyond its limit."""
        own = number == self._newcomer.record_no
        most = self._rules[kind].max_records
        if kind == RESIDENCE:
            found = nearby.residents(self._quick, value, most + 2)
            if own:
                found.append(self._newcomer.who)
        else:
            found = nearby.carriers(self._quick, value, most + 2)
        if len(found) > most:
            # the newcomer itself may have brought the value there
            _must(not own or len(found) > most + 1)
            return []
        _must(len(found) <= _MANY)
        faces = {self._note(who) for who in found} - {_NO_FACE}
        held = [who.record_no for who in found]
        if not any(_verdict(*pair) is Verdict.CONTRADICTS for pair in combinations(faces, 2)):
            self._groups.append((kind, held))
            return held
        if own:
            _must(kind != RESIDENCE and self._undisturbed(held))
            for one in held:
                self._beside[one] += SHARED_VALUE[kind]
        self._households.append((kind, held))
        mine = self._face[number]
        if mine == _NO_FACE:
            return []  # on a household's value names tie, and nothing else
        return [one for one in held if _verdict(mine, self._face[one]) is Verdict.AGREES]

    def _undisturbed(self, held: list[int]) -> bool:
        """True where others who carry a value stay as they are when the newcomer brings it too.

        Whole names that agree tie on a household's value as they do on one person's.
        """
        faces = {self._face[one] for one in held}
        others = [self._tied_by(one) for one in held if one != self._newcomer.record_no]
        return (
            all(name.whole for name, _ in faces)
            and all(_verdict(*pair) in _PLAIN for pair in combinations(faces, 2))
            and not any(one.doubted or one.decided for one in others)
        )

    def _check_household(self, kind: str, held: list[int]) -> None:
        """Whoever shares it with the group must contradict it, so that no tie leads out."""
        inside = [number for number in held if number in self._seen]
        mine = {self._face[number] for number in inside} - {_NO_FACE}
        others = {self._face[one] for one in held if one not in self._seen} - {_NO_FACE}
        _must(all(_verdict(*pair) is Verdict.CONTRADICTS for pair in product(mine, others)))
        _must(not any(name in self._half for name, _ in mine))
        most = self._rules[kind].max_persons
        _must(len(mine | others) <= most and (len(held) <= most or self._crowd(held) <= most))
        self._groups.append((kind, [one for one in inside if self._face[one] != _NO_FACE]))

    def _check_beside(self) -> None:
        """Of whoever shares a value with the newcomer and contradicts it, nobody is in doubt."""
        mine = self._face[self._newcomer.record_no]
        for one in self._beside.keys() - self._seen.keys():
            theirs = self._face[one]
            names = NAMES[compare_names(mine[0], theirs[0])]
            weight = START + self._beside[one] + names + _births(mine[1], theirs[1])
            _must(weight <= -MARGIN)  # all that they share, had nobody else it

    def _crowd(self, held: list[int]) -> int:
        """People that a value must have, by the other values of its records."""
        beside: dict[str, set[int]] = {}
        for number in held:
            for value, kind in self._values_of(number):
                beside.setdefault(kind, set()).add(value)
        return max(-(-len(beside[kind]) // self._limit(kind)) for kind in beside)

    def _limit(self, kind: str) -> int:
        rule = self._rules[kind]
        return 1 if rule.conflict_blocks else rule.max_values

    def _check_whole(self) -> None:
        """The persons whose records were seen have no others, which only likeness has given."""
        former = [who.person_id for who in self._seen.values() if who.person_id is not None]
        for person in set(former):
            held = nearby.members(self._quick, person, _MANY + 1)
            _must(len(held) == former.count(person))

    def _check_faces(self) -> None:
        """Whole names must agree with each other; a given name alone, with all of them."""
        faces = {self._face[number] for number in self._seen} - {_NO_FACE}
        _must(len(faces) <= _FACES)
        self._half = {name for name, _ in faces if not (name.whole or name.unsplit)}
        for one, other in combinations_with_replacement(faces, 2):
            found = _verdict(one, other)
            half = one[0] in self._half or other[0] in self._half
            _must(found is Verdict.AGREES or (half and found is Verdict.LEANS))

    def _check_connected(self, records: list[int]) -> None:
        """Ties must join all; who says nothing is tied by values that merge alone only."""
        leader = {number: number for number in records}
        for kind, held in self._groups:
            alone = self._rules[kind].merges_alone
            halves = any(self._face[number][0] in self._half for number in held)
            # a tie by half a name is doubted unless the value tells enough
            _must(not halves or (alone and SHARED_VALUE[kind] >= _ENOUGH))
            tied = [n for n in held if alone or self._face[n] != _NO_FACE]
            heads = {_root(leader, number) for number in tied}
            for head in heads:
                leader[head] = min(heads)
        for like in self._alike:
            if like.tied:
                heads = {_root(leader, like.record_no), _root(leader, self._newcomer.record_no)}
                leader[max(heads)] = min(heads)
        _must(len({_root(leader, number) for number in records}) == 1)


def _verdict(one: Face, other: Face) -> Verdict:
    """As `Judge` says."""
    found = compare_names(one[0], other[0])
    if one[1] is None or other[1] is None:
        return found
    if not one_day(one[1], other[1]):
        return Verdict.CONTRADICTS
    return Verdict.AGREES if found is Verdict.RENAMED else found


def _births(one: date | None, other: date | None) -> float:
    if one is None or other is None:
        return 0.0
    if one == other:
        return BORN_ALIKE
    return BORN_SWAPPED if one_day(one, other) else BORN_APART


def _must(hold: object) -> None:
    if not hold:
        raise _UnclearError


def _root(leader: dict[int, int], number: int) -> int:
    while leader[number] != number:
        number = leader[number]
    return number
