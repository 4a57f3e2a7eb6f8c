"""JSON as other systems send it, cut into documents one by one, whatever is wrong with some.

Three shapes are told apart by how the file begins: a document on each line, one list, or one
document; a list or document may stand in an envelope (`{"orders": [...]}`). Numbers stay the text
they are, so that an identifier beyond 2^53 loses no digit.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from tuttuno.errors import BadInput
from tuttuno.intake.arrived import Broken

#: Bytes of one document at most: the largest order of a wholesaler has a hundredth of it.
LONGEST = 8 * 2**20

#: Signs of a broken document that are kept.
KEPT = 4_000

_CHUNK = 2**20
_HEAD = 4_096
_LIST = re.compile(rb"^(?:\xef\xbb\xbf)?\s*\[")
_ENVELOPE = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"([A-Za-z_]{1,40})"\s*:\s*\[')
#: A string without its end comes as a lone quote; more has to be read then.
_INSIDE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_BETWEEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]|[^\s,"{}\[\]]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON object.

    Attributes:
        value: Its keys; numbers as text.
        number: Its place in the file, from 1; of JSONL, the line.
        kind: The envelope it stood in, e.g. `orders`; empty: none.
    """

    value: dict[str, Any]
    number: int
    kind: str = ""


class NotJson(ValueError):
    """A text is no JSON document that can be taken at its word."""


def documents(path: Path, *, envelopes: Collection[str] = ()) -> Iterator[Document | Broken]:
    """Read the documents of a file in their order, one at a time.

    Args:
        path: Plain UTF-8.
        envelopes: Keys under which a document or a list of them may stand.

    Raises:
        BadInput: The file is empty, or one document of it is longer than `LONGEST`.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0)
        if not head.strip():
            raise BadInput(f"{path} is empty", hint="is it the file that was meant?")
        opening, kind = _opening(head, envelopes)
        if opening:
            file.seek(opening)
            yield from _listed(file, path, kind)
        elif _is_whole(file, path):
            yield from _one(file.read(), envelopes)
        else:
            yield from _lines(file, path, envelopes)


def _opening(head: bytes, envelopes: Collection[str]) -> tuple[int, str]:
    """Where the elements of a list begin, and the envelope it is in; 0: the file is no list."""
    plain, enveloped = _LIST.match(head), _ENVELOPE.match(head)
    if plain:
        return plain.end(), ""
    key = enveloped[1].decode() if enveloped else ""
    return (enveloped.end(), key) if enveloped and key in envelopes else (0, "")


def decode(data: bytes) -> Any:
    """Read one JSON text; numbers stay text.

    Raises:
        NotJson: It is none, has a key twice, a number that is none, or signs that no text has.
    """
    try:
        text = data.decode()
        value = json.loads(
            text,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_unique,
        )
        if "\\u" in text:
            _check_signs(text, value)
    except UnicodeDecodeError as exc:
        raise NotJson("is not UTF-8") from exc
    except RecursionError as exc:
        raise NotJson("is nested too deeply") from exc
    except json.JSONDecodeError as exc:
        raise NotJson(f"is not JSON: {exc.msg}, sign {exc.pos + 1}") from exc
    return value


def _is_whole(file: BinaryIO, path: Path) -> bool:
    """True where the file is one document, written over several lines."""
    first = file.readline(LONGEST + 1)
    while first and not first.strip():
        first = file.readline(LONGEST + 1)
    rest = file.read(1)
    file.seek(0)
    if not rest or path.stat().st_size > LONGEST:
        return not rest and len(first) <= LONGEST
    try:
        decode(first.removeprefix(b"\xef\xbb\xbf"))
    except NotJson:
        return first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{") and _is_json(file)
    return False


def _is_json(file: BinaryIO) -> bool:
    try:
        decode(file.read().removeprefix(b"\xef\xbb\xbf"))
    except NotJson:
        return False
    finally:
        file.seek(0)
    return True


def _one(data: bytes, envelopes: Collection[str]) -> Iterator[Document | Broken]:
    numbered = enumerate(_unwrapped(data.removeprefix(b"\xef\xbb\xbf"), 1, envelopes), 1)
    for number, found in numbered:
        if isinstance(found, Broken):
            yield found
        else:
            yield Document(found.value, number, found.kind)


def _lines(file: BinaryIO, path: Path, envelopes: Collection[str]) -> Iterator[Document | Broken]:
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            _too_long(path, number)
        bare = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if bare:
            yield from _unwrapped(bare, number, envelopes)


def _unwrapped(data: bytes, number: int, envelopes: Collection[str]) -> Iterator[Document | Broken]:
    """A document, or those in its envelope. What has an `id` of its own is no envelope."""
    try:
        value = decode(data)
    except NotJson as exc:
        yield _broken(str(exc), data, number)
        return
    key = "" if not isinstance(value, dict) or "id" in value else _envelope(value, envelopes)
    inner = value[key] if key else value
    for each in inner if isinstance(inner, list) else [inner]:
        if isinstance(each, dict):
            yield Document(each, number, key)
        else:
            yield _broken("is no JSON object", data, number)


def _envelope(value: dict[str, Any], envelopes: Collection[str]) -> str:
    return next((name for name in value if name in envelopes), "")


def _listed(file: BinaryIO, path: Path, kind: str) -> Iterator[Document | Broken]:
    """The elements of a list, without ever holding more than one of them and a chunk."""
    number = 0
    for data in _elements(file, path):
        number += 1
        if data is None:
            yield Broken("the file breaks off before its list ends", "", number)
            return
        try:
            value = decode(data)
        except NotJson as exc:
            yield _broken(str(exc), data, number)
            continue
        if isinstance(value, dict):
            yield Document(value, number, kind)
        else:
            yield _broken("is no JSON object", data, number)


def _elements(file: BinaryIO, path: Path) -> Iterator[bytes | None]:
    """Cut the elements out of a list whose opening was read; None: it has no end."""
    held, at, start, depth = b"", 0, 0, 0
    while chunk := file.read(_CHUNK):
        held, at, start = held[start:] + chunk, at - start, 0
        while found := (_INSIDE if depth else _BETWEEN).search(held, at):
            sign = found[0]
            if sign == b'"':
                break
            if not depth and sign == b"]":
                return
            if not depth:
                start = found.start()
            at = found.end()
            depth += (sign in b"{[") - (sign in b"}]") if len(sign) == 1 else 0
            if depth <= 0:
                depth = 0
                yield held[start:at]
                start = at
        at = found.start() if found else len(held)
        start = start if depth else at
        if len(held) - start > LONGEST:
            _too_long(path, None)
    yield None


def _too_long(path: Path, number: int | None) -> NoReturn:
    where = f"line {number} of {path}" if number else f"a document of {path}"
    raise BadInput(
        f"{where} is longer than {LONGEST} bytes", hint="is it the format that was said?"
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: which of the two is meant must not be guessed."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("has a key twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise NotJson(f"has {word} for a number")


def _check_signs(text: str, value: object) -> None:
    """Refuse halves of signs and NUL, which pass JSON and break whatever keeps them."""
    if "\\u0000" in text:
        raise NotJson("has the sign NUL")
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as exc:
            raise NotJson("has half of a sign") from exc


def _broken(reason: str, data: bytes, number: int) -> Broken:
    return Broken(reason, data[:KEPT].decode(errors="replace").replace("\0", "\ufffd"), number)
