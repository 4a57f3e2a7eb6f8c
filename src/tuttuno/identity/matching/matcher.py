"""Saying which records are probably one person: the port, and the matcher that ships."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tuttuno.identity.guard import Guard, Limits
from tuttuno.identity.joining import Edges, Joining, Pairs, join
from tuttuno.identity.matching import expected, model
from tuttuno.identity.matching.blocks import CAPS, ENOUGH, ENOUGH_EACH, WINDOW, enough_pairs
from tuttuno.identity.matching.columns import Floats, Ints
from tuttuno.identity.matching.compare import Seen, nested
from tuttuno.identity.matching.model import Model, Sample, estimate, start_model
from tuttuno.identity.matching.names import levels_by_chance
from tuttuno.identity.matching.prepare import Prepared, prepare

#: Raised by one whenever the same records may lead to other persons.
METHOD = 3

#: How much equal records must say to be one person's: a whole name, or a date and a place.
_SAYS_ENOUGH = 0.6

#: An edge: two records by position, bits that they are one person, and what adds up to them.
EDGE = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("weight", pa.float32()),
        ("evidence", pa.map_(pa.string(), pa.float32())),
    ]
)


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """Everything matching depends on besides the records. One default serves every file.

    Attributes:
        joining: How far likeness must go.
        caps: Records of a block, by how many things they share.
        near: Candidate pairs that weights are estimated from.
        random: Random pairs that weights are estimated from.
        seed: Where drawing begins, so that the same records give the same persons.
    """

    joining: Joining = field(default_factory=Joining)
    caps: tuple[int, ...] = CAPS
    near: int = 300_000
    random: int = 300_000
    seed: int = 20_240_229

    @property
    def hash(self) -> str:
        """Short name of this configuration and of the model that ships, in hexadecimal."""
        shipped = {name: asdict(value) for name, value in vars(expected).items() if name.isupper()}
        bounds = [
            model.ROUNDS,
            model.LIKE_FROM,
            model.CHANCE_FROM,
            model.AROUND,
            model.FAMILY,
            model.FAMILIES,
            model.NAMESAKES,
            model.HALF_NAMED,
            model.SHARED_CONTACT,
            model.TWINS,
        ]
        said = [METHOD, WINDOW, ENOUGH, ENOUGH_EACH, _SAYS_ENOUGH, asdict(self), shipped, bounds]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


class Matcher(Protocol):
    """Finds pairs of records that may be one person, and weighs them."""

    def edges(self, records: pa.Table) -> pa.Table:
        """Weigh pairs of positions in `records`; the result has the columns of `EDGE`."""
        ...


@dataclass(frozen=True, slots=True)
class FellegiSunter:
    """The matcher that ships: estimates its weights on the records themselves, without labels."""

    settings: MatchSettings = field(default_factory=MatchSettings)

    def edges(self, records: pa.Table) -> pa.Table:
        """Weigh every candidate pair, with the waterfall of each."""
        weighed = self.weigh(prepare(records))
        parts = weighed.model.parts(weighed.seen)
        names = list(parts)
        bits = np.stack([parts[name] for name in names], axis=1).reshape(-1)
        offsets = np.arange(len(weighed.one) + 1, dtype=np.int32) * len(names)
        keys = pa.array(names * len(weighed.one), pa.string())
        evidence = pa.MapArray.from_arrays(pa.array(offsets), keys, pa.array(bits))
        columns = [weighed.one, weighed.other, weighed.weight, evidence]
        return pa.table(columns, schema=EDGE)

    def weigh(self, prepared: Prepared, copies: Ints | None = None) -> "Weighed":
        """Find candidates, estimate the model on them, and weigh them.

        `copies` says for how many equal records each one stands.
        """
        settings = self.settings
        one, other = enough_pairs(prepared.atoms, prepared.records, settings.caps)
        seen = _seen(prepared, one, other)
        model = start_model(prepared.comparisons, prepared.records)
        if seen and prepared.records > 1:
            if copies is None:
                copies = np.ones(prepared.records, dtype=np.int64)
            model = estimate(model, self._sample(prepared, seen, (one, other), copies))
        weight = model.weigh(seen) if seen else np.zeros(len(one), dtype=np.float32)
        return Weighed(one, other, weight, seen, model)

    def _sample(
        self, prepared: Prepared, seen: Mapping[str, Seen], pairs: Pairs, copies: Ints
    ) -> Sample:
        rng = np.random.default_rng(self.settings.seed)
        one, other = pairs
        rows = np.sort(rng.permutation(len(one))[: self.settings.near])
        equal = np.flatnonzero(copies > 1)
        of_equal = _seen(prepared, equal, equal)
        each = len(one) / max(len(rows), 1)
        names = np.empty(0, dtype=np.float32)
        if prepared.bags is not None:
            names = levels_by_chance(prepared.bags, self.settings.random, rng)
        total = int(copies.sum())
        return Sample(
            near={name: some.at(rows).beside(of_equal[name]) for name, some in seen.items()},
            weight=np.concatenate(
                [
                    copies[one[rows]] * copies[other[rows]] * each,
                    copies[equal] * (copies[equal] - 1) / 2,
                ]
            ),
            random=_seen(prepared, *random_pairs(prepared.records, self.settings.random, rng)),
            names=names,
            pairs=total * (total - 1) / 2,
        )


@dataclass(frozen=True, slots=True)
class Weighed:
    """Candidate pairs with their weights.

    Attributes:
        one, other: Positions of the records of each pair, the lower first.
        weight: Bits that they are one person.
        seen: How they compare, field by field.
        model: What a level weighs.
    """

    one: Ints
    other: Ints
    weight: Floats
    seen: Mapping[str, Seen]
    model: Model

    def edges(self, prepared: Prepared, rule: Joining) -> Edges:
        """What joining needs to know of the pairs.

        A pair in which nothing speaks against one person, and too little for it, weighs no
        less than one that was never compared.
        """
        voice = prepared.voice
        silent = rule.missing * voice[self.one] * voice[self.other]
        prior = np.log2(self.model.prior / (1 - self.model.prior))
        kept = np.where(self.weight >= prior, np.maximum(self.weight, silent), self.weight)
        return Edges(self.one, self.other, kept, voice=voice)


def persons_of(records: pa.Table, settings: MatchSettings | None = None) -> Ints:
    """Give each record the position of the first record of its person.

    Equal records, and the order in which records stand, make no difference to who is with
    whom: records are sorted first, and those that say the same are looked at once.
    """
    settings = settings or MatchSettings()
    order, first, copies = _different(records)
    different = records.take(pa.array(order[first]))
    prepared = prepare(different)
    weighed = FellegiSunter(settings).weigh(prepared, copies)
    one_person = _says_enough(prepared, weighed, copies, settings.joining)
    size = np.where(one_person, copies, 1)
    edges = weighed.edges(prepared, settings.joining)
    guard = Guard(Limits.one_each(prepared.alone))
    label = join(prepared.records, edges, settings.joining, guard, size)
    found = first[np.repeat(label, copies)]
    single = np.repeat(~one_person, copies)
    single[first] = False
    found[single] = np.flatnonzero(single)
    result = np.empty(len(order), dtype=np.int64)
    result[order] = found
    return _first_of(result)


def _says_enough(
    prepared: Prepared, weighed: Weighed, copies: Ints, rule: Joining
) -> NDArray[np.bool_]:
    """Whether equal records are one person's: two that say no more than Maria need not be."""
    equal = np.flatnonzero(copies > 1)
    enough = np.ones(len(copies), dtype=np.bool_)
    seen = _seen(prepared, equal, equal)
    if seen:
        says = (prepared.voice[equal] >= _SAYS_ENOUGH) | prepared.reaches[equal]
        enough[equal] = says & (weighed.model.weigh(seen) >= rule.cut)
    return enough


