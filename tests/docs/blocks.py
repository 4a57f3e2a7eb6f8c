"""Finds the fenced blocks of a page and runs them as a reader would, from top to bottom."""

import doctest
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.docs import reader

FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w+-]*)(?P<info>[^\n`]*)\n"
    r"(?P<text>.*?)^(?P=indent)(?P=ticks) *$",
    re.MULTILINE | re.DOTALL,
)

#: Behind the language: the block is what a file of the reader's holds, or gets at its end.
SAVED = re.compile(r"\b(?P<how>file|append)=(?P<path>[\w./-]+)")

#: Stands on the line before a block that cannot be run, and says why.
EXEMPTION = re.compile(r"<!-- not run: (?P<reason>\S.*?) -->\s*\Z")

#: Blocks in these languages are shown, never run; everything else has to be.
SHOWN = frozenset(
    {"", "text", "csv", "html", "http", "mermaid", "diff", "ini", "sql", "jsonl", "xml"}
)

#: Programs that a console block may call; a page that needs another one says `not run`.
PROGRAMS = frozenset({"tuttuno", "cat", "head", "ls", "mkdir", "cp"})

EXIT = re.compile(r"\s+# exit (\d+)$")


class Block(NamedTuple):
    """One fenced block.

    Attributes:
        line: Of its fence, from 1.
        exempt: Why it is not run; None when it is.
        info: What stands behind the language, e.g. `file=till/sales.csv`.
    """

    line: int
    language: str
    text: str
    exempt: str | None
    info: str = ""


class Command(NamedTuple):
    """One line after a `$`, and what the page shows below it."""

    line: str
    exit: int
    shown: str


class DocsBlockFails(AssertionError):
    """A block does not do what its page says."""

    def __init__(self, page: str, line: int, what: str) -> None:
        super().__init__(f"{page}:{line}: {what}")


def blocks(text: str) -> Iterator[Block]:
    """Find the fenced blocks of a page."""
    for match in FENCE.finditer(text):
        before = text[: match.start()]
        exemption = EXEMPTION.search(before)
        body = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        reason = exemption["reason"] if exemption else None
        info = match["info"].strip()
        yield Block(before.count("\n") + 1, match["language"], body, reason, info)


def commands(text: str) -> list[Command]:
    r"""Split a console block into commands and what is shown below each.

    >>> commands("$ tuttuno measures\nchannel_share\n...\n$ tuttuno measure x  # exit 4\n")[0].shown
    'channel_share\n...\n'
    """
    found = []
    joined = re.sub(r"\\\n\s*", "", text)
    for part in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        code = EXIT.search(line)
        found.append(Command(EXIT.sub("", line), int(code[1]) if code else 0, shown))
    return found


def run_page(name: str, text: str, folder: Path) -> None:
    """Run every block of a page in one folder and one namespace.

    Raises:
        DocsBlockFails: A block fails, shows something else, or cannot be checked at all.
    """
    namespace: dict[str, Any] = {"__name__": "__docs__"}
    for block in blocks(text):
        if block.exempt is None:
            _run(name, block, folder, namespace)


def _run(name: str, block: Block, folder: Path, namespace: dict[str, Any]) -> None:
    if saved := SAVED.search(block.info):
        path = folder / saved["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if saved["how"] == "file" else "a", encoding="utf-8") as file:
            file.write(block.text)
    match block.language:
        case "python":
            _run_python(name, block, namespace)
        case "console":
            for command in commands(block.text):
                _run_command(name, block.line, command, folder)
        case "toml" | "json":
            try:
                tomllib.loads(block.text) if block.language == "toml" else json.loads(block.text)
            except ValueError as exc:
                raise DocsBlockFails(name, block.line, f"not {block.language}: {exc}") from exc
        case shown if shown in SHOWN:
            pass
        case other:
            what = f"`{other}` blocks are not run; use console, python, toml, json or text"
            raise DocsBlockFails(name, block.line, what)


def _run_python(name: str, block: Block, namespace: dict[str, Any]) -> None:
    if ">>> " in block.text:
        test = doctest.DocTestParser().get_doctest(block.text, namespace, name, name, block.line)
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(test, out=said.append, clear_globs=False)
        namespace.update(test.globs)
        if runner.failures:
            raise DocsBlockFails(name, block.line, "".join(said))
        return
    padded = "\n" * block.line + block.text  # so that a traceback names the line of the page
    exec(compile(padded, name, "exec"), namespace)  # noqa: S102 - running the page is the point


def _run_command(name: str, line: int, command: Command, folder: Path) -> None:
    program = shlex.split(command.line)[0]
    if program not in PROGRAMS:
        what = f"`{program}` is not run here; exempt the block with <!-- not run: reason -->"
        raise DocsBlockFails(name, line, what)
    done = reader.done(command.line, folder)
    if done.returncode != command.exit:
        what = f"`{command.line}` ends with {done.returncode}, not {command.exit}: {done.stderr}"
        raise DocsBlockFails(name, line, what)
    said = done.stdout if command.exit == 0 else done.stdout + done.stderr
    if command.shown.strip() and not shows(command.shown, said):
        what = f"`{command.line}` says\n{said}\nwhere the page shows\n{command.shown}"
        raise DocsBlockFails(name, line, what)


def shows(shown: str, said: str) -> bool:
    r"""Tell whether a page shows what a command says; `...` stands for anything.

    >>> shows("release 1\n...\n", "release 1\n2 sales\n3 people\n")
    True
    >>> shows("built in ... s", "built in 0.4 s\n")
    True
    >>> shows("release 1", "release 2")
    False
    """
    lines = "\n".join(line.rstrip() for line in shown.strip().splitlines())
    parts = [re.escape(part) for part in re.split(r"\.\.\.|…", lines)]
    trimmed = "\n".join(line.rstrip() for line in said.strip().splitlines())
    return re.fullmatch(".*?".join(parts), trimmed, re.DOTALL) is not None
