"""What is pulled out of a Tryton, and since when: the exports that its reader knows, as files.

The watermark is the moment of the newest change there was when a pull began. It stands in the name
of the file that brought its rows, so the ledger remembers it, and a project that is restored from
a backup pulls what it has forgotten.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tuttuno.intake.pulling import EVERY
from tuttuno.intake.secret import secret_at
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.tryton_server import Domain, TrytonServer, Way, moment
from tuttuno.progress import Progress

_KEYS = ("url", "user", "password", "way", "exports", "overlap_minutes", EVERY)

#: Changes of transactions that were open when the last pull looked come with the next one.
_OVERLAP = 15

_STAMP = "%Y%m%dT%H%M%S%f"
_NAME = re.compile(r"([a-z]+)-([0-9]{8}T[0-9]{12})\.csv")


@dataclass(frozen=True, slots=True)
class Export:
    """One file of a pull.

    Attributes:
        name: Of the file.
        model: Of Tryton.
        columns: Header -> field.
        owner: The field that leads to what is dated; empty: itself.
        only: Further conditions.
    """

    name: str
    model: str
    columns: Mapping[str, str]
    owner: str = ""
    only: tuple[tuple[str, str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """Exports that complete each other.

    Attributes:
        exports: The one whose rows become ours first.
        changed: Where a change shows: fields of what is dated, empty for itself.
        dated: Models that tell the newest change.
    """

    exports: tuple[Export, ...]
    changed: tuple[str, ...]
    dated: tuple[str, ...]


_TICKETS = Kind(
    (
        Export(
            "tickets",
            "sale.point.sale.line",
            {
                "Sale/Number": "sale/number", "Sale/Date": "sale/date",
                "Sale/Point/Name": "sale/point/name", "Sale/State": "sale/state",
                "Product/Code": "product/code", "Quantity": "quantity", "Amount": "amount",
                "List Price": "unit_list_price", "Gross Price": "unit_gross_price",
                "Sale/Total": "sale/total", "Sale/Total Tax": "sale/total_tax",
                "Sale/Currency/Code": "sale/currency/code",
                "Sale/Edited at": "sale/write_date", "Sale/Created at": "sale/create_date",
            },
            owner="sale",
            only=(("sale.number", "!=", None),),
        ),
    ),
    changed=("",),
    dated=("sale.point.sale",),
)  # fmt: skip

_SALES = Kind(
    (
        Export(
            "lines",
            "sale.line",
            {
                "Sale/Number": "sale/number", "Product/Code": "product/code",
                "Quantity": "quantity", "Amount": "amount",
            },
            owner="sale",
            only=(("type", "=", "line"), ("sale.number", "!=", None)),
        ),
        Export(
            "heads",
            "sale.sale",
            {
                "Number": "number", "Sale Date": "sale_date", "State": "state",
                "Party/Code": "party/code", "Description": "description", "Total": "total_amount",
                "Tax": "tax_amount", "Currency/Code": "currency/code", "Edited at": "write_date",
                "Created at": "create_date",
            },
            only=(("number", "!=", None),),
        ),
    ),
    changed=("",),
    dated=("sale.sale",),
)  # fmt: skip

_PARTIES = Kind(
    (
        Export(
            "parties",
            "party.party",
            {"Code": "code", "Name": "name", "Active": "active", "Created at": "create_date",
             "Edited at": "write_date"},
        ),
        Export(
            "contacts",
            "party.contact_mechanism",
            {"Party/Code": "party/code", "Type": "type", "Value": "value",
             "Edited at": "write_date", "Created at": "create_date"},
            owner="party",
        ),
        Export(
            "addresses",
            "party.address",
            {"Party/Code": "party/code", "Street": "street", "Postal Code": "postal_code",
             "City": "city", "Country/Code": "country/code", "Edited at": "write_date",
             "Created at": "create_date"},
            owner="party",
        ),
        Export(
            "identifiers",
            "party.identifier",
            {"Party/Code": "party/code", "Type": "type", "Code": "code",
             "Edited at": "write_date", "Created at": "create_date"},
            owner="party",
        ),
    ),
    changed=("", "contact_mechanisms", "addresses", "identifiers"),
    dated=("party.party", "party.contact_mechanism", "party.address", "party.identifier"),
)  # fmt: skip

#: Parties first: sales name them.
KINDS: Mapping[str, Kind] = {"parties": _PARTIES, "sales": _SALES, "tickets": _TICKETS}


@dataclass(frozen=True, slots=True)
class Pull:
    """What a project says about pulling.

    Attributes:
        server: Where from.
        kinds: Names of `KINDS`, in that order.
        overlap: How far before the last watermark the next pull begins.
    """

    server: TrytonServer
    kinds: tuple[str, ...]
    overlap: timedelta


def pull_of(section: Section, *, root: Path, environ: Mapping[str, str]) -> Pull:
    """Read `pull` of a source.

    Raises:
        BadMapping: A setting cannot be understood, or its secret stands in it in clear.
        BadInput: The file of the secret cannot be read.
    """
    section.only(_KEYS)
    url = section.text("url")
    if not re.fullmatch(r"https?://[^/@\s]+/[^/?#@\s]+", url.rstrip("/")):
        raise BadMapping(section.at("url"), "must be like `https://host/database`")
    named = section.texts("exports") if "exports" in section.values else tuple(KINDS)
    for name in named:
        if name not in KINDS:
            hint = f"known: {', '.join(KINDS)}"
            raise BadMapping(section.at("exports"), f"cannot be {name!r}", hint=hint)
    minutes = section.values.get("overlap_minutes", _OVERLAP)
    if not isinstance(minutes, int) or not 0 <= minutes <= 10_000:
        raise BadMapping(section.at("overlap_minutes"), "must be a number of minutes")
    password = secret_at(section, "password", section.text("password"), root=root, environ=environ)
    way = section.word("way", Way, Way.JSON)
    server = TrytonServer(url.rstrip("/"), section.text("user"), password, way)
    return Pull(server, tuple(name for name in KINDS if name in named), timedelta(minutes=minutes))


def watermark_of(files: Iterable[str], kind: str) -> datetime | None:
    """Return up to when a kind was pulled, by the names of the files that brought it.

    >>> watermark_of(["pull/tickets-20260302T101229000000.csv", "other.csv"], "tickets")
    datetime.datetime(2026, 3, 2, 10, 12, 29, tzinfo=datetime.timezone.utc)
    """
    wanted = KINDS[kind].exports[0].name
    found = (_NAME.fullmatch(Path(file).name) for file in files)
    stamps = [match[2] for match in found if match and match[1] == wanted]
    return datetime.strptime(max(stamps), _STAMP).replace(tzinfo=UTC) if stamps else None


def fetch(
    kind: str, pull: Pull, since: datetime | None, folder: Path, progress: Progress
) -> Path | None:
    """Write the files of one kind into a folder; None where nothing has changed.

    Args:
        kind: One of `KINDS`.
        pull: Where from.
        since: The last watermark; None: everything.
        folder: Of this kind alone, for files beside each other complete each other.
        progress: Told of every page.

    Raises:
        NoAnswer: The server cannot be reached.
        TurnedAway: It does not let the user see this.
    """
    meant, server = KINDS[kind], pull.server
    newest = max(_newest(server, meant.dated), default=None)
    if newest is None or (since is not None and newest <= since):
        return None
    changed = [] if since is None else _changed(meant.changed, since - pull.overlap)
    folder.mkdir(parents=True, mode=0o700)
    for export in meant.exports:
        path = folder / f"{export.name}-{newest.strftime(_STAMP)}.csv"
        _write(path, export, server, _domain(export, changed), progress)
    return folder


def _newest(server: TrytonServer, models: Sequence[str]) -> Iterator[datetime]:
    for model in models:
        for column in ("write_date", "create_date"):
            order = [(column, "DESC")]
            for (text,) in server.first(model, [column], [[column, "!=", None]], order):
                yield datetime.fromisoformat(text).replace(tzinfo=UTC)


def _changed(places: Sequence[str], since: datetime) -> Domain:
    before = [f"{place}." if place else "" for place in places]
    dates = [f"{prefix}{name}" for prefix in before for name in ("write_date", "create_date")]
    return ["OR", *([name, ">=", moment(since)] for name in dates)]


def _domain(export: Export, changed: Domain) -> Domain:
    only: Domain = [list(each) for each in export.only]
    if changed:
        only.append([export.owner, "where", [changed]] if export.owner else changed)
    return only


def _write(
    path: Path, export: Export, server: TrytonServer, domain: Domain, progress: Progress
) -> None:
    # Lines of one sale follow each other.
    order = [(f"{export.owner}.id", "ASC"), ("id", "ASC")] if export.owner else [("id", "ASC")]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(export.columns)
        rows = server.rows(export.model, tuple(export.columns.values()), domain, order)
        count = 0
        for count, row in enumerate(rows, 1):
            writer.writerow(row)
            if count % 100 == 0:
                progress(f"pulling {export.name}", count, None)
        progress(f"pulling {export.name}", count, count)
