"""Opening the project that a command works on, and who works on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from tuttuno.workspace import Workspace

#: Who looks or acts, in the audit log, when a verb comes from a terminal.
ACTOR = "command line"


@contextmanager
def opened(ctx: typer.Context) -> Iterator["Workspace"]:
    """Open the project that `-C` names, and close its stores when the command ends.

    The workspace is imported here, when a verb needs it: `tuttuno --help` answers without
    loading an engine.
    """
    from tuttuno.workspace import open_workspace

    workspace = open_workspace(ctx.obj)
    try:
        yield workspace
    finally:
        workspace.vault.close()
