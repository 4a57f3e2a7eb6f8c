"""Stewards: what they decide holds at once, through every rebuild, and can be taken back whole."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.identity.shop import NOW, Shop, dice, groups, key
from tests.identity.test_resolve import records, tight
from tuttuno.identity.explain import explain, explain_pair
from tuttuno.identity.explanation import Refusal
from tuttuno.identity.registry import IdentitySettings, default_rules
from tuttuno.identity.steward import Refused
from tuttuno.vault.decisions import Verdict, decide, decisions
from tuttuno.vault.person_events import events_of
from tuttuno.vault.persons import PersonStatus, person_of
from tuttuno.vault.tables import METADATA

FAMILY = """
    card  | Anna Rossi  | - | card:770012345
    web   | Anna Rossi  | - | card:770012345 email:anna.rossi@posta.it
    news  | -           | - | email:anna.rossi@posta.it
    app   | Marco Verdi | - | phone:3401000001
    guest | Marco Verdi | - | phone:3401000001 email:marco@posta.it
"""

#: Logs, which only grow, and numbers that are never given twice.
GROWING = {"person_event", "audit", "run", "counter"}


def state(shop):
    """The vault's whole state, apart from its logs."""
    found = {}
    with shop.vault.read() as con:
        for table in METADATA.sorted_tables:
            if table.name in GROWING:
                continue
            wanted = sa.select(table)
            if table.name == "membership":
                now = table.c.until_run.is_(None)
                wanted = sa.select(table.c.record_no, table.c.person_id).where(now)
            if table.name == "decision":
                columns = [c for c in table.c if c.name not in {"change", "check"}]
                wanted = sa.select(*columns).where(table.c.revoked_at.is_(None))
            if table.name == "edge":
                wanted = sa.select(table.c["a", "b", "kind", "weight", "evidence"])
            found[table.name] = sorted(map(repr, con.execute(wanted)))
    return found


def without_later_aliases(found, before):
    """Leave out ids that a split had made: they were given, so they lead to her for ever."""
    later = [row for row in found["person"] if row not in before["person"]]
    assert all("'merged'" in row for row in later)
    return {**found, "person": [row for row in found["person"] if row not in later]}


def held(shop):
    """The decisions that hold and whether the persons keep to them."""
    ids = {key(name): person for name, person in shop.ids().items()}
    with shop.vault.read() as con:
        return [
            (ids[one.a_key] == ids[one.b_key]) == (one.verdict is Verdict.MUST)
            for one in decisions(con)
        ]


@pytest.fixture
def family(shop):
    shop.keep(FAMILY)
    shop.resolve()
    return shop


def test_a_merge_joins_two_whole_persons_at_once_whatever_their_names(family):
    act = family.merge("card", "guest")
    assert family.persons() == groups("card web news app guest")
    assert act.persons == (1,)
    with family.vault.read() as con:
        assert person_of(con, 2).merged_into == 1
        told = [event.cause for event in events_of(con, [2]) if event.kind == "aliased"]
    assert told == ["decision 1"]


def test_who_decided_when_and_why_is_kept(family):
    family.merge("card", "guest", reason="she took his name")
    with family.vault.read() as con:
        (one,) = decisions(con)
    assert (one.author, one.reason, one.at) == ("anna", "she took his name", NOW)


def test_taking_a_merge_back_gives_each_her_id_and_all_that_hung_on_it(family):
    before = state(family)
    act = family.merge("card", "guest")
    assert state(family) != before
    family.undo(act.decision)
    assert state(family) == before


def test_the_smaller_person_has_her_id_again_when_a_merge_is_taken_back(shop):
    shop.keep("old | Anna Rossi | - | card:7701")
    shop.resolve()
    shop.keep("a | Marco Verdi | - | card:88\nb | Marco Verdi | - | card:88\nc | - | - | card:88")
    shop.resolve()
    before = shop.ids()
    act = shop.merge("old", "a")
    assert set(shop.ids().values()) == {2}
    shop.undo(act.decision)
    assert shop.ids() == before == {"old": 1, "a": 2, "b": 2, "c": 2}


def test_merges_are_taken_back_in_any_order(shop):
    names = "abcd"
    shop.keep("\n".join(f"{name} | - | - | card:77{at}" for at, name in enumerate(names)))
    shop.resolve()
    acts = [shop.merge(one, "a") for one in "bcd"]
    shop.undo(acts[0].decision)
    assert shop.ids() == {"a": 1, "b": 2, "c": 1, "d": 1}
    shop.undo(acts[2].decision)
    shop.undo(acts[1].decision)
    assert shop.ids() == {"a": 1, "b": 2, "c": 3, "d": 4}


