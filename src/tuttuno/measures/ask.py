"""What a reader may ask of a measure: which days, split how, of which part, seen how."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tuttuno.errors import BadInput

#: Where click & collect counts: with the order (`demand`) or with the handover (`fulfilment`).
View = Literal["demand", "fulfilment"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a measure; empty means the rolling twelve months to the last sale.

    Attributes:
        since: First day that counts; None: twelve months before `until`.
        until: First day that no longer counts; None: the day after the last sale.
        all_time: Everything there is; excludes `since` and `until`.
        by: Names of dimensions to split the answer by.
        where: Pairs of dimension and value. Values of one dimension are alternatives, pairs of
            different dimensions must all hold; the empty value asks for the unknown.
        view: `demand` counts a collected online order as online, `fulfilment` as store.
    """

    since: date | None = None
    until: date | None = None
    all_time: bool = False
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    view: View = "demand"

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.view not in {"demand", "fulfilment"}:
            raise BadInput(f"{self.view!r} is not a view", hint="choose `demand` or `fulfilment`")
        if self.all_time and (self.since or self.until):
            raise BadInput("all time has no first and no last day", hint="drop one of the two")
        if self.since and self.until and self.since >= self.until:
            raise BadInput(
                f"no day lies between {self.since} and {self.until}",
                hint="`until` is exclusive: name the day after the last one",
            )
        if len(set(self.by)) != len(self.by):
            raise BadInput("the answer is split by one thing twice", hint="name it once")
