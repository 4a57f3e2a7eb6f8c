"""The queue of the steward: each outcome stands in it once, by the pair most in doubt."""

import pyarrow as pa
import pytest

from tests.identity.shop import Shop, key
from tuttuno.tasks.review import review
from tuttuno.vault.edges import clear_edges, put_edges
from tuttuno.vault.records import record_states

TWO = """
    shop  | Anna Rossi   | - | email:anna.rossi@posta.it
    card  | Anna Rossi   | - | email:anna.rossi@posta.it
    crm   | Anna Bianchi | - | email:anna.bianchi@posta.it
    other | Luca Verdi   | - | email:luca@posta.it
"""


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path / "vault.sqlite")
    shop.keep(TWO)
    shop.resolve()
    yield shop
    shop.vault.close()


def doubt(shop, *pairs):
    """Put pairs of records in doubt: `(one, other, weight)`."""
    names = [name for one, other, _ in pairs for name in (one, other)]
    with shop.vault.begin() as con:
        rows = record_states(con, pa.array([key(name) for name in names])).to_pylist()
        number = {row["record_key"]: row["record_no"] for row in rows}
        ends = [sorted((number[key(one)], number[key(other)])) for one, other, _ in pairs]
        count = len(pairs)
        clear_edges(con)
        put_edges(con, pa.table({
            "a": [low for low, _ in ends], "b": [high for _, high in ends],
            "kind": ["doubt"] * count, "weight": [weight for _, _, weight in pairs],
            "evidence": pa.nulls(count, pa.string()), "run": [1] * count,
        }))  # fmt: skip


def queue(shop):
    total, found = review(shop.vault, None)
    return total, [({one.one.record_key, one.other.record_key}, one.more) for one in found]


def test_pairs_of_the_same_two_persons_are_one_entry_by_the_pair_most_in_doubt(shop):
    doubt(shop, ("shop", "crm", -3.0), ("card", "crm", -1.0), ("other", "crm", -5.0))
    assert queue(shop) == (
        2,
        [({key("card"), key("crm")}, 1), ({key("other"), key("crm")}, 0)],
    )


def test_a_decision_on_two_persons_takes_all_their_pairs_from_the_queue(shop):
    doubt(shop, ("shop", "crm", -3.0), ("card", "crm", -1.0))
    shop.never("card", "crm")
    doubt(shop, ("shop", "crm", -3.0), ("card", "crm", -1.0))
    assert queue(shop) == (0, [])


def test_a_person_joined_on_little_stands_there_once(shop):
    doubt(shop, ("shop", "card", 1.0))
    assert queue(shop) == (1, [({key("shop"), key("card")}, 0)])
