"""The private PostgreSQL: fresh databases, fast, and gone afterwards."""

import errno
import os
import pwd
import socket
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.services.postgres import free_port, postgres_bin, running_postgres

pytestmark = pytest.mark.postgres


def connect(url):
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def test_every_database_starts_empty(new_postgres_url):
    first, second = new_postgres_url(), new_postgres_url()
    with connect(first) as connection:
        connection.execute("create table sale (id int)")
    with connect(second) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'")
        assert tables.fetchall() == []


def test_the_server_is_supported_and_listens_here_only(postgres_url):
    with connect(postgres_url) as connection:
        assert connection.info.server_version >= 150000
        listens = connection.execute("show listen_addresses").fetchone()
    assert listens == ("127.0.0.1",)


def test_a_database_is_dropped_although_someone_is_still_connected(postgres_server):
    url = postgres_server.new_database()
    with connect(url) as lingering:
        postgres_server.drop_database(url)
        with pytest.raises(psycopg.Error):
            lingering.execute("select 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(url)


@pytest.mark.slow
def test_the_server_and_its_folder_are_gone_afterwards():
    with running_postgres() as server:
        port, folder = server.port, server._folder
        assert (folder / "data/PG_VERSION").is_file()
    assert not folder.exists()
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


@pytest.mark.privileged
def test_root_starts_it_as_somebody_else(postgres_server):
    process = psutil.Process(postgres_server._server.pid)
    assert process.uids().real != os.getuid()
    assert process.username() in {entry.pw_name for entry in pwd.getpwall()} - {"root"}


def test_the_programs_of_one_version_lie_together():
    programs = postgres_bin()
    assert {"initdb", "postgres"} <= {path.name for path in Path(programs).iterdir()}


def test_a_free_port_can_be_bound():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", free_port()))
