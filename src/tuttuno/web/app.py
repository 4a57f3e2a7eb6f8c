"""The web app of one project: what `tuttuno serve` hands to the server."""

from fastapi import FastAPI

from tuttuno.clock import Clock, utc_now
from tuttuno.web.assemble import Region, make_app
from tuttuno.web.door import Door
from tuttuno.web.keyring import Keyring
from tuttuno.web.live import live_doors
from tuttuno.web.live_desk import LiveDesk
from tuttuno.web.teller import teller_of
from tuttuno.web.workplace import Workplace
from tuttuno.workspace import Workspace


def create_app(workspace: Workspace, *, clock: Clock = utc_now) -> FastAPI:
    """Make the app of a project; one process makes one.

    Raises:
        UndeclaredPermission: A route does not say who may call it; nothing is served then.
    """
    settings, reading = workspace.settings, workspace.reading()
    project = settings.project
    app = make_app(
        Workplace(workspace, reading),
        Door(Keyring(workspace.vault), clock=clock),
        hosts=settings.web.hosts,
        region=Region(project.timezone, project.language, project.currency),
        lifespan=live_doors(workspace, clock),
    )
    app.state.live = LiveDesk(workspace, clock)
    app.state.teller = teller_of(workspace, reading, clock)
    return app
