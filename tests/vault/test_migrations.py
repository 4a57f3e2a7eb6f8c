"""Migrations: a new vault and an upgraded one are the same, on both databases."""

import ast
from importlib import resources

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.vault.rows import fill, ties_of
from tuttuno.vault.inbox_who import shelf_of
from tuttuno.vault.migration import migrate
from tuttuno.vault.tables import INBOX_WHO, METADATA
from tuttuno.vault.vault import HEAD, WrongVersion, open_vault, version

FOLDER = resources.files("tuttuno.vault") / "migrations"
STEPS = sorted(path.name for path in (FOLDER / "versions").iterdir() if path.suffix == ".py")


def shape(con):
    """Everything a database says of its tables, whatever the order in which they were made."""
    seen = sa.inspect(con)
    return {
        name: {
            "columns": sorted(str(sorted(column.items(), key=str)) for column in facts),
            "key": seen.get_pk_constraint(name),
            "foreign": sorted(map(str, seen.get_foreign_keys(name))),
            "indexes": sorted(map(str, seen.get_indexes(name))),
            "unique": sorted(map(str, seen.get_unique_constraints(name))),
        }
        for name in seen.get_table_names()
        if name != "alembic_version"
        for facts in [seen.get_columns(name)]
    }


def declared(con):
    """What SQLite keeps of the declarations, options such as WITHOUT ROWID included."""
    kept = sa.text("select name, sql from sqlite_schema where name not like '%alembic%'")
    return {name: sql and sorted(sql.replace(",", " ").split()) for name, sql in con.execute(kept)}


@pytest.fixture
def fresh(request):
    """A connection to a database made from the declarations alone."""

    def make(url):
        engine = sa.create_engine(url)
        request.addfinalizer(engine.dispose)
        METADATA.create_all(engine)
        connection = engine.connect()
        request.addfinalizer(connection.close)
        return connection

    return make


def test_migrations_lead_to_the_declared_tables_in_a_file(file_vault, fresh, tmp_path):
    con = fresh(f"sqlite:///{tmp_path}/fresh.sqlite")
    with file_vault.read() as upgraded:
        assert shape(upgraded) == shape(con)
        assert declared(upgraded) == declared(con)


@pytest.mark.postgres
def test_migrations_lead_to_the_declared_tables_in_a_server(new_postgres_url, fresh):
    con = fresh(new_postgres_url())
    vault = open_vault(new_postgres_url())
    migrate(vault)
    with vault.read() as upgraded:
        assert shape(upgraded) == shape(con)
    vault.close()


def test_migrating_twice_changes_nothing(vault):
    fill(vault, ("7", "email", "anna@example.it"))
    with vault.read() as con:
        before = shape(con)
    migrate(vault)
    with vault.read() as con:
        assert (version(con), shape(con)) == (HEAD, before)
    assert ties_of(vault) == {("7", "email", "anna@example.it")}


def test_what_waits_in_the_inbox_is_on_its_shelves_after_the_steps_to_them(tmp_path, monkeypatch):
    vault = open_vault(f"sqlite:///{tmp_path}/vault.sqlite")
    with monkeypatch.context() as patched:
        patched.setattr("tuttuno.vault.migration.HEAD", "0006")
        migrate(vault)
    with vault.engine.begin() as con:
        for position in (2_047, 2_048, 16_384):
            told = {"key": "a" * 32, "position": position}
            con.execute(sa.text("insert into inbox_who values (:key, :position)"), told)
    migrate(vault)
    with vault.read() as con:
        rows = con.execute(sa.select(INBOX_WHO)).all()
    vault.close()
    assert [(row[0], row[2]) for row in rows] == [(0, 2_047), (1, 2_048), (8, 16_384)]
    assert [shelf_of(row[2]) for row in rows] == [0, 1, 8]


def test_a_migration_that_fails_leaves_no_half_vault(tmp_path, monkeypatch):
    vault = open_vault(f"sqlite:///{tmp_path}/vault.sqlite")
    monkeypatch.setattr("tuttuno.vault.migration.HEAD", "0002")
    monkeypatch.setattr("alembic.op.create_index", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        migrate(vault)
    with vault.engine.connect() as con:
        assert sa.inspect(con).get_table_names() == []


def test_a_vault_of_a_newer_program_is_not_migrated(vault):
    with vault.begin() as con:
        con.execute(sa.text("update alembic_version set version_num = '9999'"))
    with pytest.raises(WrongVersion, match="newer than"):
        migrate(vault)


def test_the_program_knows_the_last_step():
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(settings).get_current_head() == HEAD


@pytest.mark.parametrize("name", STEPS)
def test_every_step_says_why_whether_it_is_safe_and_what_comes_later(name):
    head = ast.get_docstring(ast.parse((FOLDER / "versions" / name).read_text("utf-8")))
    said = [line.split(":")[0] for line in head.splitlines() if line[:1].islower() and ":" in line]
    assert said == ["why", "safe", "later"]
