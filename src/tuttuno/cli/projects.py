"""Verbs on a whole project: demo, init, serve, verify, doctor."""

import shutil
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuttuno.cli.project import opened
from tuttuno.cli.terminal import Json, note, progress_bars, say, say_facts, say_json, say_table
from tuttuno.errors import BadInput, NotFound, Unavailable

if TYPE_CHECKING:
    from tuttuno.workspace import Workspace

Port = Annotated[
    int | None, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 takes a free one.")
]

#: `tuttuno verify` and `tuttuno doctor` end with this when something is broken.
BROKEN = 3

#: The account that `init` and `demo` make.
ADMIN = "admin"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command."""
    for verb in (demo, init, password, serve, verify, doctor):
        app.command()(verb)


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it.")] = Path("demo"),
    *,
    people: Annotated[int, typer.Option(min=200, help="How many people to simulate.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same retailer.")] = 7,
    port: Port = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Do not open the pages.")] = False,
) -> None:
    """Make a simulated retailer and open its pages.

    A second time in the same folder it finishes what was interrupted, then opens the pages.
    The truth of the simulation is written beside the files, in `truth/`.
    """
    from tuttuno.cli.data import published, show_reports
    from tuttuno.tasks.build import build
    from tuttuno.tasks.ingest import ingest, mapping_for
    from tuttuno.tasks.open_release import has_release
    from tuttuno.tasks.simulate_retailer import SETTINGS, simulate_retailer
    from tuttuno.workspace import make_workspace, open_workspace

    if (folder / "tuttuno.toml").exists():
        workspace = open_workspace(folder)
    else:
        workspace = make_workspace(folder, settings=SETTINGS)
    chosen = None if no_serve else _open_port(workspace, port)
    if has_release(workspace.vault):
        note(f"the retailer in {folder} is shown as it was made; another folder makes another")
    else:
        shutil.rmtree(folder / "retailer", ignore_errors=True)
        with progress_bars() as progress:
            made = simulate_retailer(
                folder / "retailer", people=people, seed=seed, progress=progress
            )
            reports = ingest(
                [made.exchange],
                mapping_for("exchange", None, sources={}),
                root=workspace.root,
                intake=workspace.intake(),
                progress=progress,
            )
            built = build(
                workspace.stores,
                workspace.engine(),
                settings=workspace.build,
                progress=progress,
            )
        show_reports(reports, json=False)
        say(published(built))
    if chosen is None:
        say(f"try: tuttuno -C {folder} measure channel_class")
        return
    _tell_password(workspace)
    _serve(workspace, port=chosen, workers=1)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it.")],
    *,
    settings: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Start from this tuttuno.toml."),
    ] = None,
) -> None:
    """Make a new, empty project.

    It has settings, keys, a vault, a lake and one account, whose password is shown once.
    """
    from tuttuno.workspace import make_workspace

    workspace = make_workspace(folder, settings=_read(settings))
    say(f"a project is in {folder}")
    _tell_password(workspace)
    note(f"next: tuttuno -C {folder} ingest FOLDER, then build, then serve")


def serve(
    ctx: typer.Context,
    *,
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
) -> None:
    """Open the pages and the API."""
    with opened(ctx) as workspace:
        _serve(workspace, port=_open_port(workspace, port), workers=workers)


def password(ctx: typer.Context) -> None:
    """Give the account `admin` a new password, shown once.

    The former one no longer opens the pages, and whoever was signed in with it is signed out.
    """
    with opened(ctx) as workspace:
        _tell_password(workspace)


def verify(ctx: typer.Context, *, json: Json = False) -> None:
    """Check that nothing is lost or changed.

    Ends with 3 when something is.
    """
    from tuttuno.cli.data import inbox_of
    from tuttuno.tasks.verify import verify as check

    with opened(ctx) as workspace, inbox_of(workspace) as inbox, progress_bars() as progress:
        found = check(workspace.stores, workspace.embedded(), inbox=inbox, progress=progress)
    outcomes = ("received", "accepted", "duplicate", "quarantined", "suppressed", "rejected")
    counts = {name: getattr(found.counts, name) for name in outcomes}
    counts["difference"] = found.counts.difference
    if json:
        checks = [
            {"check": one.check, "seen": one.seen, "broken": list(one.broken)}
            for one in found.findings
        ]
        say_json({"sound": found.sound, "counts": counts, "checks": checks})
    else:
        say_facts(counts)
        say("")
        say_table(
            ["check", "seen", "result"],
            [(one.check, one.seen, "broken" if one.broken else "sound") for one in found.findings],
            right=["seen"],
        )
        for one in found.findings:
            for line in one.broken:
                note(f"{one.check}: {line}")
    if not found.sound:
        raise typer.Exit(BROKEN)


def doctor(
    ctx: typer.Context,
    *,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Bring the vault up to date with this program.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what this project stands on.

    Ends with 3 when something is missing.
    """
    from tuttuno.tasks.examine import examine

    with opened(ctx) as workspace:
        if migrate:
            from tuttuno.vault.migration import migrate as bring_up_to_date

            bring_up_to_date(workspace.vault)
        found = examine(workspace.stores, folder=workspace.root)
    if json:
        say_json([{"what": one.what, "found": one.found, "well": one.well} for one in found])
    else:
        say_table(
            ["what", "found", ""], [(one.what, one.found, "" if one.well else "!") for one in found]
        )
    if not all(one.well for one in found):
        raise typer.Exit(BROKEN)


def _read(path: Path | None) -> str | None:
    if path is None:
        return None
    from tuttuno.config import parse, read_settings

    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist", hint="name a tuttuno.toml to start from") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise BadInput(f"cannot read {path}: {exc}") from exc
    read_settings(parse(text, path), path)
    return text


def _tell_password(workspace: "Workspace") -> None:
    """Show the password once, on stderr, so that it does not end up in a result file."""
    from tuttuno.tasks.open_account import open_account

    password = open_account(ADMIN, ADMIN, vault=workspace.vault)
    note(f"sign in as {ADMIN} with {password} (shown once)")


def _serve(workspace: "Workspace", *, port: int, workers: int) -> None:
    from tuttuno.web.serve import serve as run

    host = workspace.settings.web.host
    note(f"open http://{host}:{port}/ in a browser; Ctrl+C ends")
    sys.stdout.flush()
    run(workspace, host=host, port=port, workers=workers)


def _open_port(workspace: "Workspace", port: int | None) -> int:
    """Return the port to serve on; known to be free before anything long begins."""
    web = workspace.settings.web
    chosen = web.port if port is None else port or _free_port(web.host)
    _refuse_taken(web.host, chosen)
    return chosen


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as exc:
        what = f"port {port} of {host} cannot be opened: {exc.strerror}"
        raise Unavailable(what, hint="`--port 0` takes a free one") from exc


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
