"""Documents that come apart: parents and children of one file brought together again.

Children may stand anywhere behind their parent, so the file is dealt into heaps by the parent's
key, and heap after heap is put together. What is in memory at a time is one heap.
"""

import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec

#: Bytes of a file for each heap, and heaps at most.
HEAP = 8 * 2**20
_MOST_HEAPS = 256

#: A piece whose value is left as it is written.
_HEAD = msgspec.json.Decoder(tuple[int, str, str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of those that come apart.

    Attributes:
        number: Its place in the file.
        key: Its own key.
        parent: The key of its parent; empty: it is one itself.
        value: Its keys.
    """

    number: int
    key: str
    parent: str
    value: dict[str, Any]


@dataclass(slots=True)
class Family:
    """A parent and its children in the order of the file; `parent` None: it never came."""

    parent: Piece | None = None
    children: list[Piece] = field(default_factory=list)


class Heaps:
    """Pieces on their way to be families."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths
        self._open = ExitStack()
        self._files = [self._open.enter_context(path.open("wb")) for path in paths]

    @classmethod
    def of(cls, path: Path, folder: Path) -> "Heaps":
        """Make heaps in a folder, as many as a file of this size needs."""
        many = min(path.stat().st_size // HEAP + 1, _MOST_HEAPS)
        return cls([folder / f"heap-{n}" for n in range(many)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def deal(self, piece: Piece) -> None:
        """Lay a piece on the heap of its parent."""
        root = piece.parent or piece.key
        heap = self._files[zlib.crc32(root.encode()) % len(self._files)]
        heap.write(
            msgspec.json.encode((piece.number, piece.key, piece.parent, piece.value)) + b"\n"
        )

    def families(self) -> Iterator[Family]:
        """Put families together, heap by heap."""
        self._open.close()
        for path in self._paths:
            yield from _gathered(path)
            path.unlink()


def _gathered(path: Path) -> Iterator[Family]:
    """The families of one heap; pieces wait as they are written, a fifth of their size as values.

    The same parent twice in one file is two families: each is judged, as each of two rows would be.
    """
    found: dict[str, list[bytes]] = {}
    parents = set[str]()
    with path.open("rb") as lines:
        for line in lines:
            number, key, parent, _ = _HEAD.decode(line)
            again = not parent and key in parents
            if not parent:
                parents.add(key)
            found.setdefault(f"{key} {number}" if again else parent or key, []).append(line)
    yield from map(_family, found.values())


def _family(lines: list[bytes]) -> Family:
    family = Family()
    for line in lines:
        piece = Piece(*msgspec.json.decode(line))
        if piece.parent:
            family.children.append(piece)
        else:
            family.parent = piece
    return family
