"""A vault to try identity on: records are written as a table, persons read back as groups.

A row is `name | given family | birth | identifiers`, where identifiers are words such as
`email:a@x.it`, `phone:3401000001`, `card:12`, `tax:...`, `device:d1`, `token:t1`, `social:x:y`
and, at the end, `at:Via Roma 1, 50121`. `-` stands for nothing.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

import pyarrow as pa

from tuttuno.identity import steward
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.resolve import resolve
from tuttuno.identity.settle import arrive, settle
from tuttuno.identity.steward import Word
from tuttuno.schema.keyed import record_key, value_key
from tuttuno.schema.normal import normalise
from tuttuno.vault.arriving import Arrival, Said
from tuttuno.vault.consents import record_consents
from tuttuno.vault.forget import forget_records
from tuttuno.vault.identifiers import add_identifiers, set_identifiers
from tuttuno.vault.migration import migrate
from tuttuno.vault.persons import current_membership
from tuttuno.vault.records import insert_records, record_states, replace_records
from tuttuno.vault.vault import open_vault
from tuttuno.vocab import IdentifierType

KEY = b"shop"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KINDS = {
    "email": IdentifierType.EMAIL,
    "phone": IdentifierType.PHONE,
    "card": IdentifierType.LOYALTY_CARD,
    "tax": IdentifierType.TAX_CODE,
    "device": IdentifierType.DEVICE,
    "token": IdentifierType.PAYMENT_TOKEN,
    "social": IdentifierType.SOCIAL_HANDLE,
    "account": IdentifierType.ACCOUNT,
}
_RECORD = {"record_key": pa.string(), "source": pa.string(), "record_id": pa.string()}
_TRAITS = {
    "given_name": pa.string(),
    "family_name": pa.string(),
    "birth_date": pa.date32(),
    "address": pa.string(),
    "postal_code": pa.string(),
    **dict.fromkeys(("gender", "email", "phone", "tax_code", "city"), pa.string()),
}
_RECORDS = pa.schema([*_RECORD.items(), ("content", pa.string()), ("batch", pa.int64())])
_RECORDS = pa.schema([*_RECORDS, *pa.schema(list(_TRAITS.items()))])
_VALUES = pa.schema(
    [
        ("record_key", pa.string()),
        ("type", pa.string()),
        ("value", pa.string()),
        ("value_key", pa.string()),
        ("batch", pa.int64()),
    ]
)


def rows_of(table):
    """Read a table of records as dictionaries."""
    rows = []
    for line in filter(str.strip, table.strip().splitlines()):
        name, who, born, said = (part.strip() for part in line.split("|"))
        words, at = said, ""
        if "at:" in said:
            words, _, at = said.partition("at:")
        given, _, family = ("" if who == "-" else who).partition(" ")
        street, _, postal = at.rpartition(",")
        rows.append(
            {
                "name": name,
                "given_name": given.replace("_", " ") or None,
                "family_name": family or None,
                "birth_date": None if born == "-" else date.fromisoformat(born),
                "address": street.strip() or None,
                "postal_code": postal.strip() or None,
                "values": [word.split(":", 1) for word in words.split() if word != "-"],
            }
        )
    return rows


class Shop:
    """A vault with a few words of its own."""

    def __init__(self, path):
        """Open a vault in a file, or one in a server, which has an address."""
        address = str(path)
        self.vault = open_vault(address if "://" in address else f"sqlite:///{address}")
        migrate(self.vault)
        self.settings = IdentitySettings()
        self.moments = count()  # no two acts at once

    def keep(self, table):
        """Add records, or replace them."""
        self.keep_rows(rows_of(table) if isinstance(table, str) else table)

    def keep_rows(self, rows):
        with self.vault.begin() as con:
            self.put(con, rows)

    def settle_rows(self, rows):
        """Add records, or replace them, and settle them in the same transaction."""
        with self.vault.begin() as con:
            self.put(con, rows)
            return settle(con, settings=self.settings, at=NOW)

    def arrive(self, rows):
        """Add records, or replace them, each as it arrives."""
        with self.vault.begin() as con:
            return arrive(con, map(arrival, rows), settings=self.settings, at=NOW)

    def put(self, con, rows):
        records = pa.Table.from_pylist([_record(row) for row in rows], schema=_RECORDS)
        values = pa.Table.from_pylist([v for row in rows for v in _values(row)], schema=_VALUES)
        known = record_states(con, records["record_key"].combine_chunks())["record_key"]
        old = pa.compute.is_in(records["record_key"], known.combine_chunks())
        insert_records(con, records.filter(pa.compute.invert(old)))
        replace_records(con, records.filter(old))
        replaced = records.filter(old)["record_key"].combine_chunks()
        mine = pa.compute.is_in(values["record_key"], replaced)
        add_identifiers(con, values.filter(pa.compute.invert(mine)))
        if len(replaced):
            set_identifiers(con, replaced, values.filter(mine))

    def resolve(self, **options):
        return resolve(self.vault, settings=self.settings, clock=lambda: NOW, **options)

    def forget(self, *names):
        with self.vault.begin() as con:
            keys = [record_key(KEY, "shop", name) for name in names]
            forget_records(con, pa.array(keys, pa.string()))

    def forget_now(self, *names):
        """Forget records and settle in the same transaction."""
        with self.vault.begin() as con:
            forget_records(con, pa.array([key(name) for name in names], pa.string()))
            return settle(con, settings=self.settings, at=NOW)

    def profiling(self, name, *, granted, day):
        """Keep what a person said to being profiled, and settle in the same transaction."""
        said = {
            "record_key": key(name), "purpose": "profiling", "channel": "any",
            "at": NOW + timedelta(days=day), "granted": granted, "content": "0" * 64, "batch": 1,
        }  # fmt: skip
        with self.vault.begin() as con:
            record_consents(con, pa.Table.from_pylist([said]))
            return settle(con, settings=self.settings, at=NOW)

    def merge(self, one, other, reason="she called"):
        return self._act(steward.merge, key(one), key(other), reason=reason)

    def never(self, one, other, reason="he called"):
        return self._act(steward.never, key(one), key(other), reason=reason)

    def split(self, *names, reason="they called"):
        person = self.ids()[names[0]]
        return self._act(steward.split, person, [key(name) for name in names], reason=reason)

    def undo(self, decision):
        return self._act(steward.undo, decision, reason="a mistake")

    def _act(self, verb, *what, reason):
        word = Word("anna", reason, NOW + timedelta(microseconds=next(self.moments)))
        with self.vault.begin() as con:
            return verb(con, *what, word=word, settings=self.settings)

    def ids(self):
        """Person id by name of record."""
        with self.vault.read() as con:
            held = current_membership(con)
        named = dict(
            zip(held["record_key"].to_pylist(), held["person_id"].to_pylist(), strict=True)
        )
        return {name: named[key] for key, name in self._names().items() if key in named}

    def persons(self):
        """Groups of names of records that are one person."""
        ids = self.ids()
        return {frozenset(n for n in ids if ids[n] == person) for person in ids.values()}

    def _names(self):
        with self.vault.read() as con:
            keys = record_states(con, None)["record_key"].to_pylist()
        return {key: NAMES[key] for key in keys}


#: Surrogate -> the name it was made of; surrogates cannot be read back.
NAMES = {}


def dice(seed):
    """Chance that is the same in every run."""
    return Random(seed)  # noqa: S311 - nothing secret is drawn


def key(name):
    """The surrogate of a record."""
    return record_key(KEY, "shop", name)


def arrival(row):
    """A row as a record that arrives alone."""
    told = _record(row)
    own = {name: told.pop(name) for name in ("record_key", "source", "record_id", "content")}
    said = [
        Said(IdentifierType(value["type"]), value["value"], value["value_key"])
        for value in _values(row)
    ]
    return Arrival(**own, batch=told.pop("batch"), fields=told, said=tuple(said))


def groups(*names):
    """`groups("a b", "c")` is two persons."""
    return {frozenset(group.split()) for group in names}


def _record(row):
    key = record_key(KEY, "shop", row["name"])
    NAMES[key] = row["name"]
    content = hashlib.sha256(repr(sorted(map(repr, row.items()))).encode()).hexdigest()
    traits = {name: row.get(name) for name in _TRAITS}
    return {
        "record_key": key, "source": "shop", "record_id": row["name"],
        "content": content, "batch": 1, **traits,
    }  # fmt: skip


def _values(row):
    for word, raw in row["values"]:
        kind = KINDS[word]
        value = normalise(kind, raw)
        if value is not None:
            yield {
                "record_key": record_key(KEY, "shop", row["name"]),
                "type": kind.value,
                "value": value,
                "value_key": value_key(KEY, kind.value, value),
                "batch": 1,
            }
