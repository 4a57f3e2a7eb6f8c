"""Runs: full and incremental agree, ids last, and a killed run changes nothing."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.identity.shop import KEY, Shop
from tuttuno.identity.registry import IdentitySettings, default_rules
from tuttuno.schema.keyed import record_key
from tuttuno.vault.forget import forget_records

TAX = ("RCCMNL83S18D969H", "RSSMRA85T10A562S")

WHO = st.sampled_from(
    [
        ("Anna", "Rossi"), ("ANNA", "ROSSI"), ("Anna", "Bianchi"), ("Rossi", "Anna"),
        (None, "ROSSI ANNA"), ("Marco", "Rossi"), ("Maria", None), (None, None), (None, "Rossi"),
    ]
)  # fmt: skip
VALUES = st.lists(
    st.sampled_from(
        [["email", f"anna.{n}@posta.it"] for n in range(4)]
        + [["phone", f"340100000{n}"] for n in range(1, 5)]
        + [["card", f"77{n}"] for n in range(3)]
        + [["tax", code] for code in TAX]
        + [["device", f"dev{n}"] for n in range(2)]
    ),
    max_size=4,
    unique_by=tuple,
)
BORN = st.sampled_from([None, None, "1980-02-03", "1980-03-02", "1955-05-05", "1900-01-01"])
PLACE = st.sampled_from([(None, None), ("Via Roma 1", "50121"), ("V. Roma, 1", "50121")])


@st.composite
def records(draw):
    given_name, family_name = draw(WHO)
    address, postal_code = draw(PLACE)
    born = draw(BORN)
    return {
        "name": f"r{draw(st.integers(0, 11))}",
        "given_name": given_name,
        "family_name": family_name,
        "birth_date": None if born is None else date.fromisoformat(born),
        "address": address,
        "postal_code": postal_code,
        "values": draw(VALUES),
    }


BATCHES = st.lists(
    st.lists(records(), min_size=1, max_size=8, unique_by=lambda row: row["name"]),
    min_size=2,
    max_size=5,
)


def tight():
    """Limits so low that a dozen records reach all of them."""
    rules = {
        kind: replace(rule, max_records=4, max_persons=min(rule.max_persons, 2), max_values=2)
        for kind, rule in default_rules().items()
    }
    return IdentitySettings(rules=rules, largest_person=5)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(batches=BATCHES, forget=st.sets(st.integers(0, 11), max_size=3))
def test_looking_only_at_what_changed_ends_where_looking_at_everything_ends(
    tmp_path_factory, batches, forget
):
    folder = tmp_path_factory.mktemp("vaults")
    step, whole = Shop(folder / "a.sqlite"), Shop(folder / "b.sqlite")
    step.settings = whole.settings = tight()
    for batch in batches:
        for shop in (step, whole):
            shop.keep_rows(batch)
        step.resolve()
        whole.resolve(full=True)
        assert step.ids() == whole.ids()
    keys = pa.array([record_key(KEY, "shop", f"r{number}") for number in forget], pa.string())
    for shop in (step, whole):
        with shop.vault.begin() as con:
            forget_records(con, keys)
    step.resolve()
    whole.resolve(full=True)
    assert step.ids() == whole.ids()
    step.vault.close()
    whole.vault.close()
