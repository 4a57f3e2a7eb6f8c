"""Opening a vault: what is refused, what is private, who waits for whom, when the process ends."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from tests.vault.rows import AT, fill, people
from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.vault import audit, batches, records
from tuttuno.vault.migration import migrate
from tuttuno.vault.sqlite import EXIT_IO_ERROR, exit_on_failed_fsync
from tuttuno.vault.vault import HEAD, WrongVersion, open_vault


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def note(vault, subject):
    with vault.begin() as con:
        audit.append(con, actor="anna", action="person.show", subject=subject, at=AT)


def subjects(vault):
    with vault.read() as con:
        return [entry.subject for entry in audit.entries(con)]


def _write_and_fail(vault):
    with vault.begin() as con:
        audit.append(con, actor="anna", action="person.show", subject="lost", at=AT)
        batches.close_batch(con, 404, batches.Counts(), AT)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "vault.sqlite", ""]
)
def test_an_address_that_leads_to_no_vault_is_refused(url):
    with pytest.raises(BadInput, match="not the address of a vault"):
        open_vault(url)


def test_a_vault_that_was_never_made_is_not_made_by_looking(tmp_path):
    vault = open_vault(f"sqlite:///{tmp_path}/vault.sqlite")
    with pytest.raises(NotFound, match="there is no vault at"), vault.read():
        pass
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_can_read_a_vault(file_vault):
    note(file_vault, "1")
    with file_vault.read():
        modes = {path.name: mode(path) for path in file_vault.path.parent.iterdir()}
    names = ("vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm")
    assert modes == dict.fromkeys(names, 0o600)
    assert mode(file_vault.path.parent) == 0o700


def test_a_vault_that_others_can_read_is_closed_to_them_again(file_vault):
    file_vault.path.chmod(0o644)
    migrate(file_vault)
    assert mode(file_vault.path) == 0o600


def test_what_was_accepted_is_on_the_disk_and_what_was_deleted_is_not(file_vault):
    with file_vault.read() as con:
        found = {
            name: con.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_a_block_that_fails_changes_nothing(vault):
    note(vault, "before")
    with pytest.raises(NotFound):
        _write_and_fail(vault)
    assert subjects(vault) == ["before"]


def test_a_reader_sees_one_state_while_others_write(vault):
    note(vault, "before")
    with vault.read() as con:
        assert len(audit.entries(con)) == 1
        note(vault, "meanwhile")
        assert [entry.subject for entry in audit.entries(con)] == ["before"]
    assert subjects(vault) == ["meanwhile", "before"]


def test_writers_of_one_log_wait_for_each_other_and_lose_nothing(vault):
    vault = open_vault(vault.engine.url.render_as_string(hide_password=False), patience=30)
    writers = [
        Thread(target=lambda name=name: [note(vault, f"{name}{turn}") for turn in range(5)])
        for name in "abcd"
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    wanted = {f"{name}{turn}" for name in "abcd" for turn in range(5)}
    with vault.read() as con:
        entries = audit.entries(con)
    vault.close()
    assert {entry.subject for entry in entries} == wanted
    assert [entry.seq for entry in entries] == list(range(20, 0, -1))


def test_a_writer_that_waits_too_long_is_told_that_the_vault_is_busy(file_vault):
    with (
        file_vault.begin(),
        pytest.raises(Unavailable, match="keeps the vault busy"),
        file_vault.begin(),
    ):
        pass


def test_whoever_waits_for_another_process_tries_again_every_millisecond(file_vault, monkeypatch):
    other, pauses = sqlite3.connect(file_vault.path, isolation_level=None), []
    other.execute("BEGIN IMMEDIATE")

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 200:
            other.execute("COMMIT")

    monkeypatch.setattr("tuttuno.vault.sqlite.sleep", pause)
    note(file_vault, "1")
    other.close()
    assert pauses == [0.001] * 200
    assert subjects(file_vault) == ["1"]


def test_whoever_waits_too_long_for_another_process_is_told_so(file_vault):
    other = sqlite3.connect(file_vault.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    hasty = open_vault(file_vault.url, patience=0.05)
    with pytest.raises(Unavailable, match="another process keeps the vault busy"), hasty.begin():
        pass
    other.close()
    with hasty.begin() as con:
        assert con.exec_driver_sql("PRAGMA busy_timeout").scalar() == 50
    hasty.close()


def test_whoever_has_begun_to_write_is_as_patient_as_before(file_vault):
    with file_vault.begin() as con:
        told = con.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert told == 1000 * file_vault.patience


def test_a_file_that_is_no_vault_is_damaged(tmp_path):
    path = tmp_path / "vault.sqlite"
    path.write_bytes(b"a shopping list, at least a page of it " * 100)
    with (
        pytest.raises(Unavailable, match="damaged or not a vault"),
        open_vault(f"sqlite:///{path}").read(),
    ):
        pass


def test_a_server_that_does_not_answer_is_unavailable():
    vault = open_vault("postgresql://nobody@127.0.0.1:1/nowhere", patience=2)
    with pytest.raises(Unavailable, match="server does not answer"), vault.read():
        pass


@pytest.mark.parametrize("made_by", ["0000", "9999"], ids=["older", "newer"])
def test_a_vault_of_another_schema_is_refused(vault, made_by):
    with vault.begin() as con:
        con.execute(sa.text("update alembic_version set version_num = :made"), {"made": made_by})
    vault.fits.clear()
    with pytest.raises(WrongVersion, match=f"has schema {made_by}") as refusal, vault.read():
        pass
    assert (refusal.value.found, refusal.value.needed) == (made_by, HEAD)
    assert ("install" in refusal.value.hint) == (made_by > HEAD)


def test_an_error_does_not_tell_whose_row_it_was(vault):
    rows = people("7", family_name=["Unmistakable"])
    fill(vault, ("7", "email", "a@example.it"))
    with pytest.raises(sa.exc.IntegrityError) as twice, vault.begin() as con:
        records.insert_records(con, rows)
    assert "Unmistakable" not in f"{twice.value} {twice.value.orig}"
    assert rows["record_key"][0].as_py() not in f"{twice.value} {twice.value.orig}"


FAILING = r"""
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int refuse(void) {
    const char *flag = getenv("DISK_FAILS_WHILE");
    if (flag && access(flag, F_OK) == 0) { errno = EIO; return -1; }
    return 0;
}
int fsync(int fd) { (void)fd; return refuse(); }
int fdatasync(int fd) { (void)fd; return refuse(); }
"""

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tuttuno.vault import audit
from tuttuno.vault.vault import open_vault
vault, flag = open_vault(f"sqlite:///{sys.argv[1]}"), Path(sys.argv[2])
for subject in ("kept", "refused", "never tried"):
    if subject == "refused" and len(sys.argv) == 3:
        flag.touch()
    with vault.begin() as con:
        audit.append(con, actor="a", action="b", subject=subject, at=datetime.now(UTC))
    print(subject, flush=True)
"""


