"""One record beside another weighs what the two weigh in a run over everybody."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.likeness.lists import two_lists
from tests.identity.shop import Shop
from tuttuno.identity.likeness.compare import weigh
from tuttuno.identity.likeness.kept import kept_model
from tuttuno.identity.likeness.one import told, weigh_one
from tuttuno.identity.likeness.texts import COLUMNS
from tuttuno.vault.likeness_models import last_model

TYPES = dict.fromkeys(COLUMNS, pa.string())
TYPES |= {"record_no": pa.int64(), "birth_date": pa.date32()}
SAID = [name for name in COLUMNS if name not in ("record_no", "record_key")]

#: What systems hold where a value should be.
NASTY = st.sampled_from(
    [
        None, "", " ", "-", "n/a", "NULL", "\u00e0", "D'Angel\u00f2", "D\u2019 ANGELO", "de",
        "Dott.ssa", "O", "\u0130stanbul", "\u0218tefan", "\u5f20\u4f1f", "\u0645\u062d\u0645\u062f",
        "\U0001f600", "\x00", "a" * 300, "Rossi Bianchi Verdi Neri Gialli Blu Viola",
        "Maria Maria", "Stra\u00dfe", "\u01c5", "@", "@@", "1", "00", "II",
    ]
)  # fmt: skip
WORDS = st.one_of(NASTY, st.text(max_size=12), st.text("AEILMNORSTZ", min_size=3, max_size=9))
NAMES = st.one_of(
    WORDS,
    st.sampled_from(
        ["Anna", "Anna Maria", "Annamaria", "Paolo", "Paola", "Beppe", "Giuseppe", "Pino", "Rossi",
         "Rosi", "Rossini", "De Luca", "DeLuca", "Mar", "Marco", "M", "Brambilla", "Brambila"]
    ),
)  # fmt: skip
DAYS = st.one_of(
    st.none(),
    st.dates(date(1890, 1, 1), date(2020, 1, 1)),
    st.sampled_from(
        [date(1980, 1, 1), date(1980, 2, 3), date(1980, 3, 2), date(1981, 1, 1), date(1980, 2, 13),
         date(1908, 2, 3), date(1990, 2, 3), date(1970, 1, 1)]
    ),
)  # fmt: skip
RECORDS = st.fixed_dictionaries(
    {
        "given_name": NAMES,
        "family_name": NAMES,
        "birth_date": DAYS,
        "gender": st.sampled_from([None, "female", "F", "male", "?"]),
        "email": st.one_of(
            WORDS,
            st.sampled_from(
                ["anna.rossi@posta.it", "anna.rosi@posta.it", "anna.rossi@casa.it", "info@a.it",
                 "info@b.it", "a.rossi@posta.it", "ANNA.ROSSI@posta.it "]
            ),
        ),
        "phone": st.one_of(WORDS, st.sampled_from(["+393401234567", "3401234568", "06 5550"])),
        "tax_code": st.one_of(WORDS, st.sampled_from(["RSSNNA80B43A562S", "RSSNNA80B43A562T"])),
        "address": st.one_of(
            WORDS,
            st.sampled_from(
                ["Via Roma 1", "V. Roma, 1/b", "Via Roma", "Viale Romagna 1", "Corso Europa 12",
                 "Piazza della Repubblica 4", "Via della Repubblica 4", "12", "Via 12"]
            ),
        ),
        "postal_code": st.one_of(WORDS, st.sampled_from(["50121", "50122", "50199", "I-50121"])),
        "city": st.one_of(WORDS, st.sampled_from(["Firenze", "FIRENZA", "Firenze Nord", "Nord"])),
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A model in which some values are common."""
    shop = Shop(tmp_path_factory.mktemp("one") / "vault.sqlite")
    shop.keep_rows(two_lists(300)[0])
    shop.resolve()
    with shop.vault.read() as con:
        said = json.loads(last_model(con))
    shop.vault.close()
    for name, value in (
        ("name", "ROSSI"), ("name", "ANNA"), ("city", "FIRENZE"), ("postal_code", "50121"),
        ("address", "ROMA"), ("birth_date", "19800203"),
    ):  # fmt: skip
        said["tuttuno"]["frequency"][name]["count"][value] = 37
    return kept_model(json.dumps(said))


def in_bulk(kept, rows):
    """The first with each of the others, as a run weighs them."""
    schema = pa.schema(list(TYPES.items()))
    table = pa.Table.from_pylist([{"record_no": at, **row} for at, row in enumerate(rows)], schema)
    others = np.arange(1, len(rows))
    return weigh(kept, table, np.zeros_like(others), others)


def alone(kept, rows):
    return weigh_one(kept, told(rows[0]), [told(row) for row in rows[1:]])


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(RECORDS, min_size=2, max_size=6))
def test_a_record_beside_a_few_weighs_what_it_weighs_in_a_run(kept, rows):
    one, all_at_once = alone(kept, rows), in_bulk(kept, rows)
    for field, level in all_at_once.levels.items():
        assert one.levels[field].tolist() == level.tolist(), field
    assert one.weight == pytest.approx(all_at_once.weight, abs=1e-6)
    assert one.near.tolist() == all_at_once.near.tolist()


def test_a_crowd_weighs_the_same_both_ways(kept):
    rows = sorted(two_lists(40, seed=8)[0], key=lambda row: row["name"][::-1])
    rows = [{name: row.get(name) for name in SAID} for row in rows]
    heaviest = 0
    for start in range(len(rows) - 1):
        one, all_at_once = alone(kept, rows[start:]), in_bulk(kept, rows[start:])
        assert one.weight == pytest.approx(all_at_once.weight, abs=1e-6)
        heaviest = max(heaviest, one.weight.max())
    assert heaviest > 14
