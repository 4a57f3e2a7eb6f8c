"""What the default configuration reaches on public labelled sets; labels only score."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tuttuno.tasks.evaluate_identity import Labelled, evaluate_identity

DATA = Path(__file__).parents[4] / "shared" / "data" / "identity"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="shared_data: no ../shared/data/identity"),
]


def febrl(*names):
    rows = []
    for name in names:
        with (DATA / name).open(encoding="utf-8") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                cleaned = {key.strip(): (value.strip() or None) for key, value in row.items()}
                rows.append({**cleaned, "person": cleaned["rec_id"].split("-")[1]})
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize(
    "names",
    [("febrl_1.csv",), ("febrl_2.csv",), ("febrl_3.csv",), ("febrl_4a.csv", "febrl_4b.csv")],
)
def test_febrl_is_found_but_for_a_pair_or_two(names, tmp_path):
    path = tmp_path / "febrl.parquet"
    parquet.write_table(febrl(*names), path)
    found = evaluate_identity(Labelled(path, truth="person", id="rec_id"))
    assert found.quality.f1 >= 0.9994


def test_nobody_is_merged_where_nobody_is_twice(tmp_path):
    path = tmp_path / "febrl.parquet"
    parquet.write_table(febrl("febrl_4a.csv"), path)
    found = evaluate_identity(Labelled(path, truth="person", id="rec_id"))
    assert found.quality.persons >= 4_999


def test_fake_1000_reaches_its_figure():
    found = evaluate_identity(Labelled(DATA / "fake_1000.csv", truth="cluster"))
    assert found.quality.f1 >= 0.94


def test_historical_figures_reach_theirs():
    found = evaluate_identity(
        Labelled(
            DATA / "historical_a.parquet",
            truth="cluster",
            fields={
                "given_name": "first_name",
                "family_name": "surname",
                "birth_date": "dob",
                "postal_code": "postcode_fake",
            },
            extra=("birth_place", "occupation", "full_name"),
        )
    )
    assert found.quality.f1 >= 0.94
    assert found.quality.b3_f1 >= 0.945
    assert found.quality.largest <= 60
