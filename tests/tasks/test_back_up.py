"""A backup brings a project back whole, and nothing that is damaged, foreign or erased."""

import random
import shutil
import stat
import tarfile
from io import BytesIO

import pyarrow as pa
import pytest

from tests.projects import digest, make_release, take_in
from tuttuno.clock import utc_now
from tuttuno.errors import BadInput, NotFound
from tuttuno.tasks.archive import read_contents, read_settings
from tuttuno.tasks.back_up import back_up
from tuttuno.tasks.restore import OtherKey, restore
from tuttuno.tasks.turn import Busy, turn
from tuttuno.tasks.verify import verify
from tuttuno.vault import records, releases
from tuttuno.vault.backup import DamagedBackup
from tuttuno.vault.inbox import Message, put_messages
from tuttuno.vault.inbox_claims import Claim, claimed
from tuttuno.vault.suppressions import RECORD_TYPE, suppress, suppressed_keys
from tuttuno.workspace import make_workspace, open_workspace


@pytest.fixture
def saved(own_shop, tmp_path):
    """A project that may be changed, and its backup."""
    workspace = own_shop.open()
    back_up(workspace.stores, tmp_path / "shop.backup")
    return workspace, tmp_path / "shop.backup"


def give(workspace, file):
    return restore(workspace.stores, file, actor="a test")


def cut_short(*_):
    raise KeyboardInterrupt


def state(workspace):
    with workspace.vault.read() as con:
        keys = records.record_states(con, None)["record_key"].to_pylist()
        return digest(workspace), sorted(keys), releases.current(con).number


def test_what_happened_since_a_backup_is_undone(saved, tmp_path):
    workspace, file = saved
    before = state(workspace)
    (tmp_path / "people.csv").write_text("source,record_id,email\ncrm,new,new@posta.it\n")
    take_in(workspace, tmp_path / "people.csv")
    make_release(workspace)
    assert state(workspace) != before
    back = give(workspace, file)
    assert state(workspace) == before
    assert (back.release, back.erased) == (before[2], 0)
    assert verify(workspace.stores, workspace.embedded()).sound


def test_a_project_comes_back_in_a_new_folder_that_holds_its_keys(saved, tmp_path):
    workspace, file = saved
    other = tmp_path / "other"
    shutil.copytree(workspace.root / "keys", other / "keys")
    fresh = make_workspace(other, settings=read_settings(file))
    give(fresh, file)
    assert state(fresh) == state(workspace)
    assert (other / "tuttuno.toml").read_text() == (workspace.root / "tuttuno.toml").read_text()
    assert verify(fresh.stores, fresh.embedded()).sound


def test_who_was_erased_after_the_backup_stays_erased(saved):
    workspace, file = saved
    with workspace.vault.read() as con:
        gone = records.record_states(con, None)["record_key"][0].as_py()
    now = utc_now()
    said = {"type": RECORD_TYPE, "key": gone, "cutoff_at": now, "reason": "asked", "at": now}
    with workspace.vault.begin() as con:
        suppress(con, pa.Table.from_pylist([said]))
    assert give(workspace, file).erased == 1
    with workspace.vault.read() as con:
        assert records.find_record_by_key(con, gone) is None
        assert suppressed_keys(con)["key"].to_pylist() == [gone]


def test_what_came_live_of_whom_was_erased_does_not_come_back(own_shop, tmp_path):
    workspace, gone, now = own_shop.open(), "ab" * 16, utc_now()
    inbox = workspace.inbox()
    with inbox.begin() as con:
        for name, who in (("hers", (gone,)), ("another", ())):
            put_messages(con, [Message("web", name, "track", now, "{}", name, who=who)])
    inbox.close()
    back_up(workspace.stores, tmp_path / "shop.backup")
    said = {"type": RECORD_TYPE, "key": gone, "cutoff_at": now, "reason": "asked", "at": now}
    with workspace.vault.begin() as con:
        suppress(con, pa.Table.from_pylist([said]))
    give(workspace, tmp_path / "shop.backup")
    with (inbox := workspace.inbox()).read() as con:
        assert [each.message_id for each in claimed(con, Claim(0, 1, 9))] == ["another"]
    inbox.close()


