"""What can be wrong with a row, and how it is told."""

from typing import NamedTuple

from tuttuno.intake.rules import Rule


class Fault(NamedTuple):
    """Why a row is set aside.

    Attributes:
        column: Where; None: the row as a whole.
        rule: The rule's word.
        message: What is wrong, in one clause.
    """

    column: str | None
    rule: str
    message: str


#: Other content under a key that is taken, with no later `updated_at`.
CONFLICT = Fault(
    None,
    "same_key_other_content",
    "has the key of another row but other content, and no later updated_at",
)
#: A card that is none, in a table that is about cards.
NO_CARD = Fault("card", "identifier", "cannot be the number of a card")

#: Faults that show only when rows meet those that are there, after the rules of the table.
LATE = (CONFLICT, NO_CARD)


def faults_of(rules: tuple[Rule, ...]) -> tuple[Fault, ...]:
    """All faults of a table, in the order of their positions."""
    return (*(Fault(rule.column, rule.name, rule.message) for rule in rules), *LATE)
