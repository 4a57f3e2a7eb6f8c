import pytest

from tuttuno.errors import NotFound
from tuttuno.intake.files import NoMeaning, digest_of, find_files
from tuttuno.intake.mapping import FileMapping, Mapping
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.schema.exchange import SALES


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            (tmp_path / name).write_text("x")
        return tmp_path

    return make


def names(found):
    return [(each.path.name, each.file.table.name) for each in found]


def test_a_folder_is_read_in_the_order_in_which_tables_refer_to_each_other(folder):
    path = folder("touches.csv.zst", "sales_2025-02.parquet", "sales_2025-01.parquet",
                  "people.csv.gz", "stores.csv", "sales-web.csv")  # fmt: skip
    assert names(find_files([path], EXCHANGE_FORMAT)) == [
        ("stores.csv", "stores"),
        ("people.csv.gz", "people"),
        ("sales-web.csv", "sales"),
        ("sales_2025-01.parquet", "sales"),
        ("sales_2025-02.parquet", "sales"),
        ("touches.csv.zst", "touches"),
    ]


def test_truth_notes_and_hidden_files_are_no_data(folder):
    path = folder("truth_people.csv", "truth_effects.parquet", "README.txt", "LICENSE.csv",
                  ".DS_Store", "_SUCCESS", "notes.md", "stores.csv")  # fmt: skip
    assert names(find_files([path], EXCHANGE_FORMAT)) == [("stores.csv", "stores")]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sale.csv", "did you mean sales.csv?"),
        ("salesforce.csv", "did you mean sales.csv?"),
        ("zebra.csv", "tables: stores, products, people"),
        ("sales.xlsx", "export it as CSV: it must end in .csv, .tsv, .txt, .parquet"),
        ("sales.docx", "; it must end in .csv, .tsv, .txt, .parquet"),
    ],
)
def test_a_file_without_a_meaning_refuses_all(folder, name, hint):
    with pytest.raises(NoMeaning) as error:
        find_files([folder("stores.csv", name)], EXCHANGE_FORMAT)
    assert name in str(error.value)
    assert hint in str(error.value)


def test_files_without_a_meaning_can_be_passed_over(folder):
    found = find_files([folder("stores.csv", "zebra.csv")], EXCHANGE_FORMAT, skip_unknown=True)
    assert names(found) == [("stores.csv", "stores")]


def test_a_file_named_twice_is_read_once(folder):
    path = folder("stores.csv")
    assert len(find_files([path, path / "stores.csv"], EXCHANGE_FORMAT)) == 1


def test_a_path_that_is_not_there_is_told(tmp_path):
    with pytest.raises(NotFound, match="does not exist"):
        find_files([tmp_path / "nowhere"], EXCHANGE_FORMAT)


def test_the_digest_is_sha_256(folder):
    path = folder("stores.csv") / "stores.csv"
    assert digest_of(path) == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


def test_a_file_that_no_pattern_means_is_told_the_patterns(folder):
    tills = Mapping("till", (FileMapping("scontrini_*.csv", SALES, columns={}),))
    with pytest.raises(NoMeaning, match=r"its files are called scontrini_\*\.csv"):
        find_files([folder("scontrini_1.csv.gz")], tills)
