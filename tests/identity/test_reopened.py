"""Whoever leaves, or refuses to be linked, leaves the others to be told apart anew."""

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.identity.shop import Shop, groups, rows_of
from tests.identity.test_resolve import BATCHES
from tuttuno.identity.registry import IdentitySettings, default_rules

#: `b` stands between the others: `a` shares a card with it, `c` a phone.
CHAIN = """
    a | Anna Rossi | - | card:77
    b | -          | - | card:77 phone:3401000001
    c | Anna Rossi | - | phone:3401000001
"""


def asking(*kinds):
    """Settings by which some kinds tie only those who do not refuse."""
    rules = default_rules()
    return IdentitySettings(
        rules=rules | {kind: replace(rules[kind], link_consent=True) for kind in kinds}
    )


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def shop(request, tmp_path):
    """A shop in a file, then one in a server."""
    server = request.param == "server"
    found = Shop(request.getfixturevalue("postgres_url") if server else tmp_path / "v.sqlite")
    yield found
    found.vault.close()


@pytest.fixture
def chain(shop):
    shop.settings = asking("loyalty_card", "phone", "residence")
    shop.arrive(rows_of(CHAIN))
    assert shop.ids() == {"a": 1, "b": 1, "c": 1}
    return shop


def test_a_record_that_is_deleted_leaves_the_others_two(chain):
    chain.forget_now("b")
    assert chain.ids() == {"a": 1, "c": 2}


def test_a_refusal_leaves_all_three_apart_and_an_agreement_joins_them_again(chain):
    chain.profiling("b", granted=False, day=1)
    assert chain.persons() == groups("a", "b", "c")
    chain.profiling("b", granted=True, day=2)
    assert chain.persons() == groups("a b c")
    assert chain.resolve(full=True).metrics["moved"] == 0


def test_the_last_word_counts_whichever_comes_in_last(chain):
    chain.profiling("b", granted=True, day=2)
    chain.profiling("b", granted=False, day=1)
    assert chain.persons() == groups("a b c")


def test_who_refuses_is_tied_by_nothing_that_comes_later(chain):
    chain.profiling("b", granted=False, day=1)
    chain.arrive(rows_of("d | - | - | card:77\ne | - | - | phone:3401000001 email:e@posta.it"))
    assert chain.persons() == groups("a d", "b", "c e")


def test_a_refusal_concerns_only_the_kinds_that_ask(shop):
    shop.settings = asking("phone")
    shop.arrive(rows_of(CHAIN))
    shop.profiling("b", granted=False, day=1)
    assert shop.persons() == groups("a b", "c")


def test_a_steward_stands_above_a_refusal(chain):
    chain.profiling("b", granted=False, day=1)
    chain.merge("a", "b")
    assert chain.persons() == groups("a b", "c")


def test_a_build_finds_a_refusal_that_nobody_settled(shop):
    shop.settings = IdentitySettings()
    shop.arrive(rows_of(CHAIN))
    shop.profiling("b", granted=False, day=1)
    assert shop.persons() == groups("a b c")
    shop.settings = asking("loyalty_card", "phone", "residence")
    shop.resolve()
    assert shop.persons() == groups("a", "b", "c")


@settings(deadline=None, max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(batches=BATCHES, said=st.lists(st.tuples(st.integers(0, 11), st.booleans()), max_size=5))
def test_one_word_after_the_other_ends_where_a_whole_run_ends(tmp_path_factory, batches, said):
    shop = Shop(tmp_path_factory.mktemp("vaults") / "step.sqlite")
    shop.settings = asking("email", "phone", "residence", "device")
    for batch in batches:
        shop.arrive(batch)
        for day, (number, granted) in enumerate(said):
            shop.profiling(f"r{number}", granted=granted, day=day)
    settled = shop.persons()
    shop.resolve(full=True)
    assert shop.persons() == settled
    shop.vault.close()
