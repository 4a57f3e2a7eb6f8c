"""How ages divide over the channel classes."""

from tests.measures.scenario import Shop, asked

SHOP = Shop(
    """
    anna   2026-01-02  web    -  10.00
    anna   2026-01-03  store  -  10.00
    bruno  2026-01-09  store  -  10.00
    carla  2026-02-01  web    -   7.00
    dora   2026-02-01  web    -   7.00
    """,
    people={
        "anna": {"birth_year": 1985}, "bruno": {"birth_year": 1990}, "carla": {"birth_year": 2000}
    },
)  # fmt: skip


def found(duck, column, **ask):
    rows = asked("generations", SHOP, duck, **ask).rows
    return {(row["split"], row["part"], row["class"]): row[column] for row in rows}


def test_each_generation_is_divided_by_class(duck):
    shares = found(duck, "persons_share")
    assert shares["generation", "millennial", "both"] == 0.5
    assert shares["generation", "millennial", "store_only"] == 0.5
    assert shares["generation", "gen_z", "online_only"] == 1.0


def test_each_age_band_too(duck):
    persons = found(duck, "persons")
    assert persons["age_band", "35-44", "both"] == 1
    assert persons["age_band", "25-34", "online_only"] == 1


def test_unknown_years_are_rows_and_a_note(duck):
    assert found(duck, "persons")["generation", None, "online_only"] == 1
    (note,) = asked("generations", SHOP, duck).notes
    assert "75.0%" in note
