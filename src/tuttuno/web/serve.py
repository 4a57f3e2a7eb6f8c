"""Opening the pages to browsers: one process by default, several on request."""

import gc
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from tuttuno.web.app import create_app
from tuttuno.workspace import Workspace, open_workspace

#: How the processes of one server learn which project they serve.
_FOLDER = "TUTTUNO_PROJECT"

#: Seconds for which one thread may keep the interpreter while another waits for it. Whoever writes
#: to the disk waits for it a dozen times in each group, and all who wait for the group with them.
SWITCH = 0.0005

#: True where the system deals visitors out among several doors on one port.
_DEALT = sys.platform == "linux"


def serve(workspace: Workspace, *, host: str, port: int, workers: int = 1) -> None:
    """Serve a project until it is interrupted.

    Args:
        workspace: The project; each process opens its own doors to it.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one, which is said on stderr.
        workers: Processes that answer.
    """
    os.environ[_FOLDER] = str(workspace.root.resolve())
    config = uvicorn.Config(
        "tuttuno.web.serve:served",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,  # addresses and ids of people would stand in it
        server_header=False,
    )
    if workers == 1:
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            sys.exit(STARTUP_FAILURE)
    elif _DEALT:
        _Workers(config, sockets=[]).run()
    else:
        Multiprocess(config, sockets=[config.bind_socket()]).run()


class _Workers(Multiprocess):
    """Processes that answer, each with a door of its own on the same port.

    The system deals visitors out among the doors. With one door for all, the first process that
    wakes lets in whoever waits, and a till that keeps its connection stays with the busiest.
    """

    @property
    def sockets(self) -> list[socket.socket]:
        """A new door for the process that starts now."""
        family = socket.AF_INET6 if ":" in self.config.host else socket.AF_INET
        door = socket.socket(family)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        door.bind((self.config.host, self.config.port))
        door.set_inheritable(True)
        return [door]

    @sockets.setter
    def sockets(self, _: list[socket.socket]) -> None:
        """What the parent class opened, or did not, is not used."""


def served() -> FastAPI:
    """Make the app of one process."""
    app = create_app(open_workspace(Path(os.environ[_FOLDER])))
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # what is there now stays: to look through all of it again holds up every door
    return app
