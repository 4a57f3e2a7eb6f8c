import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest

from tuttuno.demo import world as worlds
from tuttuno.demo.plan import Plan
from tuttuno.demo.sales import by_month
from tuttuno.demo.simulate import make_block, simulate
from tuttuno.errors import BadInput

SMALL = {"people": 400, "months": 12}


def tables(folder):
    return {path.name: pq.read_table(path) for path in sorted(folder.rglob("*.parquet"))}


def test_the_same_options_give_the_same_tables(tmp_path):
    simulate(tmp_path / "a", **SMALL, seed=3)
    simulate(tmp_path / "b", **SMALL, seed=3)
    first, second = tables(tmp_path / "a"), tables(tmp_path / "b")
    assert first.keys() == second.keys()
    assert all(first[name].equals(second[name]) for name in first)


def test_another_seed_gives_another_retailer(tmp_path):
    simulate(tmp_path / "a", **SMALL, seed=3)
    simulate(tmp_path / "b", **SMALL, seed=4)
    first, second = tables(tmp_path / "a"), tables(tmp_path / "b")
    assert not first["people.parquet"].equals(second["people.parquet"])
    assert not first["sales_2025-06.parquet"].equals(second["sales_2025-06.parquet"])


def test_a_block_of_people_is_the_same_whichever_came_before(monkeypatch):
    monkeypatch.setattr(worlds, "BLOCK", 300)
    monkeypatch.setattr("tuttuno.demo.people.BLOCK", 300)
    shared = worlds.make(Plan(people=900, months=12))
    alone = by_month(shared, 2, make_block(shared, 2).sold)
    make_block(shared, 0)
    after = by_month(shared, 2, make_block(shared, 2).sold)
    assert [month for month, _ in alone] == [month for month, _ in after]
    assert all(a.equals(b) for (_, a), (_, b) in zip(alone, after, strict=True))


def test_no_key_is_given_twice_across_blocks(monkeypatch, tmp_path):
    monkeypatch.setattr(worlds, "BLOCK", 150)
    monkeypatch.setattr("tuttuno.demo.people.BLOCK", 150)
    written = simulate(tmp_path, people=600, months=12)
    for name, grain in {
        "people": ["source", "record_id"],
        "pickups": ["source", "sale_id"],
        "memberships": ["card"],
        "points": ["movement_id"],
        "touches": ["touch_id"],
        "contacts": ["contact_id"],
        "consents": ["source", "record_id", "purpose", "channel", "at"],
    }.items():
        rows = pq.read_table(written.exchange / f"{name}.parquet", columns=grain)
        assert rows.group_by(grain).aggregate([]).num_rows == rows.num_rows, name


def test_csv_and_parquet_hold_the_same_rows(tmp_path):
    simulate(tmp_path / "p", **SMALL)
    simulate(tmp_path / "c", **SMALL, format="csv")
    for name in ("exchange/sales_2025-03", "exchange/people", "truth/truth_sales"):
        binary = pq.read_table(tmp_path / "p" / f"{name}.parquet")
        as_read = pc_csv.ConvertOptions(
            column_types=binary.schema,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        )
        text = pc_csv.read_csv(tmp_path / "c" / f"{name}.csv", convert_options=as_read)
        assert text.equals(binary), name


def test_readers_see_plain_text_decimals_and_clocks_without_a_zone(retailer):
    path = retailer.truth.exchange / "sales_2025-03.parquet"
    types = {field.name: field.type for field in pq.read_schema(path)}
    assert types["sale_id"] == types["channel"] == types["store_id"] == pa.string()
    assert types["net"] == types["vat"] == pa.decimal128(14, 2)
    assert types["sold_at"] == pa.timestamp("us")


def test_an_earlier_run_leaves_no_rows_behind(tmp_path):
    simulate(tmp_path, people=400, months=14)
    (tmp_path / "exchange" / "note.txt").write_text("mine")
    simulate(tmp_path, **SMALL)
    assert not (tmp_path / "exchange" / "sales_2024-11.parquet").exists()
    assert (tmp_path / "exchange" / "note.txt").read_text() == "mine"


def test_progress_ends_with_everybody(tmp_path):
    seen = []
    simulate(tmp_path, **SMALL, progress=lambda *step: seen.append(step))
    assert seen == [("people", 400, 400)]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"people": 199}, "199 people"),
        ({"months": 11}, "11 months"),
        ({"months": 121}, "121 months"),
        ({"lines_per_person": 0}, "0 lines"),
        ({"format": "xml"}, "'xml'"),
    ],
)
def test_what_cannot_be_simulated_is_refused_before_anything_is_written(tmp_path, options, word):
    with pytest.raises(BadInput, match=word):
        simulate(tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_the_summary_counts_what_the_files_hold(retailer):
    truth = retailer.truth
    assert retailer.one("select count(*) from sales") == truth.lines
    assert retailer.one("select count(*) from people") == truth.records
    assert retailer.one("select count(*) from pickups") == truth.pickups
    receipts = "select count(distinct sale_id) from sales where returns_sale_id is {} null"
    assert retailer.one(receipts.format("")) == truth.sales
    assert retailer.one(receipts.format("not")) == truth.returns


@pytest.mark.parametrize("lines", [6, 24, 60])
def test_people_buy_about_as_many_lines_as_asked(tmp_path, lines):
    written = simulate(tmp_path, people=4_000, lines_per_person=lines)
    assert written.lines / 4_000 == pytest.approx(lines, rel=0.08)


def test_nothing_in_the_exchange_folder_tells_who_is_who(retailer):
    known = {"true_person_id", "household_id", "reason", "kind_of_buyer", "reachable"}
    for path in retailer.truth.exchange.glob("*.parquet"):
        assert not known & set(pq.read_schema(path).names)
    numbers = np.array(
        retailer.ask(
            "select true_person_id, cast(regexp_extract(record_id, '[0-9]+') as bigint) "
            "from truth_people where source in ('shop', 'crm', 'card')"
        )
    )
    for column in numbers.T[1:]:
        assert abs(np.corrcoef(numbers[:, 0], column)[0, 1]) < 0.02


def test_the_order_of_records_tells_nothing_about_who_is_who(retailer):
    rows = retailer.ask(
        "select true_person_id from truth_people where source = 'card' and record_id like 'C%'"
    )
    numbers = np.array(rows)[:, 0]
    assert abs(np.corrcoef(numbers, np.arange(len(numbers)))[0, 1]) < 0.03
