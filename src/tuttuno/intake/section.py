"""One section of `tuttuno.toml`, read key by key, so that every complaint names its key."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from tuttuno.errors import BadInput

Word = TypeVar("Word", bound=StrEnum)


class BadMapping(BadInput):
    """The declaration of a source cannot be understood."""

    def __init__(self, key: str, problem: str, *, hint: str = "") -> None:
        self.key = key
        self.problem = problem
        super().__init__(f"tuttuno.toml: `{key}` {problem}", hint=hint)


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the file with the path that leads to it.

    Attributes:
        path: As a reader of the file would write it, e.g. `sources.till.files[0]`.
        values: What stands there.
    """

    path: str
    values: Mapping[str, object]

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that mean nothing: a misspelt one would silently change nothing."""
        allowed = sorted(known)
        for key in self.values:
            if key not in allowed:
                close = get_close_matches(key, allowed, n=1)
                hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(allowed)}"
                raise BadMapping(self.at(key), "is not a setting", hint=hint)

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def text(self, key: str, default: str = "") -> str:
        """A text; `default` where the key is absent."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise BadMapping(self.at(key), f"must be a text, not {_kind(value)}")
        return value

    def sign(self, key: str, default: str) -> str:
        """A single sign, e.g. the delimiter; an empty text only where that is the default."""
        value = self.text(key, default)
        if value != default and len(value) != 1:
            raise BadMapping(self.at(key), f"must be one sign, not {value!r}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """`true` or `false`."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise BadMapping(self.at(key), f"must be true or false, not {_kind(value)}")
        return value

    def number(self, key: str) -> float | None:
        """A number; None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadMapping(self.at(key), f"must be a number, not {_kind(value)}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = self.values.get(key, ())
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise BadMapping(self.at(key), f"must be a text or a list of texts, not {_kind(value)}")

    def word(self, key: str, words: type[Word], default: Word) -> Word:
        """One word of a closed list."""
        value = self.text(key, default.value)
        if value not in [word.value for word in words]:
            known = ", ".join(word.value for word in words)
            raise BadMapping(self.at(key), f"cannot be {value!r}", hint=f"known: {known}")
        return words(value)

    def section(self, key: str) -> "Section":
        """A table below this one; empty where the key is absent."""
        return self._below(self.at(key), self.values.get(key, {}))

    def sections(self, key: str) -> "tuple[Section, ...]":
        """A list of tables below this one, in their order."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise BadMapping(self.at(key), f"must be a list of tables, not {_kind(value)}")
        return tuple(self._below(f"{self.at(key)}[{i}]", item) for i, item in enumerate(value))

    def words(self, key: str) -> dict[str, str]:
        """A table of text -> text."""
        below = self.section(key)
        return {name: below.text(name) for name in below.values}

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """A table of text -> list of texts."""
        below = self.section(key)
        return {name: below.texts(name) for name in below.values}

    def checked(self, key: str, value: str, good: Callable[[str], bool], what: str) -> str:
        """Pass a value on when it is good; `what` says what it must be."""
        if not good(value):
            raise BadMapping(self.at(key), f"must be {what}, not {value!r}")
        return value

    @staticmethod
    def _below(path: str, value: object) -> "Section":
        if not isinstance(value, Mapping):
            raise BadMapping(path, f"must be a table, not {_kind(value)}")
        return Section(path, value)


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(value)
