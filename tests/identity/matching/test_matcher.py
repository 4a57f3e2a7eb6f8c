"""Who is put together with whom, on made-up people."""

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.matching.crowd import COLUMNS, crowd
from tuttuno.identity.matching import blocks
from tuttuno.identity.matching.blocks import enough_pairs
from tuttuno.identity.matching.matcher import EDGE, FellegiSunter, MatchSettings, persons_of
from tuttuno.identity.matching.prepare import prepare
from tuttuno.identity.matching.quality import quality_of


def score(table, truth):
    return quality_of(persons_of(table), np.array(truth))


def same(*rows, columns=("given_name", "family_name", "birth_date")):
    """Whether the last rows are one person in a crowd of others."""
    others, _ = crowd(120, 2)
    schema = pa.schema([(name, pa.string()) for name in columns])
    mine = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)
    found = persons_of(pa.concat_tables([others.select(columns), mine]))
    return len(set(found[-len(rows) :].tolist())) == 1


def test_people_with_mistakes_in_their_records_are_found():
    found = score(*crowd(200, 3))
    assert found.precision >= 0.998
    assert found.recall >= 0.98


def test_a_file_without_anybody_twice_stays_as_it_is():
    assert score(*crowd(400, 1)).persons == 400


def test_a_small_file_is_put_together_as_well():
    found = score(*crowd(12, 4))
    assert (found.precision, found.recall) == (1, 1)


def test_a_file_of_one_person_is_one_person():
    table, _ = crowd(1, 1)
    assert set(persons_of(pa.concat_tables([table] * 40)).tolist()) == {0}


def test_the_order_of_records_makes_no_difference():
    table, _ = crowd(60, 3)
    order = np.random.default_rng(1).permutation(table.num_rows)
    before = persons_of(table)
    after = persons_of(table.take(pa.array(order)))
    assert len(set(zip(before[order].tolist(), after.tolist(), strict=True))) == len(set(before))


def test_columns_may_stand_in_any_order():
    table, _ = crowd(60, 3)
    assert persons_of(table.select(COLUMNS[::-1])).tolist() == persons_of(table).tolist()


@pytest.mark.parametrize("column", COLUMNS)
def test_one_column_alone_is_enough_to_run(column):
    table, truth = crowd(100, 2)
    assert quality_of(persons_of(table.select([column])), np.array(truth)).records == 200


def test_empty_records_are_nobody_s():
    blank = pa.table({name: pa.nulls(5, pa.string()) for name in COLUMNS})
    assert persons_of(blank).tolist() == [0, 1, 2, 3, 4]


def test_no_records_are_no_persons():
    assert len(persons_of(crowd(0, 0)[0])) == 0


def test_two_who_say_no_more_than_one_given_name_are_not_one():
    assert not same(("MARIA", None, None), ("MARIA", None, None))


def test_accents_particles_short_forms_and_swapped_fields_are_one_name():
    assert same(("Niccolò", "D'Angelo Sforza", "1971-03-05"), ("Dangelo sforza", "NICCOLO", None))
    assert same(("Giuseppe", "De Marinis", "1971-03-05"), ("Beppe", "DEMARINIS", "1971-03-05"))


def test_day_and_month_in_each_other_s_place_are_one_date():
    assert same(("Ivo", "Zamboni", "1971-03-05"), ("Ivo", "Zamboni", "05/03/1971"))


def test_members_of_a_household_are_not_one():
    table, truth = crowd(120, 2)
    shared = ("family_name", "address", "postal_code", "phone")
    rows = table.to_pylist()
    for home in range(0, 40, 2):  # every second of the first forty lives with the one before
        for number, row in enumerate(rows):
            if truth[number] == home + 1:
                row.update({name: rows[home * 2][name] for name in shared} | {"email": None})
                row["given_name"] = ("OTTAVIO", "SILVANA", "URBANO")[home % 3]
    found = score(pa.Table.from_pylist(rows, table.schema), truth)
    assert found.precision >= 0.99
    assert found.recall >= 0.9


def test_a_phone_on_many_records_joins_nobody():
    table, truth = crowd(200, 1)
    shop = pa.array(["+39 055 7654321"] * 200)
    shared = table.set_column(table.column_names.index("phone"), "phone", shop)
    assert score(shared, truth).persons == 200


