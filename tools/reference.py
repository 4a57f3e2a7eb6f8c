"""Writes the reference pages that the source already knows: words, tables, measures, commands.

`python tools/reference.py` writes them; a test compares the committed pages with what would be
written, so a page cannot fall behind. A new page is a function here and a row in `PAGES`.
"""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[1] / "docs" / "reference"

NOTICE = "<!-- Written by `make docs` from {source}; change it there. -->"


class Page(NamedTuple):
    """A generated page, and the module without which there is nothing to write."""

    file: str
    module: str
    write: Callable[[], Iterator[str]]

    def text(self) -> str:
        """The whole page."""
        notice = NOTICE.format(source=f"`{self.module}`")
        return "\n\n".join([notice, *self.write()]) + "\n"


def vocabulary() -> Iterator[str]:
    """Closed lists of words and what they mean."""
    vocab = import_module("tuttuno.vocab")
    remarks = _remarks(inspect.getsource(vocab))
    yield "# Vocabulary"
    yield (
        "The closed lists that files, tables, measures and the API share. "
        "A value is stored and exchanged exactly as it is written here."
    )
    for name, words in vars(vocab).items():
        if inspect.isclass(words) and issubclass(words, StrEnum) and words is not StrEnum:
            yield f"## `{name}`"
            yield inspect.getdoc(words) or ""
            rows = [(f"`{word.value}`", remarks.get((name, word.name), "")) for word in words]
            remarked = any(remark for _, remark in rows)
            yield _table(("value", "remark"), rows) if remarked else _bullets(v for v, _ in rows)


def tables() -> Iterator[str]:
    """Every table, column by column."""
    yield "# Tables"
    yield (
        "A type that starts with `!` is never null. *Personal* says how near a column is to a "
        "person: `direct` values live only in the vault, a `trait` stands under a surrogate key."
    )
    for title, module, attribute in (
        ("Files of the exchange format", "tuttuno.schema.exchange", "EXCHANGE"),
        ("The lake: what came in", "tuttuno.schema.lake", "LAKE"),
        ("The lake: what a project supplies", "tuttuno.schema.lake", "SUPPLIED"),
        ("The mart: what was computed", "tuttuno.schema.mart", "MART"),
    ):
        yield f"## {title}"
        for table in getattr(import_module(module), attribute):
            yield f"### `{table.name}`"
            yield table.doc
            if table.grain:
                yield f"One row per {', '.join(f'`{name}`' for name in table.grain)}."
            yield _table(
                ("column", "type", "unit", "personal", "meaning"),
                [
                    (f"`{name}`", f"`{it.spelling}`", it.unit, str(it.personal), it.doc)
                    for name, it in table.columns.items()
                ],
            )


def measures() -> Iterator[str]:
    """Every measure: what it is, in which unit, and where the definition comes from."""
    catalog: Mapping[str, Any] = import_module("tuttuno.measures.catalog").MEASURES
    yield "# Measures"
    yield "Each is a word of the command line, an address of the API and a page of the web app."
    for name, measure in catalog.items():
        yield f"## `{name}`"
        yield f"**{measure.label}.** {measure.definition}"
        yield _bullets(_facts(measure))
        yield _table(
            ("column", "unit", "meaning"),
            [(f"`{it.name}`", _unit(it.unit), it.label) for it in measure.columns],
        )


def _facts(measure: Any) -> Iterator[str]:
    yield f"Unit: {_unit(measure.unit) or 'several, see the columns'}."
    yield f"Denominator: {_sentence(measure.denominator)}"
    yield f"Source: {_sentence(measure.source)}"
    if measure.params:
        yield f"Depends on: {', '.join(f'`{name}`' for name in measure.params)}."
    if measure.without:
        yield f"Cannot be split by: {', '.join(f'`{name}`' for name in measure.without)}."
    for note in measure.notes:
        yield f"Note: {_sentence(note)}"


def _unit(unit: str) -> str:
    return {"1": "share of 1"}.get(unit, unit)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def commands() -> Iterator[str]:
    """Every verb of the command line and its options."""
    from typer.main import get_command  # noqa: PLC0415 - of the command line only

    root = get_command(import_module("tuttuno.cli.main").app)
    yield "# Commands"
    yield (
        "Results go to standard output, progress and errors to standard error. Exit codes: 0 done, "
        "2 wrong usage, 3 bad input, 4 not found, 5 unavailable."
    )
    yield from _command("tuttuno", root)


def _command(path: str, command: Any) -> Iterator[str]:
    yield f"## `{path}`"
    yield inspect.cleandoc(command.help or "").replace("\f", "")
    rows = [_parameter(parameter) for parameter in command.params if not _is_hidden(parameter)]
    if rows:
        yield _table(("argument or option", "meaning"), rows)
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        if not inner.hidden:
            yield from _command(f"{path} {name}", inner)


def _is_hidden(parameter: Any) -> bool:
    return getattr(parameter, "hidden", False) or "--help" in parameter.opts


def _parameter(parameter: Any) -> tuple[str, str]:
    if parameter.param_type_name == "argument":
        name = (parameter.metavar or parameter.name).strip("[].").upper()
        several = "..." if parameter.nargs != 1 else ""
        return f"`{name}{several}`", getattr(parameter, "help", None) or ""
    spelled = "`, `".join((*parameter.opts, *parameter.secondary_opts))
    return f"`{spelled}`", parameter.help or ""


def benchmarks() -> Iterator[str]:
    """What was measured, how fast and on what."""
    return iter(import_module("benchmarks.report").page())


def _remarks(source: str) -> dict[tuple[str, str], str]:
    """Read the comment behind each member: (class, member) -> what it says."""
    found: dict[tuple[str, str], str] = {}
    owner = ""
    for line in source.splitlines():
        if line.startswith("class "):
            owner = line.removeprefix("class ").partition("(")[0]
        member, equals, rest = line.strip().partition(" = ")
        remark = rest.partition("  # ")[2]
        if equals and remark and not remark.startswith("noqa"):
            found[owner, member] = remark
    return found


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in lines
    )


def _bullets(values: Iterable[str]) -> str:
    return "\n".join(f"- {value}" for value in values)


PAGES = (
    Page("vocabulary.md", "tuttuno.vocab", vocabulary),
    Page("tables.md", "tuttuno.schema", tables),
    Page("measures.md", "tuttuno.measures.catalog", measures),
    Page("commands.md", "tuttuno.cli.main", commands),
    Page("benchmarks.md", "benchmarks.report", benchmarks),
)


def available() -> tuple[Page, ...]:
    """Pages whose module is there."""
    return tuple(page for page in PAGES if _is_there(page.module))


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package that would hold it is missing
        return False


def main() -> None:
    """Write every page and name those that changed."""
    sys.path.insert(0, str(FOLDER.parents[1]))  # benchmarks/ is not installed
    FOLDER.mkdir(parents=True, exist_ok=True)
    for page in available():
        path = FOLDER / page.file
        text = page.text()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    main()
