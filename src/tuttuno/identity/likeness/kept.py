"""The weights that a full run estimated, as they are kept: every later run weighs by them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import fsum
from typing import Any, Self

import numpy as np

from tuttuno.identity.evidence import Ints
from tuttuno.identity.matching import expected
from tuttuno.identity.matching.columns import Floats
from tuttuno.identity.matching.expected import Expected
from tuttuno.identity.matching.model import Field, Model

#: What is compared, and the levels of each.
EXPECTED: Mapping[str, Expected] = {
    "name": expected.NAMES,
    "birth_date": expected.DATES,
    "gender": expected.KINDS,
    "email": expected.MAILS,
    "phone": expected.CODES,
    "tax_code": expected.CODES,
    "address": expected.STREETS,
    "postal_code": expected.POSTAL_CODES,
    "city": expected.TEXTS,
}

#: Raised by one whenever a model that was kept can no longer be read.
_FORMAT = 1

#: Values of a field whose frequency is kept, and records that must say one for it to be kept:
#: what a handful of people say is theirs, and stays out of the model.
_MOST, _LEAST = 5_000, 5


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often each value of a field is said.

    Attributes:
        total: By how many records, all values together.
        mean: The chance that two records say one value.
        others: By how many records a value that is not in `count` is said, on average.
    """

    total: int
    mean: float
    others: float
    count: Mapping[str, int]

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Keep the most frequent values; all others count alike."""
        total = sum(counts.values())
        mean = fsum(((count + 0.5) / total) ** 2 for count in counts.values()) if total else 1.0
        listed = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST]
        kept = {value: count for value, count in listed if count >= _LEAST}
        rest = len(counts) - len(kept)
        others = (total - sum(kept.values())) / rest if rest else 1.0
        return cls(total, mean, others, kept)

    def rarity(self, values: tuple[str, ...]) -> Floats:
        """Bits by which agreeing on each value says more than agreeing does on average."""
        counts = np.array([self.count.get(value, self.others) for value in values], np.float64)
        share = (counts + 0.5) / max(self.total, 1)
        found: Floats = np.log2(self.mean / share).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True)
class KeptModel:
    """What likeness weighs.

    Attributes:
        model: Bits of every level of every field.
        frequency: Of the values of a field; a rare one speaks louder.
        crowded: Block keys, ascending, that too many records have.
        records: How many it was estimated on.
    """

    model: Model
    frequency: Mapping[str, Frequency]
    crowded: Ints
    records: int

    def to_json(self) -> str:
        """The model in the words of Splink's JSON, and beside them what Splink has no word for."""
        said = {
            **self.model.as_splink(),
            "tuttuno": {
                "format": _FORMAT,
                "records": self.records,
                "families": self.model.families,
                "frequency": {
                    name: {"total": f.total, "mean": f.mean, "others": f.others, "count": f.count}
                    for name, f in self.frequency.items()
                },
                "crowded": self.crowded.tolist(),
            },
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=2)
def kept_model(text: str) -> KeptModel | None:
    """Read a model that was kept; None where an older version wrote it."""
    said = json.loads(text)
    own = said["tuttuno"]
    if own["format"] != _FORMAT:
        return None
    prior = said["probability_two_random_records_match"]
    fields = {one["output_column_name"]: _field(one) for one in said["comparisons"]}
    return KeptModel(
        model=Model(fields, prior, own["families"]),
        frequency={name: Frequency(**one) for name, one in own["frequency"].items()},
        crowded=np.array(own["crowded"], dtype=np.int64),
        records=own["records"],
    )


def _field(said: Mapping[str, Any]) -> Field:
    levels = said["comparison_levels"]
    like, chance = (
        np.array([level[name] for level in levels], dtype=np.float64)
        for name in ("m_probability", "u_probability")
    )
    return Field(EXPECTED[said["output_column_name"]], like, chance)
