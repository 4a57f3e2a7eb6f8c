"""What likeness weighs is kept until a later run has estimated it anew."""

from tuttuno.vault import likeness_models


def test_there_is_no_model_before_the_first_full_run(vault):
    with vault.read() as con:
        assert likeness_models.last_model(con) is None


def test_a_model_takes_the_place_of_the_one_before(vault):
    with vault.begin() as con:
        likeness_models.keep_model(con, 3, '{"format": 1}')
        likeness_models.keep_model(con, 7, '{"format": 2}')
        likeness_models.keep_model(con, 8, '{"format": 2}')
    with vault.read() as con:
        assert likeness_models.last_model(con) == '{"format": 2}'
        rows = con.exec_driver_sql("select run_no from likeness_model").fetchall()
    assert [row[0] for row in rows] == [7]
