"""A record that looks like others, told apart at a look: tied, doubted or let alone as in a run."""

import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.identity.crowds import arrived, done, settled
from tests.identity.likeness.lists import two_lists
from tests.identity.shop import Shop
from tests.identity.test_arrive import state
from tuttuno.identity import settle as module
from tuttuno.identity.likeness.beside import CrowdedError, Scale, mates
from tuttuno.identity.likeness.kept import kept_model
from tuttuno.identity.likeness.keys import CAP, keys_of_one
from tuttuno.identity.registry import IdentitySettings, LikenessSettings
from tuttuno.vault import nearby
from tuttuno.vault.edges import read_edges
from tuttuno.vault.likeness_models import model_read
from tuttuno.vault.quick import quick

#: So low that a few records reach all of them.
EASY = IdentitySettings(likeness=LikenessSettings(tie=9.0, review=1.0))

PLACES = [
    (None, None, None), ("Via Roma 1", "50121", "Firenze"), ("V. Roma, 1/b", "50121", None),
    ("Via Roma 12", "50122", "Firenze"), ("Corso Europa 3", "20100", "Milano"),
]  # fmt: skip
VALUES = [["card", "77"], ["card", "78"], ["phone", "3401000001"], ["email", "anna.r@posta.it"]]


@st.composite
def records(draw):
    address, postal_code, city = draw(st.sampled_from(PLACES))
    born = st.sampled_from([None, date(1980, 2, 3), date(1980, 3, 2), date(1980, 2, 4)])
    mail = st.sampled_from([None, "anna.rossi@posta.it", "anna.rossi@pista.it", "info@a.it"])
    return {
        "name": f"n{draw(st.integers(0, 9))}",
        "given_name": draw(st.sampled_from(["Anna", "Anna", "Anna Maria", "Marco", None])),
        "family_name": draw(st.sampled_from(["Rossi", "Rosi", "Rossi", "Bianchi", None])),
        "birth_date": draw(born),
        "email": draw(mail),
        "address": address,
        "postal_code": postal_code,
        "city": city,
        "values": draw(st.lists(st.sampled_from(VALUES), max_size=1)),
    }


NAMES = st.integers(0, 9).map("n{}".format)
ACTS = st.one_of(
    *[st.tuples(st.just("add"), records())] * 6,
    st.tuples(st.just("forget"), NAMES),
    st.tuples(st.sampled_from(["merge", "never"]), NAMES, NAMES),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A vault after its first build, as a file to begin from."""
    path = tmp_path_factory.mktemp("base") / "vault.sqlite"
    shop = Shop(path)
    shop.settings = EASY
    shop.keep_rows(two_lists(150)[0])
    shop.resolve()
    shop.vault.close()
    return path


def begun(base, path):
    shutil.copyfile(base, path)
    shop = Shop(path)
    shop.settings = EASY
    return shop


@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(acts=st.lists(ACTS, min_size=2, max_size=12))
def test_the_vault_is_the_same_after_a_look_at_whoever_is_alike_as_after_a_run(
    base, tmp_path_factory, acts
):
    folder = tmp_path_factory.mktemp("vaults")
    look, run = begun(base, folder / "look.sqlite"), begun(base, folder / "run.sqlite")
    for what in acts:
        done(look, what, add=arrived)
        done(run, what, add=settled)
    assert state(look) == state(run)
    for shop in (look, run):
        shop.vault.close()


@pytest.fixture
def shop(base, tmp_path):
    found = begun(base, tmp_path / "vault.sqlite")
    found.settings = IdentitySettings()
    found.resolve(full=True)
    yield found
    found.vault.close()


@pytest.fixture
def no_run(monkeypatch):
    """Whoever takes more than a look fails."""
    monkeypatch.delattr(module, "read_around")


ANNA = {
    "name": "anna", "given_name": "Wanda", "family_name": "Brambilla",
    "birth_date": date(1980, 2, 3), "address": "Via Roma 1", "postal_code": "50121",
    "city": "Firenze", "email": "wanda.brambilla@posta.it", "values": [],
}  # fmt: skip


def asked_about(shop):
    with shop.vault.read() as con:
        return read_edges(con).num_rows


@pytest.mark.parametrize(
    ("said", "persons", "doubts"),
    [
        pytest.param({"family_name": "Brambila"}, 1, 0, id="tied"),
        pytest.param({"birth_date": None, "address": None}, 2, 1, id="doubted"),
        pytest.param(
            dict.fromkeys(("address", "city", "postal_code", "email")),
            2,
            1,
            id="nothing beside name and birth date",
        ),
        pytest.param(
            {"family_name": "Verdi", **dict.fromkeys(("address", "city", "postal_code", "email"))},
            2,
            0,
            id="let alone",
        ),
    ],
)
@pytest.mark.usefixtures("no_run")
def test_whoever_looks_like_somebody_takes_no_more_than_a_look(shop, said, persons, doubts):
    before = asked_about(shop)
    shop.arrive([ANNA])
    shop.arrive([ANNA | {"name": "again"} | said])
    ids = shop.ids()
    assert len({ids["anna"], ids["again"]}) == persons
    assert asked_about(shop) - before == doubts


def test_a_key_that_too_many_have_takes_more_than_a_look(shop):
    crowd = [
        ANNA | {"name": f"c{at}", "birth_date": None, "address": None, "postal_code": None}
        for at in range(CAP + 2)
    ]
    shop.arrive(crowd)
    with shop.vault.begin() as con, quick(con) as sent:
        scale = Scale(model_read(con, kept_model), LikenessSettings())
        (key,) = keys_of_one(crowd[0])
        assert len(nearby.mates(sent, [key], CAP)) == CAP + 2
        with pytest.raises(CrowdedError):
            mates(sent, scale, [key])
        assert mates(sent, scale, [key + 1]) == []
        known = replace(scale.model, crowded=np.array([3, key, key + 7]))
        assert mates(sent, Scale(known, LikenessSettings()), [key]) == []
