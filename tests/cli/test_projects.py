"""`tuttuno init`, `demo`, `verify`, `doctor`, and the words of the command itself."""

import json
import re
import shutil
import socket

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from tuttuno.vault.accounts import account
from tuttuno.workspace import open_workspace

CONTRACT = """
[project]
name = "Elsewhere"
"""


def test_a_new_project_has_a_password_that_is_said_once_and_not_on_stdout(tuttuno, tmp_path):
    said = tuttuno("init", tmp_path / "new")
    assert said.code == 0
    assert "sign in as admin with " in said.err
    assert "admin" not in said.out


def test_a_lost_password_is_replaced_and_the_former_one_opens_nothing(tuttuno, tmp_path):
    def told(said):
        return re.search(r"sign in as admin with (\S+)", said.err)[1]

    first = told(tuttuno("init", tmp_path))
    second = told(tuttuno("-C", tmp_path, "password"))
    workspace = open_workspace(tmp_path)
    with workspace.vault.read() as con:
        kept = account(con, "admin").password
    workspace.vault.close()
    assert PasswordHasher().verify(kept, second)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(kept, first)


def test_a_project_can_start_from_settings_that_exist(tuttuno, tmp_path):
    (tmp_path / "given.toml").write_text(CONTRACT)
    assert tuttuno("init", tmp_path / "new", "--from", tmp_path / "given.toml").code == 0
    assert (tmp_path / "new" / "tuttuno.toml").read_text() == CONTRACT


def test_bad_settings_make_no_project(tuttuno, tmp_path):
    (tmp_path / "given.toml").write_text("[project]\nnaem = 'x'\n")
    said = tuttuno("init", tmp_path / "new", "--from", tmp_path / "given.toml")
    assert said.code == 3
    assert not (tmp_path / "new").exists()


def test_a_second_project_in_the_same_folder_is_refused(tuttuno, tmp_path):
    tuttuno("init", tmp_path)
    assert tuttuno("init", tmp_path).code == 3


def test_a_sound_project_is_told_so(tuttuno, shop):
    said = tuttuno("-C", shop.root, "verify", "--json")
    found = json.loads(said.out)
    assert (said.code, found["sound"], found["counts"]["difference"]) == (0, True, 0)
    assert found["counts"]["received"] > 10_000


def test_a_backup_comes_back_in_a_folder_with_the_keys_and_in_no_other(tuttuno, shop, tmp_path):
    saved, other = tmp_path / "shop.backup", tmp_path / "other"
    assert "release 1," in tuttuno("-C", shop.root, "backup", saved).out
    refused = tuttuno("-C", other, "restore", saved)
    assert (refused.code, "holds no keys" in refused.err) == (3, True)
    shutil.copytree(shop.root / "keys", other / "keys")
    assert "release 1," in tuttuno("-C", other, "restore", saved).out
    here, there = (tuttuno("-C", at, "releases", "--json").out for at in (shop.root, other))
    assert here == there


def test_the_doctor_finds_nothing_wrong_with_a_sound_project(tuttuno, shop):
    said = tuttuno("-C", shop.root, "doctor", "--json")
    assert said.code == 0
    assert {each["what"] for each in json.loads(said.out)} >= {"vault", "lake", "release"}


def test_the_doctor_sees_a_key_that_others_can_read(tuttuno, own_shop):
    (own_shop.root / "keys" / "pepper").chmod(0o644)
    said = tuttuno("-C", own_shop.root, "doctor")
    assert (said.code, "chmod 600" in said.out) == (3, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["mesure"], 2, "measure", id="verb"),
        pytest.param(["measure"], 2, "Missing argument", id="argument"),
        pytest.param(["-C", "nowhere", "releases"], 4, "tuttuno init", id="project"),
        pytest.param(["init", "new", "--from", "none.toml"], 4, "none.toml does not", id="from"),
    ],
)
def test_a_wrong_word_is_told_the_right_one(tuttuno, words, code, said):
    found = tuttuno(*words)
    assert (found.code, said in found.err) == (code, True)


def test_a_port_that_is_taken_is_told_before_anything_is_opened(tuttuno, shop):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = tuttuno("-C", shop.root, "serve", "--port", port)
    assert said.code == 5
    assert f"port {port} of 127.0.0.1 cannot be opened" in said.err
    assert "in a browser" not in said.err


def test_a_demo_looks_for_its_port_before_it_makes_a_retailer(tuttuno, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = tuttuno("demo", tmp_path / "demo", "--port", taken.getsockname()[1])
    assert said.code == 5
    assert not (tmp_path / "demo" / "retailer").exists()


def test_settings_that_cannot_be_read_are_named_where_they_were_written(tuttuno, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[project]\nnmae = 'Shop'\n")
    said = tuttuno("init", tmp_path / "new", "--from", wrong)
    assert (said.code, "wrong.toml" in said.err) == (3, True)
    assert not (tmp_path / "new").exists()
