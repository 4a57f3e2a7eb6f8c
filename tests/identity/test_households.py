"""Households: people of one name at one address or on one phone, and nobody joined by it."""

import pyarrow as pa
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.identity.households import LARGEST, households, keep_households
from tuttuno.vault.tables import MEMBERSHIP, PERSON

ROSSI = """
    anna  | Anna Rossi   | - | email:anna@posta.it at:Via Roma 1, 50121
    marco | Marco Rossi  | - | email:marco@posta.it at:V. Roma 1, 50121
    elena | Elena Verdi  | - | email:elena@posta.it at:Via Roma 1, 50121
    luca  | Luca Rossi   | - | email:luca@posta.it at:Via Roma 2, 50121
    carla | Carla Neri   | - | phone:3401000001
    dario | Dario Bianchi | - | phone:3401000001
"""


def found(shop, table, **options):
    shop.keep(table)
    shop.resolve()
    with shop.vault.begin() as con:
        kept = keep_households(con, max_persons=options.get("max_persons", 4))
    names = {person: name for name, person in shop.ids().items()}
    groups = {}
    rows = zip(kept.person.tolist(), kept.household.tolist(), kept.tie, strict=True)
    for person, household, tie in rows:
        groups.setdefault(household, set()).add((names[person], tie))
    assert all(
        shop.ids()[min(g, key=lambda n: shop.ids()[n[0]])[0]] == h for h, g in groups.items()
    )
    return {frozenset(group) for group in groups.values()}


def test_one_name_at_one_address_and_one_phone_are_households(shop):
    assert found(shop, ROSSI) == {
        frozenset({("anna", "address"), ("marco", "address")}),
        frozenset({("carla", "phone"), ("dario", "phone")}),
    }


def test_persons_are_what_they_were(shop):
    shop.keep(ROSSI)
    shop.resolve()

    def told():
        with shop.vault.read() as con:
            return [sorted(map(repr, con.execute(sa.select(t)))) for t in (PERSON, MEMBERSHIP)]

    before = told()
    with shop.vault.begin() as con:
        kept = keep_households(con, max_persons=4)
    assert told() == before
    assert kept.sizes() == {2: 2}


def test_a_phone_of_more_people_than_may_share_it_is_a_shops(shop):
    people = "\n".join(f"p{n} | Nome{n} Cognome{n} | - | phone:3401000001" for n in range(4))
    assert found(shop, people, max_persons=3) == set()


def test_more_people_of_one_name_than_a_household_has_are_no_household(shop):
    names = ["Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Gaia", "Hugo", "Irma"]
    crowd = [
        f"{name} | {name} Rossi | - | email:{name}@posta.it at:Via Roma 1, 50121" for name in names
    ]
    assert len(crowd) == LARGEST + 1
    assert found(shop, "\n".join(crowd[:LARGEST])) != set()
    assert found(shop, "\n".join(crowd)) == set()


def table(**columns):
    return pa.table(columns)


def plain(rows, phones):
    """Households of `(person, surname, street, moment)` and `(person, phone)`."""
    count = len(rows)
    moments = pa.array([row[3] for row in rows], pa.timestamp("us", "UTC"))
    records = table(
        record_no=pa.array(range(count), pa.int64()),
        family_name=pa.array([row[1] for row in rows], pa.string()),
        address=pa.array([row[2] for row in rows], pa.string()),
        postal_code=pa.array(["50121"] * count, pa.string()),
        created_at=moments,
        updated_at=moments,
    )
    held = table(
        record_no=records["record_no"], person_id=pa.array([row[0] for row in rows], pa.int64())
    )
    first = {row[0]: at for at, row in reversed(list(enumerate(rows)))}
    told = [(first[person], phone) for person, phone in phones if person in first]
    called = table(
        record_no=pa.array([one for one, _ in told], pa.int64()),
        value_no=pa.array([phone for _, phone in told], pa.int64()),
    )
    kept = households(records, held, called, max_persons=4)
    return dict(zip(kept.person.tolist(), kept.household.tolist(), strict=True))


def test_whoever_has_moved_lives_at_the_address_told_last():
    rows = [
        (1, "Rossi", "Via Roma 1", 1),
        (1, "Rossi", "Via Verdi 9", 2),
        (2, "Rossi", "Via Verdi 9", 1),
        (3, "Rossi", "Via Roma 1", 1),
    ]
    assert plain(rows, []) == {1: 1, 2: 1}


def test_a_chain_of_phones_that_would_make_a_crowd_ties_nobody():
    rows = [(n, f"Nome{n:c}", None, 1) for n in range(65, 65 + LARGEST + 1)]
    chain = [(65 + n, k) for n in range(LARGEST) for k in (n,)]
    chain += [(66 + n, n) for n in range(LARGEST)]
    assert plain(rows, chain) == {}
    assert len(plain(rows, chain[1:])) == LARGEST


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.sampled_from(["Rossi", "Verdi", None]),
            st.sampled_from(["Via Roma 1", "Via Verdi 9", None]),
            st.just(1),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_records_makes_no_difference_where_nobody_moved(rows, dice):
    homes = {row[0]: row for row in rows}
    rows = list(homes.values())
    mixed = dice.sample(rows, len(rows))
    assert plain(rows, []) == plain(mixed, [])


def test_nobody_lives_with_nobody(shop):
    assert found(shop, "") == set()
