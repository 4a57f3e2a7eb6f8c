"""A record told apart at first sight: the vault is left as a closer look leaves it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.identity.crowds import arrived, done, many, settled
from tests.identity.shop import Shop, dice, groups, rows_of
from tests.identity.test_resolve import records, tight
from tuttuno.identity import settle as module
from tuttuno.identity.registry import IdentitySettings, default_rules
from tuttuno.vault.tables import METADATA

NAMES = st.integers(0, 11).map("r{}".format)
DONE = st.one_of(
    *[st.tuples(st.just("add"), records())] * 4,
    st.tuples(st.just("forget"), NAMES),
    st.tuples(st.sampled_from(["merge", "never"]), NAMES, NAMES),
    st.tuples(st.just("undo"), st.integers(1, 3)),
)


def state(shop):
    """Every row of every table; of a run not how many records it looked at."""
    with shop.vault.read() as con:
        rows = (sa.select(table).order_by(*table.primary_key) for table in METADATA.sorted_tables)
        return [list(map(_told, con.execute(chosen).mappings())) for chosen in rows]


def _told(row):
    told = dict(row)
    if "metrics" in told:
        told["metrics"] = {n: count for n, count in told["metrics"].items() if n != "records"}
        del told["check"]
    return told


@pytest.fixture
def looked_closer(monkeypatch):
    """The records that took more than a look."""
    found, closer = [], module.read_around

    def noted(con, chosen, numbers):
        found.append(numbers.tolist())
        return closer(con, chosen, numbers)

    monkeypatch.setattr(module, "read_around", noted)
    return found


@settings(deadline=None, max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(acts=st.lists(DONE, max_size=16), narrow=st.booleans())
def test_the_vault_is_the_same_after_a_look_as_after_a_run(tmp_path_factory, acts, narrow):
    folder = tmp_path_factory.mktemp("vaults")
    look, run = Shop(folder / "look.sqlite"), Shop(folder / "run.sqlite")
    if narrow:
        look.settings = run.settings = tight(likeness=True)
    for what in acts:
        done(look, what, add=arrived)
        done(run, what, add=settled)
    assert state(look) == state(run)
    for shop in (look, run):
        shop.vault.close()


def test_whoever_shares_nothing_and_whoever_is_one_persons_take_no_more_than_a_look(
    shop, looked_closer
):
    shop.arrive(rows_of("a | Anna Rossi | 1980-05-07 | email:anna@posta.it at:Via Roma 1, 50121"))
    shop.arrive(rows_of("b | ANNA ROSSI | - | email:anna@posta.it card:77"))
    shop.arrive(rows_of("c | - | - | card:77"))
    shop.arrive(rows_of("n | Anna | - | email:anna@posta.it"))
    shop.arrive(rows_of("d | Anna Rossi | - | at:V. Roma 1, 50121"))
    shop.arrive(rows_of("e | Marco Verdi | - | card:88"))
    shop.arrive(rows_of("f | - | - | phone:3401000001"))
    shop.arrive(rows_of("g | Marco Verdi | - | card:88 phone:3401000001"))
    assert looked_closer == []
    assert shop.ids() == {"a": 1, "b": 1, "c": 1, "n": 1, "d": 1, "e": 2, "f": 2, "g": 2}


def test_whoever_shares_a_value_only_with_people_who_contradict_them_stays_beside(
    shop, looked_closer
):
    shop.keep(
        """
        anna_web   | Anna Rossi  | - | phone:3401000001 email:anna@posta.it
        anna_card  | Anna Rossi  | - | phone:3401000001 card:77
        marco_web  | Marco Rossi | - | phone:3401000001 email:marco@posta.it
        marco_card | Marco Rossi | - | phone:3401000001 card:88
        """
    )
    shop.resolve()
    shop.arrive(rows_of("anna | ANNA ROSSI | - | email:anna@posta.it"))
    shop.arrive(rows_of("till | - | - | card:88"))
    assert looked_closer == []
    hers, his = groups("anna anna_web anna_card", "till marco_web marco_card")
    assert shop.persons() == {hers, his}


@pytest.mark.parametrize(
    ("comes", "hers"),
    [
        ("new | Anna Rossi | - | phone:3401000001", "anna_web anna_card new"),
        ("new | Dora Verdi | - | phone:3401000001", "anna_web anna_card"),
    ],
)
def test_whoever_brings_a_households_value_leaves_the_others_as_they_are(
    shop, looked_closer, comes, hers
):
    shop.keep(
        """
        anna_web   | Anna Rossi  | - | phone:3401000001 email:anna@posta.it
        anna_card  | Anna Rossi  | - | phone:3401000001 card:77
        marco_web  | Marco Rossi | - | phone:3401000001 email:marco@posta.it
        """
    )
    shop.resolve()
    shop.arrive(rows_of(comes))
    assert looked_closer == []
    assert shop.persons() >= groups(hers, "marco_web")


@pytest.mark.parametrize(
    "second",
    [
        pytest.param("Marco Rossi | 1980-05-07 | email:anna@posta.it", id="another name, one day"),
        pytest.param("Marco Rossi | - | email:anna@posta.it phone:3401000001", id="two values"),
        pytest.param("Anna Bianchi | - | email:anna@posta.it", id="another family name"),
        pytest.param("Anna Rossi | 1990-01-02 | email:anna@posta.it", id="another birth date"),
        pytest.param("Anna | - | phone:3401000001", id="half a name on a phone"),
        pytest.param("- | 1980-05-07 | email:anna@posta.it", id="a birth date alone"),
        pytest.param("- | - | device:d1", id="no name on a device"),
        pytest.param("Anna | - | device:d1 email:anna@posta.it", id="half a name on a device"),
        pytest.param("Anna Rossi | - | email:anna@posta.it tax:RSSMRA85T10A562S", id="tax codes"),
    ],
)
def test_whatever_could_be_doubted_takes_more_than_a_look(shop, looked_closer, second):
    tax, said = "RCCMNL83S18D969H", "email:anna@posta.it phone:3401000001 device:d1"
    shop.arrive(rows_of(f"a | Anna Rossi | 1980-05-07 | {said} tax:{tax}"))
    shop.arrive(rows_of(f"b | {second}"))
    assert looked_closer == [[2]]


@pytest.mark.parametrize(
    ("there", "comes"),
    [
        pytest.param(
            """
            anna  | Anna Rossi  | - | phone:3401000001 email:anna@posta.it
            marco | Marco Rossi | - | phone:3401000001
            short | Anna        | - | phone:3401000001
            """,
            "new | Anna Rossi | - | email:anna@posta.it",
            id="a name that fits two",
        ),
        pytest.param(
            """
            anna  | Anna Rossi   | - | email:casa@posta.it phone:3401000001
            marco | Marco Rossi  | - | email:casa@posta.it
            wed   | Anna Bianchi | - | email:casa@posta.it
            """,
            "new | Anna Rossi | - | phone:3401000001",
            id="a marriage",
        ),
        pytest.param(
            """
            father | Mario Rossi | 1950-04-01 | email:casa@posta.it phone:3401000001
            son    | Mario Rossi | 1980-09-12 | email:casa@posta.it
            """,
            "new | Mario Rossi | 1950-04-01 | phone:3401000001",
            id="a pair that is doubted",
        ),
        pytest.param(
            """
            anna  | Anna Rossi  | - | card:77 email:anna@posta.it
            marco | Marco Rossi | - | card:77
            dora  | Dora Rossi  | - | card:77
            """,
            "new | Anna Rossi | - | email:anna@posta.it",
            id="more people than a household has",
        ),
        pytest.param(
            """
            anna  | Anna Rossi  | - | card:77
            marco | Marco Rossi | - | card:77
            """,
            "new | Dora Verdi | - | card:77",
            id="one more than a household has",
        ),
        pytest.param(
            """
            anna | Anna Rossi  | - | phone:3401000001
            half | Anna        | - | phone:3401000001
            """,
            "new | Marco Rossi | - | phone:3401000001",
            id="half a name that was hers as long as the phone was",
        ),
    ],
)
def test_whoever_stands_beside_a_disputed_value_takes_more_than_a_look(
    shop, looked_closer, there, comes
):
    shop.keep(there)
    shop.resolve()
    shop.arrive(rows_of(comes))
    assert len(looked_closer) == 1


def test_half_a_name_that_a_households_card_ties_is_not_left_behind(shop, looked_closer):
    rules = default_rules()
    rules["loyalty_card"] = replace(rules["loyalty_card"], max_persons=4)
    shop.settings = IdentitySettings(rules=rules)
    shop.keep(
        """
        anna  | Anna Rossi  | - | card:77 email:anna@posta.it
        marco | Marco Rossi | - | card:77
        short | Anna        | - | card:77
        """
    )
    shop.resolve()
    shop.arrive(rows_of("new | Anna Rossi | - | email:anna@posta.it"))
    assert looked_closer == [[4]]
    assert shop.persons() == groups("anna short new", "marco")


def test_many_at_once_are_as_one_after_the_other(tmp_path):
    rows = many(seed=5, size=60)
    rows += [row | {"values": []} for row in rows[:5]]
    dice(6).shuffle(rows)
    together, single = Shop(tmp_path / "a.sqlite"), Shop(tmp_path / "b.sqlite")
    done = together.arrive(rows)
    latest = {row["name"]: row for row in rows}
    for row in latest.values():
        single.arrive([row])
    assert len(done) == len(latest)
    assert together.ids() == single.ids()
    assert together.resolve(full=True).metrics["moved"] == 0
    for shop in (together, single):
        shop.vault.close()


def test_a_record_that_is_there_already_is_replaced(shop):
    shop.arrive(rows_of("a | - | - | card:77\nb | - | - | card:77\nc | - | - | card:88"))
    receipts = shop.arrive(rows_of("d | - | - | card:88\nb | - | - | card:88"))
    assert [receipt.moved for receipt in receipts] == [1, 1]
    assert shop.ids() == {"a": 1, "b": 2, "c": 2, "d": 2}
