"""What a level of likeness weighs: Fellegi and Sunter's model, estimated without any label."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuttuno.identity.matching.columns import NONE, Floats
from tuttuno.identity.matching.compare import Comparison, Seen
from tuttuno.identity.matching.expected import Expected
from tuttuno.identity.matching.names import COMBINATIONS

Shares = NDArray[np.float64]

#: Rounds of estimation; the weights have settled long before.
ROUNDS = 15
#: How many pairs the expected shares count for beside the counted ones.
LIKE_FROM, CHANCE_FROM = 40.0, 200.0
#: Bits that everything around a person (places, occupation, gender) can weigh together. Where
#: somebody lives, was born and works go together, so their sum would be too much.
AROUND = 20.0
#: Share of the pairs inside a household whose given names stand against each other, and of
#: those with one name: father and son. Where a name is missing, the one there is their common
#: one as often as not.
FAMILY, NAMESAKES, HALF_NAMED = 0.8, 0.05, 0.5
#: Share of the pairs inside a household that have one e-mail address, or one phone.
SHARED_CONTACT = 0.15
#: Share of the pairs inside a household, of two names, that were born on one day. Three children
#: in a hundred are twins, and about one pair in three is of brothers and sisters.
TWINS = 0.01
#: Pairs inside households for each pair of one person's records, at least: a file that shows no
#: family still comes from a world with families.
FAMILIES = 0.001

#: What is the person's own. All else is around her.
_OWN = frozenset({"name", "birth_date", "email", "phone", "tax_code", "identifier"})
#: What members of a household do not share.
_PERSONAL = frozenset({"birth_date", "tax_code", "gender", "identifier"})
#: What members of a household may share, and otherwise have each their own.
_EACH_HIS = frozenset({"email", "phone"})
_AGAINST = np.array([against in (1, 3) for _, _, against in COMBINATIONS])
_HALF = np.array([e + a == 1 and not against for e, a, against in COMBINATIONS])
_AGREE = np.array([e + a > 1 and not against for e, a, against in COMBINATIONS])
#: Twins have two names; the last entry is for a missing one.
_TWO_NAMES = np.append(~_AGREE, True)
#: Bits of what cannot be.
_NEVER = -100.0


@dataclass(frozen=True, slots=True)
class Field:
    """One comparison of a model.

    Attributes:
        expected: Its levels, and what was expected of them.
        like: Share of one person's pairs on each level.
        chance: Share of two people's pairs on each level.
        bits: Weight of each level; the last entry is 0, for a pair that does not say.
    """

    expected: Expected
    like: Shares
    chance: Shares
    bits: Floats = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Weigh once what is looked up for each pair."""
        bits = np.append(np.log2(self.like / self.chance), 0.0).astype(np.float32)
        object.__setattr__(self, "bits", bits)


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of every field, and how likely two records are one person before a look.

    Attributes:
        prior: Share of one person's pairs among all pairs of the file.
        families: Share of pairs of two people of one household.
    """

    fields: Mapping[str, Field]
    prior: float
    families: float

    def weigh(self, seen: Mapping[str, Seen]) -> Floats:
        """Bits for each pair: log2 of the odds that it is one person's."""
        return _sum(list(self.parts(seen).values()), _pairs_of(seen))

    def parts(self, seen: Mapping[str, Seen]) -> dict[str, Floats]:
        """What each field adds, and what is taken off again; the sum is the weight.

        `around` takes off what places and the like weigh beyond `AROUND`, `household` what
        speaks as well for two members of one family.
        """
        pairs = _pairs_of(seen)
        parts = {name: self.fields[name].bits[one.level] + one.bits for name, one in seen.items()}
        around = _sum([bits for name, bits in parts.items() if name not in _OWN], pairs)
        parts["around"] = np.minimum(AROUND - around, 0)
        family = self._family(parts, seen)
        parts["household"] = -np.logaddexp2(np.float32(0), family).astype(np.float32)
        parts["prior"] = np.full(pairs, _bits(self.prior), dtype=np.float32)
        return parts

    def _family(self, parts: Mapping[str, Floats], seen: Mapping[str, Seen]) -> Floats:
        """Bits that a pair is two members of one household, against two strangers.

        They share family name and address as one person's records do, now and then a phone or
        an e-mail, and twins of two names their birth date; their given names mostly stand
        against each other, and what is personal agrees by chance only.
        """
        pairs = _pairs_of(seen)
        if "name" not in seen:
            return np.full(pairs, _NEVER, dtype=np.float32)
        level = seen["name"].level
        more = np.append(_of_family(self.fields["name"].like), _NEVER)[level]
        shared = [bits for name, bits in parts.items() if name not in {*_PERSONAL, *_EACH_HIS}]
        both = np.float32(np.log2(SHARED_CONTACT))
        shared += [np.maximum(parts[name] + both, 0) for name in _EACH_HIS & parts.keys()]
        if "birth_date" in parts:
            twins = np.maximum(parts["birth_date"] + np.float32(np.log2(TWINS)), 0)
            shared.append(np.where(_TWO_NAMES[level], twins, np.float32(0)))
        found = np.where(more > _NEVER, _sum(shared, pairs) + more + _bits(self.families), _NEVER)
        return found.astype(np.float32)

    def as_splink(self) -> dict[str, Any]:
        """The model in the words of Splink's JSON, for other tools to read and to draw."""
        return {
            "link_type": "dedupe_only",
            "probability_two_random_records_match": self.prior,
            "comparisons": [
                {
                    "output_column_name": name,
                    "comparison_levels": [
                        {
                            "label_for_charts": label,
                            "m_probability": float(like),
                            "u_probability": float(chance),
                        }
                        for label, like, chance in zip(
                            field.expected.labels, field.like, field.chance, strict=True
                        )
                    ],
                }
                for name, field in self.fields.items()
            ],
        }


