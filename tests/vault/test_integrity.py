"""Integrity: what changed without us is found, down to a single bit of the file."""

import sqlite3
from contextlib import closing

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from tests.vault.full import fill_all
from tuttuno.errors import Unavailable
from tuttuno.vault import audit
from tuttuno.vault.arrow import arrow_type
from tuttuno.vault.checks import check_of
from tuttuno.vault.integrity import BrokenRow, broken_rows, count_rows
from tuttuno.vault.tables import METADATA
from tuttuno.vault.vault import BadInput, open_vault

#: Flips tried at random places; a longer run of the same test is a matter of this number.
FLIPS = 150

#: Sessions and wrong tries end by themselves; block keys are made anew by any identity run.
UNGUARDED = {"session", "login_failure", "block_key", "inbox_who"}


@pytest.fixture
def full(vault):
    """A vault with rows in every table."""
    with vault.begin() as con:
        fill_all(con, "canary")
    return vault


def broken(vault):
    with vault.read() as con:
        return list(broken_rows(con))


def test_an_untouched_vault_is_whole(full):
    assert broken(full) == []
    with full.read() as con:
        assert count_rows(con) == sum(
            con.scalar(sa.select(sa.func.count()).select_from(table))
            for table in METADATA.sorted_tables
            if table.name not in UNGUARDED
        )


def test_every_table_but_those_that_pass_is_guarded():
    guarded = {t.name for t in METADATA.sorted_tables if {"check", "hash"} & set(t.columns.keys())}
    assert set(METADATA.tables) - guarded == UNGUARDED


@pytest.mark.parametrize("name", sorted(set(METADATA.tables) - UNGUARDED))
def test_a_changed_value_is_found_in_every_column_of(full, name):
    table = METADATA.tables[name]
    keyed = {column.name for column in table.primary_key.columns} | {"check"}
    for column in table.columns:
        if column.name in keyed or column.foreign_keys:
            continue
        with full.begin() as con:
            quoted = con.dialect.identifier_preparer.quote(column.name)
            text = arrow_type(plain(column)) == pa.string()
            value = "'x'" if text else f"coalesce({quoted}, 0) + 1"
            first = next(iter(table.primary_key))
            here = first == sa.select(sa.func.max(plain(first))).scalar_subquery()
            change = {column.name: sa.literal_column(value)}
            con.execute(sa.update(table).where(here).values(change))
            tables = {row.table for row in broken_rows(con)}
            con.rollback()
        assert name in tables, column.name


def plain(column):
    """The column as it is stored."""
    kind = column.type
    return sa.type_coerce(column, kind.impl) if isinstance(kind, TypeDecorator) else column


def test_a_broken_row_says_where_it_is(full):
    with full.begin() as con:
        con.execute(sa.text("update batch set accepted = 3 where batch_no = 1"))
    (found,) = broken(full)
    assert found == BrokenRow("batch", {"batch_no": 1}, "the row does not match its checksum")
    assert str(found) == "batch batch_no 1: the row does not match its checksum"


@pytest.mark.parametrize(
    ("table", "number", "orphan"),
    [
        ("record", "record_no", "record_identifier record_no 2"),
        ("identifier_value", "value_no", "record_identifier value_no 2"),
        ("person", "person_id", "membership person_id 2"),
    ],
)
def test_a_row_that_leads_nowhere_is_found(full, table, number, orphan):
    with full.begin() as con:
        con.exec_driver_sql(f"delete from {table} where {number} = 2")  # noqa: S608 - ours
    assert [str(row).split(":")[0] for row in broken(full)] == [orphan]


def test_a_log_that_was_cut_is_found_with_a_seal_kept_elsewhere(full):
    with full.read() as con:
        seals = {"audit": audit.seal(con)}
    with full.begin() as con:
        con.exec_driver_sql("delete from audit")
    with full.read() as con:
        assert [str(row) for row in broken_rows(con, seals=seals)] == [
            "audit seq 1: the chain of hashes is broken here"
        ]


@pytest.fixture
def image(file_vault):
    """The bytes of a full vault, and the path to put a damaged copy at."""
    with file_vault.begin() as con:
        fill_all(con, "canary", others=40)
    file_vault.scrub()
    file_vault.close()
    return file_vault.path.read_bytes(), file_vault.path.with_name("copy.sqlite")


def content(path):
    """Everything a reader could be told, by table."""
    with closing(sqlite3.connect(path)) as con:
        return {
            name: sorted(con.execute(f"select * from {name}").fetchall(), key=str)  # noqa: S608 - ours
            for name in METADATA.tables
        }


def noticed(data, bit, path):
    """Whether a vault with one bit turned over is refused or complained about."""
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    path.write_bytes(damaged)
    vault = open_vault(f"sqlite:///{path}")
    try:
        with vault.read() as con:
            return any(broken_rows(con))
    except (Unavailable, BadInput, sa.exc.DBAPIError, sqlite3.DatabaseError):
        return True
    finally:
        vault.close()


def shuffled(bits, seed):
    """Some of the bits, the same ones each time."""
    return np.random.default_rng(seed).choice(bits, FLIPS, replace=False).tolist()


def bits_of(data, *texts):
    """The place of every bit of every copy of some texts."""
    for text in texts:
        at = data.find(text.encode())
        while at >= 0:
            yield from range(at * 8, (at + len(text)) * 8)
            at = data.find(text.encode(), at + 1)


def test_every_bit_of_a_value_is_guarded(image):
    data, path = image
    bits = list(bits_of(data, "canary street", "street 39", "$argon2id$", "people"))
    assert len(bits) > 8 * 40
    missed = [bit for bit in shuffled(bits, 3) if not noticed(data, bit, path)]
    assert missed == []


@pytest.mark.slow
def test_a_flip_anywhere_is_found_or_changes_nothing_that_is_read(image):
    data, path = image
    path.write_bytes(data)
    before = content(path)
    for bit in shuffled(range(len(data) * 8), 4):
        if not noticed(data, bit, path):
            now = content(path)
            assert {n: now[n] for n in now.keys() - UNGUARDED} == {
                n: before[n] for n in before.keys() - UNGUARDED
            }, bit


def test_a_checksum_tells_what_it_covers():
    assert check_of((1, "a", None, 2.5)) != check_of((1, "a", 2.5))
    assert check_of((1, "a")) == check_of((1, "a", None, None))
    assert check_of(("1",)) != check_of((1,))
