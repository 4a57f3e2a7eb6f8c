"""What `tuttuno.toml` may say, and how it is told when it says something else."""

import pytest

from tuttuno.config import BadSettings, NoProject, load_settings
from tuttuno.errors import BadInput, NotFound

MINIMAL = '[project]\nname = "Bottega"\n'


def project(tmp_path, text):
    (tmp_path / "tuttuno.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_name_is_enough(tmp_path):
    settings = load_settings(project(tmp_path, MINIMAL))
    assert (settings.project.currency, settings.project.timezone) == ("EUR", "Europe/Rome")
    assert (settings.engine.name, settings.releases.keep) == ("duckdb", 5)


def test_a_folder_without_a_project_says_how_to_make_one(tmp_path):
    with pytest.raises(NoProject, match="tuttuno init") as caught:
        load_settings(tmp_path)
    assert isinstance(caught.value, NotFound)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[project", r"tuttuno\.toml: Expected", id="not-toml"),
        pytest.param("[project]\n", r"\[project\].*`name`", id="name-missing"),
        pytest.param(MINIMAL + 'curency = "EUR"\n', "`curency`", id="misspelt"),  # codespell:ignore
        pytest.param(MINIMAL + "currency = 7\n", r"\[project\.currency\].*`str`", id="wrong-type"),
        pytest.param(MINIMAL + 'timezone = "Mars/Rome"\n', r"\[project\.timezone\]", id="no-zone"),
        pytest.param(MINIMAL + 'timezone = "../etc"\n', r"\[project\.timezone\]", id="zone-path"),
        pytest.param(MINIMAL + 'language = "fr"\n', r"\[project\.language\] 'fr'", id="language"),
        pytest.param(
            MINIMAL + '[engine]\nname = "duck"\n', r"\[engine\.name\] 'duck'", id="engine"
        ),
        pytest.param(MINIMAL + "[releases]\nkeep = 0\n", r"\[releases\.keep\]", id="keep-none"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, said):
    with pytest.raises(BadSettings, match=said) as caught:
        load_settings(project(tmp_path, text))
    assert isinstance(caught.value, BadInput)


def test_bytes_that_are_no_text_are_no_settings(tmp_path):
    (tmp_path / "tuttuno.toml").write_bytes(b"\xff\xfe\x00[project]")
    with pytest.raises(BadSettings):
        load_settings(tmp_path)


def test_parameters_are_named_by_their_measure(tmp_path):
    text = MINIMAL + "[measures.params.channel_class]\ntheta = 0.1\n"
    assert load_settings(project(tmp_path, text)).params == {"channel_class.theta": 0.1}


def test_the_hash_follows_what_answers_depend_on_and_nothing_else(tmp_path):
    plain = load_settings(project(tmp_path, MINIMAL)).config_hash
    moved = load_settings(project(tmp_path, MINIMAL + '[lake]\npath = "/elsewhere"\n')).config_hash
    set_otherwise = load_settings(
        project(tmp_path, MINIMAL + "[measures.params.channel_class]\ntheta = 0.1\n")
    ).config_hash
    assert plain == moved != set_otherwise
