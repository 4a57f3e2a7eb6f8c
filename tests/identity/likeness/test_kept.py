"""The model that is kept: what it says is read back exactly, and of nobody alone."""

import json

import numpy as np
import pytest

from tests.identity.likeness.lists import two_lists
from tests.identity.shop import NOW, Shop
from tuttuno.identity.likeness.kept import EXPECTED, Frequency, kept_model
from tuttuno.vault.likeness_models import keep_model, last_model, model_read
from tuttuno.vault.runs import open_run


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("kept") / "vault.sqlite")
    shop.keep_rows(two_lists(120)[0])
    shop.resolve()
    with shop.vault.read() as con:
        found = last_model(con)
    shop.vault.close()
    return found


def test_a_model_is_read_back_to_the_last_bit(text):
    assert kept_model(text).to_json() == text
    assert kept_model(text).records == json.loads(text)["tuttuno"]["records"]


def test_a_model_is_told_in_the_words_of_splink(text):
    said = json.loads(text)
    assert 0 < said["probability_two_random_records_match"] < 1
    assert [one["output_column_name"] for one in said["comparisons"]] == list(EXPECTED)
    for comparison in said["comparisons"]:
        for side in ("m_probability", "u_probability"):
            shares = [level[side] for level in comparison["comparison_levels"]]
            assert sum(shares) == pytest.approx(1)


def test_a_model_of_another_format_is_no_model(text):
    said = json.loads(text)
    said["tuttuno"]["format"] += 1
    assert kept_model(json.dumps(said)) is None


def test_what_fewer_than_five_records_say_stays_out_of_the_model(text):
    for found in json.loads(text)["tuttuno"]["frequency"].values():
        assert min(found["count"].values(), default=5) >= 5


def test_a_connection_reads_a_model_once_until_another_is_kept(text, tmp_path):
    shop, read = Shop(tmp_path / "vault.sqlite"), []

    def model():
        with shop.vault.begin() as con:
            return model_read(con, once)

    def once(said):
        read.append(said)
        return len(read)

    assert model() is None
    shop.keep("a | Anna Rossi | - | card:77")
    shop.resolve()
    assert [model(), model()] == [1, 1]
    with shop.vault.begin() as con:
        keep_model(con, open_run(con, config_hash="", change=0, at=NOW), text)
    assert [model(), model()] == [2, 2]
    assert read[1] == text
    shop.vault.close()


def test_a_rare_value_speaks_louder_and_rare_ones_alike():
    found = Frequency.of({"ROSSI": 90, "BRAMBILLA": 6, "ZANETTI": 3, "VERDONE": 1})
    assert found.count == {"ROSSI": 90, "BRAMBILLA": 6}
    assert found.others == 2
    common, rare, rarer, new = found.rarity(("ROSSI", "BRAMBILLA", "ZANETTI", "NUOVO"))
    assert common < 0 < rare < rarer == new
    share = np.array([90.5, 6.5, 3.5, 1.5]) / 100
    assert common == pytest.approx(np.log2((share**2).sum() / 0.905), abs=1e-6)