def _of_family(like: Shares) -> NDArray[np.float64]:
    """For each level of names, in bits, how much oftener it is two members' of one household.

    Compared with one person's records.
    """
    found = np.full(len(like), _NEVER)
    found[_AGAINST] = np.log2(FAMILY / like[_AGAINST].sum())
    found[_AGREE] = np.log2(NAMESAKES / like[_AGREE].sum())
    found[_HALF] = np.log2(HALF_NAMED)
    return found


def start_model(comparisons: Mapping[str, Comparison], records: int) -> Model:
    """The model before anything is counted."""
    return start_of({name: one.expected for name, one in comparisons.items()}, records)


def start_of(expected: Mapping[str, Expected], records: int) -> Model:
    """As `start_model`, of the levels alone."""
    fields = {
        name: Field(one, np.array(one.like), np.array(one.chance)) for name, one in expected.items()
    }
    start = min(0.5, 0.3 / max(records - 1, 1))
    return Model(fields, start, start * FAMILIES)


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs to estimate from.

    Attributes:
        near: Pairs that share something.
        weight: How many equal pairs each of them stands for.
        random: Pairs drawn at random.
        names: Counted levels of names by chance alone; empty where there are no names.
        pairs: All pairs of the file.
    """

    near: Mapping[str, Seen]
    weight: Floats
    random: Mapping[str, Seen]
    names: Floats
    pairs: float


def estimate(start: Model, sample: Sample) -> Model:
    """Estimate the weights by expectation-maximisation (Fellegi and Sunter 1969; Winkler 1988).

    Near pairs say how one person's records differ, random pairs how two people's do; each
    counts as far as the model of the round before takes it for that.
    """
    model = start
    for _ in range(ROUNDS):
        parts = model.parts(sample.near)
        bits = _sum(list(parts.values()), len(sample.weight))
        is_one = _chance_of(bits) * sample.weight
        family = (1 - np.exp2(parts["household"])) * (1 - _chance_of(bits)) * sample.weight
        are_two = 1 - _chance_of(model.weigh(sample.random))
        fields = {
            name: Field(
                before.expected,
                _like(sample.near[name], is_one, before),
                _chance(sample.random[name], are_two, before, sample),
            )
            for name, before in start.fields.items()
        }
        ones, families = (
            min(0.5, (float(found.sum()) + 1) / (sample.pairs + 2)) for found in (is_one, family)
        )
        model = Model(fields, ones, max(families, ones * FAMILIES))
    return model


def _like(seen: Seen, weight: Floats, before: Field) -> Shares:
    found = _shares(seen, weight, before.like, LIKE_FROM)
    for levels, most in before.expected.bounds:
        asked = np.isin(np.arange(len(found)), levels)
        share = found[asked].sum()
        if share > most:
            found[asked] *= most / share
            found[~asked] *= (1 - most) / (1 - share)
    return found


def _chance(seen: Seen, weight: Floats, before: Field, sample: Sample) -> Shares:
    found = _shares(seen, weight, before.chance, CHANCE_FROM)
    known = np.isin(np.arange(len(found)), before.expected.known)
    if not known.any():
        return found
    share = before.chance
    if len(sample.names) == len(share):
        share = sample.names + CHANCE_FROM * before.chance
        share = share / share.sum()
    found[~known] *= (1 - share[known].sum()) / found[~known].sum()
    found[known] = share[known]
    return found


def _shares(seen: Seen, weight: Floats, before: Shares, counts_for: float) -> Shares:
    told = seen.level != NONE
    counted = np.bincount(seen.level[told], weights=weight[told], minlength=len(before))
    total = counted + counts_for * before
    found: Shares = total / total.sum()
    return found


def _chance_of(bits: Floats) -> Floats:
    return (1 / (1 + np.exp2(-np.clip(bits, -60, 60)))).astype(np.float32)


def _bits(share: float) -> float:
    return float(np.log2(share / (1 - share)))


def _pairs_of(seen: Mapping[str, Seen]) -> int:
    return len(next(iter(seen.values())).level)


def _sum(parts: list[Floats], pairs: int) -> Floats:
    return np.sum(parts, axis=0, dtype=np.float32) if parts else np.zeros(pairs, dtype=np.float32)
