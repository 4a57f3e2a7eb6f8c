"""The live part of a server: its doors open when it starts, and shut when all is on the disk."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from tuttuno.clock import Clock
from tuttuno.intake.bell import bells
from tuttuno.intake.inbox import Inbox
from tuttuno.intake.pulling import pulled_every
from tuttuno.tasks.keep_draining import Drainer
from tuttuno.tasks.keep_pulling import Puller
from tuttuno.tasks.watch_sources import Watch, alarms_now
from tuttuno.web.assemble import Lifespan
from tuttuno.web.collect.events import Clerk
from tuttuno.web.collect.keys import write_keys
from tuttuno.web.collect.routes import Collector
from tuttuno.web.hooks.doors import hooks
from tuttuno.web.hooks.routes import Hooks
from tuttuno.web.taker import Taker
from tuttuno.workspace import Workspace


def live_doors(workspace: Workspace, clock: Clock) -> Lifespan:
    """Return what opens the doors of a project while a server runs.

    It puts `inbox`, `collector` and `hooks` into the state of the app, and lets its `teller` load
    what it answers from.

    Raises:
        BadMapping: The keys of a source, or the tracking plan, cannot be understood.
        BadInput: A secret is not where the settings say.
    """
    settings = workspace.settings
    keys = write_keys(settings.sources)
    seals = hooks(settings.sources, workspace.root, os.environ)
    every = pulled_every(settings.sources)
    rung = bells(settings.alerts, workspace.root, os.environ)
    _ = workspace.plan  # one that cannot be read would stop what takes in, where nobody looks

    @asynccontextmanager
    async def open_doors(app: FastAPI) -> AsyncIterator[None]:
        vault = await run_in_threadpool(workspace.inbox)
        taker = Taker(workspace.root)
        look = partial(alarms_now, settings.alerts, vault, workspace.vault)
        with (
            Inbox(vault) as inbox,
            Watch(look, workspace.root, bells=rung, say=_say, clock=clock) as watch,
            Drainer(vault, taker, watch=watch, busy=lambda: inbox.busy, say=_say),
            taker,
            Puller(workspace.root, every, say=_say),
        ):
            app.state.inbox = inbox
            clerk = Clerk(workspace.stores.key, settings.project.country)
            app.state.collector = Collector(inbox, keys, clerk, clock=clock)
            app.state.hooks = Hooks(inbox, seals, clock)
            app.state.teller.prepare()
            yield
            app.state.collector = app.state.inbox = app.state.hooks = None
        vault.close()

    return open_doors


def _say(what: str, _done: int, _of: int | None) -> None:
    sys.stderr.write(f"{what}\n")