def _different(records: pa.Table) -> tuple[Ints, Ints, Ints]:
    """An order of the records, where in it each different one begins, and how many are equal."""
    said = [
        "\x1f".join(v or "" for v in row)
        for row in zip(*(c.to_pylist() for c in records.columns), strict=True)
    ]
    order = np.array(sorted(range(len(said)), key=said.__getitem__), dtype=np.int64)
    starts = [n for n, at in enumerate(order) if n == 0 or said[at] != said[order[n - 1]]]
    first = np.array(starts, dtype=np.int64)
    return order, first, np.diff(np.append(first, len(order)))


def _first_of(label: Ints) -> Ints:
    first = np.full(int(label.max(initial=-1)) + 1, len(label), dtype=np.int64)
    np.minimum.at(first, label, np.arange(len(label)))
    return first[label]


def _seen(prepared: Prepared, one: Ints, other: Ints) -> dict[str, Seen]:
    return nested({name: c.compare(one, other) for name, c in prepared.comparisons.items()})


def random_pairs(records: int, wanted: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Every pair of a small file, or as many as are wanted of a large one."""
    if records * (records - 1) // 2 <= wanted:
        one, other = np.triu_indices(records, 1)
        return one.astype(np.int64), other.astype(np.int64)
    one, other = rng.integers(0, records, (2, wanted))
    apart = one != other
    return one[apart], other[apart]
