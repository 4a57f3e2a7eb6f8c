"""Where a secret is: the settings name a variable or a file, and never hold the secret itself."""

from collections.abc import Mapping
from pathlib import Path

from tuttuno.errors import BadInput
from tuttuno.intake.section import BadMapping, Section


def secret_at(
    section: Section, key: str, place: str, *, root: Path, environ: Mapping[str, str]
) -> str:
    """Return a secret.

    Args:
        section: Where it is named.
        key: The key that names it.
        place: `env:NAME` or `file:PATH`.
        root: Of the project; files are below it.
        environ: Where variables are.

    Raises:
        BadMapping: The place is none; whoever wrote it may have written the secret itself.
        BadInput: The file cannot be read.
    """
    kind, _, name = place.partition(":")
    if kind not in {"env", "file"} or not name:
        hint = "`env:NAME` for a variable of the environment, `file:PATH` for a file"
        raise BadMapping(section.at(key), "must say where a secret is, not hold it", hint=hint)
    try:
        text = environ.get(name, "") if kind == "env" else (root / name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"{section.at(key)}: {root / name} cannot be read"
        raise BadInput(what, hint="put the secret into it") from error
    return text.strip()
