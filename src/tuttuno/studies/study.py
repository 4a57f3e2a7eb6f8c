"""What a study is: a name, a question, the defaults of its declaration, and how it is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis

from tuttuno.effects.answer import Answer, Rung
from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.needs import Need, lacking

Tables = Mapping[str, ibis.Table]

Find = Callable[[Declaration, Engine, Tables], Answer]


#: Diagnostics that say the number in other words: a refused answer has none of them.
NUMBERS = frozenset(
    {"outcomes", "euros", "euros_online", "by_time", "by_place", "second_route", "leave_one_out",
     "rings", "naive", "by_category", "alike", "triple",
     "without_others", "usual"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Study:
    """One effect of the trade.

    Attributes:
        label: What people call it.
        question: What it answers, in one sentence.
        rung: As far as its design can reach.
        unit: Of its estimate.
        find: Answers it on the tables of a release.
        notes: What must be known before quoting it, whatever it finds.
        needs: What must have been told, the most basic first.
        counted: What the outcome `orders` counts; articles are `lines`.
    """

    default: Declaration
    label: str
    question: str
    rung: Rung
    unit: str
    find: Find
    notes: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    counted: str = "orders"

    @property
    def name(self) -> str:
        """The word of the command line, the address and the project file."""
        return self.default.name

    def answer(self, declared: Declaration, engine: Engine, tables: Tables) -> Answer:
        """Answer as it is declared; what cannot be answered is refused with the reason.

        Where something was never told, such as sales online, that is the reason.
        """
        asked = True
        try:
            found = self.find(declared, engine, tables)
        except BadInput as exc:
            found = self.nothing().refuse(str(exc))
            asked = not isinstance(exc, WrongTreatment)
        if asked and found.refused is not None and not found.treated:
            found = found.refuse(lacking(self.needs, engine, tables) or found.refused)
        told: dict[str, Any] = {**found.diagnostics, "declared": declared.as_dict()}
        if found.refused is not None:
            told = {name: value for name, value in told.items() if name not in NUMBERS}
        return replace(found, effect=self.name, question=self.question, diagnostics=told)

    def nothing(self) -> Answer:
        """An answer that says nothing yet."""
        return Answer(
            effect=self.name,
            question=self.question,
            rung=self.rung,
            estimate=None,
            low=None,
            high=None,
            unit=self.unit,
            treated=0,
            control=0,
            coverage=None,
        )
