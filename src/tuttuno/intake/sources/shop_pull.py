"""Pulling from shops: their own lists of what changed since the last time, page by page, as files.

How far a pull has come stands in the name of the file that brought its documents, as with Tryton.
Where a list is cut into pages by numbers, each page after the first begins at the last change
seen, not at a number: an order that changes meanwhile moves to the end, and pushes none out of
sight.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

import msgspec

from tuttuno.intake.documents import NotJson, decode
from tuttuno.intake.nested import at, text
from tuttuno.intake.sources.segment_event import moment_of
from tuttuno.intake.sources.shop_server import NoAnswer, ShopServer, items_of
from tuttuno.progress import Progress

_STAMP = "%Y%m%dT%H%M%S%f"
_NAME = re.compile(r"([a-z][a-z0-9_]*)-([0-9]{8}T[0-9]{12})\.jsonl")
_SECOND = timedelta(seconds=1)

#: Times that a list is read from its beginning.
_TRIES = 4


class Paging(StrEnum):
    """How a list goes on."""

    LINK = "link"
    PAGE = "page"
    OFFSET = "offset"


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of a shop.

    Attributes:
        name: Of it, and of its files: `orders`.
        path: Below the shop's address.
        since: The parameter that asks for what changed since a moment; empty: all is read.
        changed: Where a document tells its last change.
        id: Where it tells its key, as its rows have it.
        table: The exchange table whose key that is.
        query: Further parameters; a list that is paged by numbers is sorted by change with them.
        envelope: Key under which the list stands.
        paging: How it goes on.
        size: Documents of one page; one with fewer is the last.
        wrap: Envelope that each document is written in.
        more: Path -> key: what a document is followed by where that key holds something.
        zone: Written behind moments that are asked for.
    """

    name: str
    path: str
    since: str
    changed: str
    id: str = "id"
    table: str = "sales"
    query: Mapping[str, str] = field(default_factory=dict)
    envelope: str = ""
    paging: Paging = Paging.LINK
    size: int = 100
    wrap: str = ""
    more: tuple[str, str] = ("", "")
    zone: str = "Z"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a list has brought; `path` is its file."""

    listing: Listing
    path: Path


@dataclass(frozen=True, slots=True)
class Pulled:
    """One document of a file: its key, and its last change where it tells one."""

    key: str
    changed: datetime | None


def watermark_of(files: Iterable[str], name: str) -> datetime | None:
    """Return up to when a list was pulled, by the names of the files that brought it.

    >>> watermark_of(["pull/orders-20260302T101229000000.jsonl", "other.csv"], "orders")
    datetime.datetime(2026, 3, 2, 10, 12, 29, tzinfo=datetime.timezone.utc)
    """
    found = (_NAME.fullmatch(Path(file).name) for file in files)
    stamps = [match[2] for match in found if match and match[1] == name]
    return datetime.strptime(max(stamps), _STAMP).replace(tzinfo=UTC) if stamps else None


def fetch(
    listing: Listing,
    server: ShopServer,
    since: datetime | None,
    folder: Path,
    progress: Progress,
) -> Fetched | None:
    """Write what changed into a file; None where nothing has.

    Args:
        listing: Of the shop.
        server: The shop.
        since: What changed before is left out; None: everything.
        folder: Of this pull alone.
        progress: Told of every page.

    Raises:
        NoAnswer: The shop cannot be reached, or goes round in a circle.
        TurnedAway: It does not let us see this.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part, newest, count = folder / f"{listing.name}.part", since, 0
    began = server.clock()
    with part.open("wb") as file:
        for page in _pages(listing, server, since):
            for raw, value in page:
                changed = moment_of(text(value, *listing.changed.split(".")))
                if since is not None and changed is not None and changed < since:
                    continue
                _write(file, raw, listing)
                _write_more(file, value, listing, server)
                count += 1
                newest = max((one for one in (newest, changed) if one is not None), default=None)
            progress(f"pulling {listing.name}", count, None)
    if not count:
        part.unlink()
        return None
    # What changed behind us while we read comes with the next pull.
    stamp = min(newest or began, began).strftime(_STAMP)
    return Fetched(listing, part.rename(folder / f"{listing.name}-{stamp}.jsonl"))


