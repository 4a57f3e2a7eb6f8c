"""Backups: one private file with everything in it, refused when it is not as it was made."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest
import sqlalchemy as sa

from tests.vault.full import fill_all
from tests.vault.rows import AT, fill, ties_of
from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.vault import audit, backup, sqlite
from tuttuno.vault.backup import DamagedBackup, back_up, restore
from tuttuno.vault.integrity import broken_rows
from tuttuno.vault.migration import migrate
from tuttuno.vault.tables import METADATA
from tuttuno.vault.vault import WrongVersion, open_vault


@pytest.fixture
def full(vault):
    """A vault with rows in every table."""
    with vault.begin() as con:
        fill_all(con, "canary")
    return vault


def content(vault):
    with vault.read() as con:
        return {
            table.name: sorted(map(str, con.execute(sa.select(table))))
            for table in METADATA.sorted_tables
        }


def late(vault):
    """Something that happens after the backup."""
    with vault.begin() as con:
        audit.append(con, actor="anna", action="person.show", subject="late", at=AT)


def test_a_backup_brings_everything_back(full, tmp_path):
    file, before = tmp_path / "saved.backup", content(full)
    assert all(before.values())
    assert back_up(full, file) == file.stat().st_size
    late(full)
    assert content(full) != before
    restore(full, file)
    assert content(full) == before
    with full.read() as con:
        assert list(broken_rows(con)) == []


def test_a_backup_of_a_server_is_a_vault_in_a_file(server_vault, file_vault, tmp_path):
    with server_vault.begin() as con:
        fill_all(con, "canary")
    back_up(server_vault, tmp_path / "saved.backup")
    restore(file_vault, tmp_path / "saved.backup")
    assert content(file_vault) == content(server_vault)


def test_a_backup_is_one_file_that_only_its_owner_can_read(full, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(full, folder / "saved")
    restore(full, folder / "saved")
    assert [path.name for path in folder.iterdir()] == ["saved"]
    assert stat.S_IMODE((folder / "saved").stat().st_mode) == 0o600
    assert (folder / "saved").read_bytes()[18:20] == b"\1\1"  # no log: SQLite file format, 1.3.3


def test_a_backup_shows_one_moment_while_others_write(file_vault, tmp_path, monkeypatch):
    fill(file_vault, ("7", "email", "a@example.it"))
    copy = backup._copy_file

    def copy_while_open(vault, part):
        with vault.begin() as con:
            audit.append(con, actor="anna", action="person.show", subject="open", at=AT)
            copy(vault, part)

    monkeypatch.setattr(backup, "_copy_file", copy_while_open)
    back_up(file_vault, tmp_path / "saved")
    restore(file_vault, tmp_path / "saved")
    with file_vault.read() as con:
        assert audit.entries(con) == []


def test_a_file_that_is_there_is_not_written_over(full, tmp_path):
    file = tmp_path / "precious"
    file.write_text("precious")
    with pytest.raises(BadInput, match="is there already"):
        back_up(full, file)
    assert file.read_text() == "precious"


def test_a_folder_that_is_not_there_is_named(full, tmp_path):
    with pytest.raises(Unavailable, match="cannot write"):
        back_up(full, tmp_path / "nowhere" / "saved")


def test_a_backup_that_breaks_off_leaves_nothing_behind(full, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(Unavailable, match="no space"):
        back_up(full, tmp_path / "saved")
    assert [path.name for path in tmp_path.glob("saved*")] == []


@pytest.mark.parametrize("damage", ["row", "half", "text", "other"])
def test_a_damaged_backup_is_refused_and_the_vault_left_alone(full, tmp_path, damage):
    file = tmp_path / "saved"
    back_up(full, file)
    data = file.read_bytes()
    match damage:
        case "row":
            file.write_bytes(data.replace(b"canary street", b"canary strait"))
        case "half":
            file.write_bytes(data[: len(data) // 2])
        case "text":
            file.write_text("a shopping list " * 1000)
        case "other":
            file.unlink()
            with closing(sqlite3.connect(file)) as con:
                con.execute("create table shopping (item text)")
    late(full)
    before = content(full)
    with pytest.raises(DamagedBackup, match="is not a sound backup"):
        restore(full, file)
    assert content(full) == before


def test_a_backup_that_is_not_there_is_not_restored(full, tmp_path):
    with pytest.raises(NotFound, match="there is no backup"):
        restore(full, tmp_path / "nothing")


def test_a_backup_of_a_newer_program_is_refused(file_vault, tmp_path):
    back_up(file_vault, tmp_path / "saved")
    with closing(sqlite3.connect(tmp_path / "saved")) as con:
        con.execute("update alembic_version set version_num = '9999'")
        con.commit()
    with pytest.raises(WrongVersion, match="newer"):
        restore(file_vault, tmp_path / "saved")


def test_a_vault_that_is_lost_is_made_from_its_backup(file_vault, tmp_path):
    fill(file_vault, ("7", "email", "a@example.it"))
    back_up(file_vault, tmp_path / "saved")
    fresh = open_vault(f"sqlite:///{tmp_path}/elsewhere/vault.sqlite")
    restore(fresh, tmp_path / "saved")
    assert ties_of(fresh) == {("7", "email", "a@example.it")}
    assert stat.S_IMODE(fresh.path.stat().st_mode) == 0o600
    fresh.close()


def test_a_vault_that_somebody_writes_to_is_not_restored_under_her(file_vault, tmp_path):
    migrate(file_vault)
    back_up(file_vault, tmp_path / "saved")
    with (
        file_vault.begin(),
        pytest.raises(Unavailable, match="keeps the vault busy"),
    ):
        restore(file_vault, tmp_path / "saved")


def test_a_restore_gives_up_rather_than_wait_for_ever(file_vault, tmp_path):
    back_up(file_vault, tmp_path / "saved")
    with (
        closing(sqlite3.connect(tmp_path / "saved")) as source,
        closing(sqlite3.connect(file_vault.path, timeout=0.1)) as target,
        file_vault.begin(),
        pytest.raises(Unavailable, match="keeps the vault busy"),
    ):
        sqlite.copy_all(source, target)
