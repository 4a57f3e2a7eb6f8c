"""Opening the pages to browsers: one process by default, several on request."""

import gc
import os
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from tuttuno.web.app import create_app
from tuttuno.workspace import Workspace, open_workspace

#: How the processes of one server learn which project they serve.
_FOLDER = "TUTTUNO_PROJECT"

#: Seconds for which one thread may keep the interpreter while another waits for it. Whoever writes
#: to the disk waits for it a dozen times in each group, and all who wait for the group with them.
SWITCH = 0.0005


def serve(workspace: Workspace, *, host: str, port: int, workers: int = 1) -> None:
    """Serve a project until it is interrupted.

    Args:
        workspace: The project; each process opens its own doors to it.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one, which is said on stderr.
        workers: Processes that answer.
    """
    os.environ[_FOLDER] = str(workspace.root.resolve())
    uvicorn.run(
        "tuttuno.web.serve:served",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,  # addresses and ids of people would stand in it
        server_header=False,
    )


def served() -> FastAPI:
    """Make the app of one process."""
    app = create_app(open_workspace(Path(os.environ[_FOLDER])))
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # what is there now stays: to look through all of it again holds up every door
    return app