def documents_of(fetched: Fetched) -> Iterator[Pulled]:
    """Yield the documents of a file; what follows them is none of them."""
    listing = fetched.listing
    with fetched.path.open("rb") as file:
        for line in file:
            value = decode(line)
            own = value.get(listing.wrap) if listing.wrap else value
            key = text(own, *listing.id.split("."))
            if key is not None and not _follows(value, listing):
                yield Pulled(key, moment_of(text(own, *listing.changed.split("."))))


def _follows(value: Mapping[str, Any], listing: Listing) -> bool:
    return bool(listing.more[0]) and at(value, *listing.changed.split(".")) is None


_Page = list[tuple[msgspec.Raw, Any]]


def _pages(listing: Listing, server: ShopServer, since: datetime | None) -> Iterator[_Page]:
    if listing.paging is Paging.LINK:
        yield from _linked(listing, server, since)
    elif listing.since:
        yield from _by_change(listing, server, since)
    else:
        yield from _numbered(listing, server)


def _linked(listing: Listing, server: ShopServer, since: datetime | None) -> Iterator[_Page]:
    address, seen = _address(listing, since), set[str]()
    while address:
        if address in seen:
            raise NoAnswer(server.url, f"leads from page to page of {listing.name} in a circle")
        seen.add(address)
        answer = server.get(address)
        yield _read(items_of(answer, listing.envelope, server.url), server)
        address = answer.next


def _by_change(listing: Listing, server: ShopServer, since: datetime | None) -> Iterator[_Page]:
    place, before = 0, set[tuple[str | None, datetime | None]]()
    while True:
        number = place + 1 if listing.paging is Paging.PAGE else place * listing.size
        page = _asked(listing, server, since, number)
        marks = [_mark(listing, value) for _, value in page]
        yield [one for one, mark in zip(page, marks, strict=True) if mark not in before]
        if len(page) < listing.size:
            return
        moments = [changed for _, changed in marks if changed is not None]
        if len(moments) < len(marks) or moments != sorted(moments):
            said = f"does not give {listing.name} in the order in which they changed"
            raise NoAnswer(server.url, said)
        before, further = set(marks), moments[-1] - _SECOND
        if since is None or further > since:
            since, place = further, 0
        else:
            place += 1


def _numbered(listing: Listing, server: ShopServer) -> Iterator[_Page]:
    """All pages of a list that cannot be asked for changes.

    By offsets, each page begins with the end of the one before: where it does not, something
    before it has gone, and what moved into its place would be lost. All is read again then.
    """
    offsets = listing.paging is Paging.OFFSET
    for _ in range(_TRIES):
        place, last = 0, None
        while True:
            number = max(place - 1, 0) if offsets else place // listing.size + 1
            page = _asked(listing, server, None, number)
            marks = [_mark(listing, value)[0] for _, value in page]
            if offsets and place and marks[:1] != [last]:
                break
            fresh = page[1:] if offsets and place else page
            yield fresh
            if len(page) < listing.size:
                return
            place, last = place + len(fresh), marks[-1]
    raise NoAnswer(server.url, f"changes {listing.name} faster than they can be read")


def _asked(listing: Listing, server: ShopServer, since: datetime | None, number: int) -> _Page:
    address = _address(listing, since, **{listing.paging.value: str(number)})
    return _read(items_of(server.get(address), listing.envelope, server.url), server)


def _address(listing: Listing, since: datetime | None, **more: str) -> str:
    query = {**listing.query, **more}
    if since is not None and listing.since:
        query[listing.since] = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{listing.zone}"
    return f"{listing.path}?{urlencode(query)}" if query else listing.path


def _read(items: Iterable[msgspec.Raw], server: ShopServer) -> _Page:
    try:
        return [(raw, decode(bytes(raw))) for raw in items]
    except NotJson as error:
        raise NoAnswer(server.url, f"answers a document that {error}") from error


def _mark(listing: Listing, value: Any) -> tuple[str | None, datetime | None]:
    changed = moment_of(text(value, *listing.changed.split(".")))
    return text(value, *listing.id.split(".")), changed


def _write(file: IO[bytes], raw: msgspec.Raw, listing: Listing) -> None:
    body = bytes(raw).replace(b"\n", b" ").replace(b"\r", b" ")
    file.write(b'{"%s": %s}\n' % (listing.wrap.encode(), body) if listing.wrap else body + b"\n")


def _write_more(file: IO[bytes], value: Any, listing: Listing, server: ShopServer) -> None:
    path, key = listing.more
    if path and at(value, key):
        found = server.get(path.format(id=text(value, *listing.id.split("."))))
        for raw in items_of(found, "", server.url):
            _write(file, raw, listing)