@pytest.fixture
def bad_disk(tmp_path):
    """Environment of a process whose disk refuses to confirm writes while a flag is there."""
    (tmp_path / "disk.c").write_text(FAILING)
    library = tmp_path / "disk.so"
    subprocess.run(
        [shutil.which("cc"), "-shared", "-fPIC", "-o", library, tmp_path / "disk.c"],
        check=True,
        timeout=60,
    )
    flag = tmp_path / "flag"
    return os.environ | {"LD_PRELOAD": str(library), "DISK_FAILS_WHILE": str(flag)}, flag


def write(path, env, flag, *more):
    return subprocess.run(
        [sys.executable, "-c", WRITER, path, flag, *more],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_process_ends_at_once_when_the_disk_does_not_confirm(file_vault, bad_disk):
    done = write(file_vault.path, *bad_disk)
    assert (done.returncode, done.stdout.split()) == (EXIT_IO_ERROR, ["kept"])
    assert "did not confirm a write" in done.stderr


def test_a_process_goes_on_while_the_disk_confirms(file_vault, bad_disk):
    done = write(file_vault.path, *bad_disk, "healthy")
    assert (done.returncode, done.stdout.splitlines()) == (0, ["kept", "refused", "never tried"])


@pytest.mark.parametrize(
    ("name", "ends"),
    [("SQLITE_IOERR_FSYNC", True), ("SQLITE_IOERR_DIR_FSYNC", True), ("SQLITE_FULL", False)],
)
def test_only_an_unconfirmed_write_ends_the_process(monkeypatch, name, ends):
    ended = []
    monkeypatch.setattr("tuttuno.vault.sqlite._exit_now", ended.append)
    error = sqlite3.OperationalError()
    error.sqlite_errorname = name
    exit_on_failed_fsync(error)
    assert ended == [error] * ends