def test_merges_of_merges_are_taken_back_one_after_the_other(shop):
    shop.keep("a | - | - | card:71\nb | - | - | card:72\nc | - | - | card:73")
    shop.resolve()
    before = state(shop)
    first, second = shop.merge("b", "c"), shop.merge("b", "a")
    assert set(shop.ids().values()) == {2}
    shop.undo(second.decision)
    assert shop.ids() == {"a": 1, "b": 2, "c": 2}
    shop.undo(first.decision)
    assert state(shop) == before


def test_a_split_holds_the_records_together_that_hung_on_the_other_side(family):
    family.keep("more | - | - | email:anna.rossi@posta.it")
    family.resolve()
    family.split("news", "more")
    assert family.persons() == groups("card web", "news more", "app guest")


def test_people_who_never_merge_stay_apart_whatever_they_share_later(family):
    family.never("card", "app")
    family.keep("new | - | - | card:770012345 phone:3401000001")
    family.resolve()
    assert family.persons() == groups("card web news new", "app guest")


def test_two_records_of_one_person_can_be_kept_apart(family):
    family.never("web", "news")
    assert family.persons() == groups("card web", "news", "app guest")


def test_a_record_cannot_be_kept_apart_from_itself(family):
    with pytest.raises(Refused, match="apart from itself"):
        family.never("web", "web")


def test_a_later_decision_takes_the_place_of_an_earlier_one_and_gives_it_back(family):
    apart = family.never("card", "app")
    before = state(family)
    act = family.merge("news", "guest")
    assert family.persons() == groups("card web news app guest")
    family.undo(act.decision)
    assert state(family) == before
    family.undo(apart.decision)
    with family.vault.read() as con:
        assert decisions(con) == []


def test_decisions_that_say_the_opposite_by_a_chain_are_refused_and_change_nothing(shop):
    shop.keep("a | - | - | card:71\nb | - | - | card:72\nc | - | - | card:73")
    shop.resolve()
    for one, other in ("ab", "bc"):
        shop.merge(one, other)
    before = state(shop)
    with pytest.raises(Refused, match="opposite"):
        shop.never("a", "c")
    assert state(shop) == before


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda shop: shop.merge("card", "web"), "one person already"),
        (lambda shop: shop.split("card", "web", "news"), "nothing would be parted"),
        (lambda shop: shop.split("card", "app"), "is not hers"),
    ],
)
def test_an_act_that_says_nothing_is_refused(family, act, told):
    with pytest.raises(Refused, match=told):
        act(family)


def test_a_decision_that_holds_no_more_cannot_be_taken_back_twice(family):
    act = family.merge("card", "app")
    family.undo(act.decision)
    with pytest.raises(Refused, match="holds no more"):
        family.undo(act.decision)


def test_a_decision_is_told_as_the_reason(family):
    family.merge("card", "guest")
    found = explain_pair(family.vault, key("card"), key("guest"), settings=family.settings)
    assert [(tie.kind, tie.text) for tie in found.ties] == [("steward", "decided by a person")]
    family.never("web", "news")
    told = explain(family.vault, family.ids()["news"], settings=family.settings)
    assert [one.reason for one in told.refused] == [Refusal.DECIDED]


def test_a_build_keeps_what_was_settled_and_moves_nobody(family):
    family.merge("card", "guest")
    family.split("news")
    before = family.ids()
    assert family.resolve().metrics["moved"] == 0
    assert family.resolve(full=True).metrics["moved"] == 0
    assert family.ids() == before


def test_forgetting_who_stood_between_two_looks_at_both_again(shop):
    shop.keep("a | - | - | card:71\nb | - | - | card:72\nc | - | - | card:73")
    shop.resolve()
    shop.merge("a", "b")
    shop.merge("b", "c")
    shop.forget("b")
    shop.resolve()
    assert shop.persons() == groups("a", "c")
    assert shop.ids()["c"] == 3


