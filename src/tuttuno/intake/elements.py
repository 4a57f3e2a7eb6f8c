"""XML read as it flows: one element of a kind after the other, and never the whole tree.

No document type is accepted, and so no entity: what would unfold, or fetch another file, is
refused before it begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from tuttuno.errors import BadInput
from tuttuno.intake.arrived import Broken
from tuttuno.intake.documents import KEPT, LONGEST

#: How deep elements may stand in each other.
DEEPEST = 64

_CHUNK = 2**18

#: Signs of the longest name of an element that means something.
_NAME = 64


class Forbidden(BadInput):
    """A file that has what no file of data needs."""


@dataclass(slots=True)
class Element:
    """One element with all that is in it; names are without their prefixes.

    Attributes:
        name: Of the element.
        attributes: Of the element.
        children: In their order.
        value: The text in it.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    value: str = ""

    def all(self, *names: str) -> list["Element"]:
        """The children of some names, in their order."""
        return [child for child in self.children if child.name in names]

    def first(self, *path: str) -> "Element | None":
        """The first element at a path of names; None: there is none."""
        found = self
        for name in path:
            for child in found.children:
                if child.name == name:
                    found = child
                    break
            else:
                return None
        return found

    def text(self, *path: str) -> str | None:
        """The text of the first element at a path that has one; None: there is none."""
        found = self.first(*path)
        return (found.value.strip() or None) if found is not None else None

    def flag(self, *names: str) -> bool:
        """True where one of some attributes says so."""
        return any(self.attributes.get(name, "").strip().lower() in {"true", "1"} for name in names)

    def below(self, *names: str) -> Iterator["Element"]:
        """All elements of some names at any depth."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.below(*names)


@dataclass(frozen=True, slots=True)
class Found:
    """One element of the kind that was asked for.

    Attributes:
        element: It, and all that is in it.
        number: Its place in the file, from 1.
        header: Texts that stood beside its ancestors before it, by name.
    """

    element: Element
    number: int
    header: dict[str, str]


def elements(path: Path, name: str, *, encoding: str | None = None) -> Iterator[Found | Broken]:
    """Read every element of a name, in the order of the file.

    A file that is no XML from some place on ends with a `Broken` that says where.

    Args:
        path: The file.
        name: Of the elements, without a prefix; one inside another belongs to it.
        encoding: Of the file, whatever it says itself; None: it is asked.

    Raises:
        BadInput: The file declares a document type, or one element is too long or too deep.
    """
    reader = _Reader(path, name, encoding or _misnamed(path))
    with path.open("rb") as file:
        fed = 0
        while chunk := file.read(_CHUNK):
            fed += len(chunk)
            trouble = reader.feed(chunk, last=False)
            yield from reader.taken()
            if trouble:
                yield trouble
                return
            if fed - reader.position > LONGEST:
                _refuse(path, f"has more than {LONGEST} bytes without a tag")
    trouble = reader.feed(b"", last=True)
    yield from reader.taken()
    if trouble:
        yield trouble


def _misnamed(path: Path) -> str | None:
    """The encoding of a file that was made UTF-8 and still says that it is UTF-16."""
    with path.open("rb") as file:
        head = file.read(200).lower()
    return "utf-8" if b"utf-16" in head and b"\0" not in head else None


def _refuse(path: Path, what: str) -> NoReturn:
    raise Forbidden(f"{path} {what}", hint="is it the format that was said?")


class _Reader:
    """Keeps the element being read and its ancestors' names, and nothing else."""

    def __init__(self, path: Path, name: str, encoding: str | None) -> None:
        self._path = path
        self._name = name
        self._open: list[Element] = []
        self._depth = 0
        self._size = 0
        self._number = 0
        self._header: dict[str, str] = {}
        self._text = ""
        self._done: list[Found] = []
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    @property
    def position(self) -> int:
        """Bytes that are understood."""
        return self._parser.CurrentByteIndex

    def feed(self, data: bytes, *, last: bool) -> Broken | None:
        """Read on; return what is wrong where the file is no XML any more."""
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as exc:
            reason = f"is no XML from here on: {exc}"
        except (ValueError, LookupError) as exc:
            reason = f"cannot be read: {exc}"
        else:
            return None
        return Broken(reason, self._shown(), self._number + 1)

    def taken(self) -> list[Found]:
        """Hand out what was completed since the last time."""
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            _refuse(self._path, f"has elements {self._depth} deep")
        local = _local(name) if len(name) <= _NAME else name
        self._text = ""
        if not self._open and local != self._name:
            return
        element = Element(local)
        if attributes:
            element.attributes = {_bare(key): value for key, value in attributes.items()}
        self._grow(sum(map(len, attributes.values())) + 64)
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if not self._open:
            if self._text.strip() and len(self._header) < 64:
                self._header[_bare(name)] = self._text.strip()
            self._text = ""
            return
        element = self._open.pop()
        if not self._open:
            self._number += 1
            self._size = 0
            self._done.append(Found(element, self._number, dict(self._header)))

    def _data(self, text: str) -> None:
        if self._open:
            self._grow(len(text))
            self._open[-1].value += text
        elif len(self._text) < KEPT:
            self._text += text

    def _grow(self, by: int) -> None:
        self._size += by
        if self._size > LONGEST:
            _refuse(self._path, f"has an element longer than {LONGEST} bytes")

    def _doctype(self, *_: object) -> None:
        _refuse(self._path, "declares a document type, which may hide anything")

    def _shown(self) -> str:
        if not self._open:
            return ""
        return " ".join(f"<{each.name}>" for each in self._open)[:KEPT]


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


@lru_cache(maxsize=1_024)
def _local(name: str) -> str:
    return _bare(name)