def test_a_backup_is_private_holds_no_key_and_replaces_no_file(saved):
    workspace, file = saved
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = file.read_bytes()
    for key in (workspace.stores.key, workspace.pepper):
        assert key not in held
        assert key.hex().encode() not in held
    with pytest.raises(BadInput, match="is there already"):
        back_up(workspace.stores, file)
    assert file.read_bytes() == held
    assert not list(workspace.root.glob(".backup-*"))


def test_a_backup_for_another_key_is_refused(saved, tmp_path):
    _, file = saved
    stranger = make_workspace(tmp_path / "stranger")
    with pytest.raises(OtherKey):
        give(stranger, file)


@pytest.mark.parametrize("what", ["ingest", "build"])
def test_nothing_is_saved_or_restored_while_data_move(saved, tmp_path, what):
    workspace, file = saved
    with turn(workspace.root, what):
        with pytest.raises(Busy):
            back_up(workspace.stores, tmp_path / "second.backup")
        with pytest.raises(Busy):
            give(workspace, file)


def test_a_damaged_backup_leaves_the_project_alone(saved):
    workspace, file = saved
    before, whole = state(workspace), file.read_bytes()
    draw = random.Random(3)  # noqa: S311 - which byte is spoilt need not be secret
    with tarfile.open(file) as archive:
        inside = [(entry.offset_data, entry.size) for entry in archive if entry.size]
    places = [start + draw.randrange(size) for start, size in draw.sample(inside, 12)]
    spoilt = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    cut = [whole[: len(whole) * part // 7] for part in range(7)]
    for damaged in (*spoilt, *cut, b"", b"no backup at all" * 99):
        file.write_bytes(damaged)
        with pytest.raises(DamagedBackup):
            give(workspace, file)
    assert state(workspace) == before


@pytest.mark.parametrize("name", ["../keys/project.key", "/etc/passwd", "lake/../../x", "keys/x"])
def test_a_backup_cannot_write_elsewhere(saved, name):
    workspace, file = saved
    contents = file.with_name("contents")
    with tarfile.open(file) as archive:
        text = archive.extractfile("contents.json").read()
    text = text.replace(b'"files":{', b'"files":{"%b":{"size":1,"sha256":"x"},' % name.encode())
    with tarfile.open(contents, "w") as archive:
        for member in ("contents.json", name):
            entry = tarfile.TarInfo(member)
            entry.size = len(text) if member == "contents.json" else 1
            archive.addfile(entry, BytesIO(text if member == "contents.json" else b"x"))
    with pytest.raises(DamagedBackup, match="no part of a project"):
        give(workspace, contents)


def test_a_restore_that_was_cut_short_is_finished_by_the_next(saved, monkeypatch):
    workspace, file = saved
    before = state(workspace)
    monkeypatch.setattr("tuttuno.vault.backup.restore", cut_short)
    with pytest.raises(KeyboardInterrupt):
        give(workspace, file)
    monkeypatch.undo()
    give(open_workspace(workspace.root), file)
    assert state(open_workspace(workspace.root)) == before


def test_a_missing_backup_is_not_found(saved, tmp_path):
    workspace, _ = saved
    with pytest.raises(NotFound):
        give(workspace, tmp_path / "nowhere")


def test_a_backup_says_what_it_holds(saved):
    workspace, file = saved
    contents = read_contents(file)
    assert contents.release == 1
    assert {"vault.sqlite", "tuttuno.toml"} < set(contents.files)
    lake = workspace.lake.root
    for name, held in contents.files.items():
        if name.startswith("lake/"):
            assert (lake.parent / name).stat().st_size == held.size