def crowd(seed, size=40):
    """Records that share values at random, and decisions on pairs of them that can hold."""
    draw = dice(seed)
    names = [("Anna", "Rossi"), ("Marco", "Rossi"), ("Anna", "Bianchi"), (None, None)]
    rows = []
    for at in range(size):
        given, family = draw.choice(names)
        values = [["email", f"e{draw.randrange(size // 2)}@posta.it"]]
        values += [["phone", f"34010{draw.randrange(size // 2):05}"]] * draw.randrange(2)
        rows.append(
            {"name": f"r{at}", "given_name": given, "family_name": family, "values": values}
        )
    return rows


def decided_crowd(shop, seed):
    shop.keep_rows(crowd(seed))
    shop.resolve()
    draw = dice(seed + 1)
    for verb in [shop.merge, shop.never, shop.merge, shop.split, shop.merge, shop.never] * 2:
        ids = shop.ids()
        one, other = draw.sample(sorted(ids), 2)
        if verb == shop.split:
            if list(ids.values()).count(ids[one]) > 1:
                verb(one)
        elif ids[one] != ids[other]:
            verb(one, other)


def test_a_split_taken_back_leaves_the_id_it_made_as_an_alias(family):
    act = family.split("news")
    assert family.ids()["news"] == 3
    family.undo(act.decision)
    assert family.persons() == groups("card web news", "app guest")
    with family.vault.read() as con:
        assert person_of(con, 3).merged_into == 1
    family.split("news")
    assert family.ids()["news"] == 3


def test_every_decision_survives_twenty_shuffled_runs_and_another_configuration(tmp_path):
    first = Shop(tmp_path / "first.sqlite")
    decided_crowd(first, seed=3)
    with first.vault.read() as con:
        said = decisions(con)
    assert len(said) > 10
    draw = dice(5)
    for turn in range(20):
        shop = Shop(tmp_path / f"{turn}.sqlite")
        rows = crowd(3)
        draw.shuffle(rows)
        shop.keep_rows(rows)
        if turn % 2:
            shop.settings = other_settings(draw)
        shop.resolve()
        replay(shop, said)
        shop.resolve(full=True)
        assert held(shop) == [True] * len(said)
        shop.vault.close()
    first.settings = other_settings(draw)
    assert first.resolve().metrics["full"] is True
    assert held(first) == [True] * len(said)
    first.vault.close()


def replay(shop, said):
    with shop.vault.begin() as con:
        for one in said:
            pair = (one.a_key, one.b_key)
            decide(con, pair, one.verdict, author=one.author, reason=one.reason, at=one.at)


def other_settings(draw):
    rules = default_rules()
    rules["phone"] = replace(rules["phone"], max_persons=draw.choice([1, 2, 8]))
    rules["email"] = replace(rules["email"], merges_alone=draw.choice([True, False]))
    return IdentitySettings(rules=rules, largest_person=draw.choice([3, 10, 1000]))


ACTS = st.lists(
    st.tuples(st.sampled_from(["merge", "never"]), st.integers(0, 11), st.integers(0, 11)),
    max_size=6,
)


@settings(
    deadline=None,
    max_examples=30,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(rows=st.lists(records(), min_size=3, max_size=12, unique_by=lambda r: r["name"]), acts=ACTS)
def test_whatever_was_decided_is_taken_back_to_the_last_row(tmp_path_factory, rows, acts):
    shop = Shop(tmp_path_factory.mktemp("vaults") / "a.sqlite")
    shop.settings = tight()
    shop.keep_rows(rows)
    shop.resolve()
    made = [done for one in acts if (done := tried(shop, *one)) is not None]
    for before, decision in made[::-1]:
        shop.undo(decision)
        assert without_later_aliases(state(shop), before) == before
    shop.vault.close()


def tried(shop, verb, one, other):
    """Do it, if it says something; return the state before and the decision."""
    names = f"r{one}", f"r{other}"
    if one == other or not set(names) <= set(shop.ids()):
        return None
    before = state(shop)
    try:
        act = getattr(shop, verb)(*names)
    except Refused:
        assert state(shop) == before
        return None
    assert all(held(shop))
    ids = shop.ids()
    assert shop.resolve(full=True).metrics["moved"] == 0
    assert shop.ids() == ids
    return before, act.decision


def test_a_merged_id_is_active_again(family):
    act = family.merge("card", "guest")
    family.undo(act.decision)
    with family.vault.read() as con:
        assert person_of(con, 2).status is PersonStatus.ACTIVE
        kinds = [(one.kind, one.before, one.after, one.cause) for one in events_of(con, [1])]
    assert kinds[-1] == ("split", [1], [1, 2], "decision 1 taken back")