def test_an_e_mail_alone_ties_a_newsletter_to_the_person():
    columns = ("given_name", "family_name", "email")
    row = ("Ivo", "Zamboni", "ivo.zamboni44@posta.example")
    assert same(row, (None, None, row[2]), columns=columns)


def test_two_valid_tax_codes_are_two_people():
    columns = ("given_name", "family_name", "birth_date", "tax_code")
    table, _ = crowd(60, 2)
    table = table.append_column("tax_code", pa.nulls(120, pa.string())).select(columns)
    schema = pa.schema([(name, pa.string()) for name in columns])
    twins = pa.Table.from_pylist(
        [
            dict(zip(columns, ("Ivo", "Rossi", "1980-01-31", "RSSVIO80A31H501F"), strict=True)),
            dict(zip(columns, ("Ivo", "Rossi", "1980-01-31", "RSSVIO80A31F205I"), strict=True)),
        ],
        schema,
    )
    found = persons_of(pa.concat_tables([table, twins]))
    assert found[-1] != found[-2]


def test_every_edge_comes_with_the_sum_that_makes_its_weight():
    table, _ = crowd(80, 2)
    edges = FellegiSunter().edges(table)
    assert edges.schema == EDGE
    assert edges.num_rows > 80
    for edge in edges.to_pylist():
        assert edge["a"] < edge["b"]
        assert sum(bits for _, bits in edge["evidence"]) == pytest.approx(edge["weight"], abs=1e-4)


def test_the_configuration_has_one_name_that_changes_with_it():
    assert MatchSettings().hash == MatchSettings().hash
    assert MatchSettings(caps=(2, 2, 2)).hash != MatchSettings().hash


def families(*, born):
    """Two records each of the members of households; in every 25th, father and son of a name."""
    people, truth = crowd(300, 1, seed=8)
    rows = []
    for number, head in enumerate(people.to_pylist()):
        home = {name: head[name] for name in ("family_name", "address", "postal_code")}
        son = head["given_name"] if number % 25 == 0 else f"FIGLIO{chr(65 + number % 26)}"
        sides = [
            (head["given_name"], head["birth_date"]),
            (son, f"19{number % 40 + 50}-{number % 12 + 1:02d}-{number % 26 + 2:02d}"),
        ]
        for given, day in sides:
            person = {**home, "given_name": given, "birth_date": day if born else None}
            rows += [person, {**person, "postal_code": None}]
    columns = [name for name in rows[0] if born or name != "birth_date"]
    table = pa.table({name: [row[name] for row in rows] for name in columns})
    return table, [place // 2 for place in range(len(rows))], len(truth)


def test_father_and_son_of_one_name_at_one_address_are_two_by_their_birth_dates():
    table, truth, _ = families(born=True)
    assert quality_of(persons_of(table), np.array(truth)).precision >= 0.99


def test_twins_are_two_where_nobody_is_twice():
    table, _, homes = families(born=True)
    rows = table.to_pylist()[::2]  # one record of each
    for home in range(3, homes, 60):  # the second of these was born with the first
        rows[2 * home + 1]["birth_date"] = rows[2 * home]["birth_date"]
    found = persons_of(pa.Table.from_pylist(rows))
    assert found.tolist() == list(range(len(rows)))


def test_a_family_of_a_file_without_birth_dates_is_not_one_person():
    table, truth, homes = families(born=False)
    quality = quality_of(persons_of(table), np.array(truth))
    assert quality.largest <= 4  # father and son of one name cannot be told apart
    assert quality.persons >= 1.8 * homes


def test_a_crowd_of_few_names_is_compared_with_smaller_blocks(monkeypatch):
    table, _ = crowd(400, 2)
    atoms = prepare(table).atoms
    whole = len(enough_pairs(atoms, table.num_rows)[0])
    monkeypatch.setattr(blocks, "ENOUGH", whole // 2)
    monkeypatch.setattr(blocks, "ENOUGH_EACH", 0)
    assert 0 < len(enough_pairs(atoms, table.num_rows)[0]) <= whole // 2


def test_junior_and_senior_are_two_whatever_else_agrees():
    assert not same(
        ("David", "Dobbins Jr", "1980-02-03"), ("David", "Dobbins Senior", "1980-02-03")
    )
    assert not same(("Morris I", "Klein", "1980-02-03"), ("Morris II", "Klein", "1980-02-03"))
    assert same(("David", "Dobbins Jr", "1980-02-03"), ("David", "Dobbins", "1980-02-03"))
