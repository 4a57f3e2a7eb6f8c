"""Make a new project: its settings, its keys, its vault, its lake, its first account."""

import os
import secrets
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from tuttuno.errors import BadInput

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Laid:
    """Where the parts of a new project are."""

    root: Path
    settings: Path
    keys: Path


class AlreadyThere(BadInput):
    """The folder already holds a project."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} already exists", hint="choose another folder, or remove it first")


def lay_out(root: Path, *, settings: str | None = None) -> Laid:
    """Create the folders, the settings file and the secret keys; the vault comes after.

    Args:
        root: A folder that holds no project yet; made when missing.
        settings: Text of `tuttuno.toml`; None takes the commented template.

    The keys are written once, readable by the owner only, outside vault and lake: without
    them the surrogates in the lake lead nowhere, so they belong in another backup.

    Raises:
        AlreadyThere: The folder holds a project.
        BadInput: The folder cannot be written.
    """
    path = root / "tuttuno.toml"
    if path.exists():
        raise AlreadyThere(path)
    try:
        for folder in (root, root / "keys", root / "vault", root / "lake"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("project.key", "pepper"):
            _write_secret(root / "keys" / name)
        path.write_text(settings or _template(root.resolve().name), "utf-8")
    except OSError as exc:
        raise BadInput(f"cannot make a project in {root}: {exc.strerror}") from exc
    return Laid(root, path, root / "keys")


def read_key(path: Path) -> bytes:
    """Read one of the keys that `lay_out` wrote.

    Raises:
        BadInput: It is missing or not 32 bytes in hex.
    """
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as exc:
        raise BadInput(
            f"cannot read the key {path}", hint="restore it from your backup of keys/"
        ) from exc
    if len(key) != KEY_BYTES:
        raise BadInput(f"the key {path} is not {KEY_BYTES} bytes", hint="restore it")
    return key


def _write_secret(path: Path) -> None:
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _template(name: str) -> str:
    text = resources.files("tuttuno.tasks").joinpath("templates/tuttuno.toml").read_text("utf-8")
    return text.replace("{name}", name.replace('"', "'"))
