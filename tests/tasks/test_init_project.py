"""A new project: what lies where, and who may read it."""

import stat

import pytest

from tuttuno.config import load_settings
from tuttuno.errors import BadInput
from tuttuno.tasks.init_project import AlreadyThere, lay_out, read_key


def test_the_template_is_a_project_named_after_its_folder(tmp_path):
    lay_out(tmp_path / "bottega")
    assert load_settings(tmp_path / "bottega").project.name == "bottega"


def test_keys_are_for_the_owner_only_and_never_the_same(tmp_path):
    one, other = lay_out(tmp_path / "one").keys, lay_out(tmp_path / "other").keys
    keys = [folder / name for folder in (one, other) for name in ("project.key", "pepper")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert stat.S_IMODE(one.stat().st_mode) == 0o700
    assert len({read_key(path) for path in keys}) == 4


def test_a_project_is_never_laid_over_another(tmp_path):
    keys = lay_out(tmp_path).keys
    before = read_key(keys / "project.key")
    with pytest.raises(AlreadyThere):
        lay_out(tmp_path)
    assert read_key(keys / "project.key") == before


def test_a_name_with_quotes_makes_a_project_all_the_same(tmp_path):
    root = tmp_path / 'La "Bottega"'
    lay_out(root)
    assert load_settings(root).project.name == "La 'Bottega'"


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33])
def test_a_damaged_key_is_refused(tmp_path, text):
    (tmp_path / "project.key").write_text(text)
    with pytest.raises(BadInput):
        read_key(tmp_path / "project.key")


def test_a_file_in_the_way_is_an_error_with_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot make a project"):
        lay_out(tmp_path / "file" / "project")
