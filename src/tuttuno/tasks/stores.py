"""Where a project keeps things: what most verbs need at hand."""

from dataclasses import dataclass
from pathlib import Path

from tuttuno.lake.store import Lake
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Stores:
    """The open doors of one project.

    Attributes:
        root: The project folder; locks and scratch files lie in it.
        vault: Who.
        lake: What.
        key: The project key, under which surrogates are made.
    """

    root: Path
    vault: Vault
    lake: Lake
    key: bytes
