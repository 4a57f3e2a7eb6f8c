import numpy as np
import pyarrow as pa
from stdnum.it import codicefiscale

from tuttuno.demo.taxcode import codes, family_part, given_part


def test_every_tax_code_passes_the_official_check(retailer):
    found = [
        row[0] for row in retailer.ask("select tax_code from people where tax_code is not null")
    ]
    assert len(found) > 1_000
    assert [code for code in found if not codicefiscale.is_valid(code)] == []


def test_a_tax_code_tells_birth_day_and_sex_of_its_owner(retailer):
    rows = retailer.ask("""select tax_code, birth_date, gender from people
        where tax_code is not null and birth_date > '1900-01-01' limit 500""")
    assert all(codicefiscale.get_birth_date(code, minyear=1930) == born for code, born, _ in rows)
    assert all(
        {"F": "female", "M": "male"}[codicefiscale.get_gender(code)] == sex for code, _, sex in rows
    )


def test_the_classical_example_of_the_decree_comes_out():
    born = (np.datetime64("1980-01-01") - np.datetime64("1970-01-01")).astype(np.int64)
    names = (pa.array([family_part("Rossi")]), pa.array([given_part("Mario")]))
    code = codes(names, np.array([born]), np.array([0]), pa.array(["H501"]))
    assert code.to_pylist() == ["RSSMRA80A01H501U"]


def test_a_given_name_of_four_consonants_drops_the_second():
    assert [given_part(name) for name in ("Gianfranco", "Luca", "Io")] == ["GFR", "LCU", "IOX"]
