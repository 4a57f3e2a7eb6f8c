"""What became of one file, in the words that are shown to whoever sent it."""

from dataclasses import dataclass

from tuttuno.vault.batches import Counts


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.

    Attributes:
        source: Who sent it: the source's name, or `exchange`.
        table: The exchange table its rows belong to.
        file: Its path, as it was given.
        batch: Its number in the ledger.
        counts: The conservation law of its rows.
        refused: Why the whole file could not be taken in; None where it could.
        new_months: Months (`YYYY-MM`) of the lake that it has changed; a build starts there.
        notes: What is worth knowing although nothing is wrong, e.g. product codes that no
            product has.
    """

    source: str
    table: str
    file: str
    batch: int
    counts: Counts
    refused: str | None = None
    new_months: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
