"""One record at a time: whoever it touches is told apart at once, and as a whole run would."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.identity.crowds import Crew, agreement, many, partition, replayed
from tests.identity.shop import Shop, dice, groups, rows_of
from tests.identity.test_resolve import BATCHES, tight
from tuttuno.identity import resolve as module
from tuttuno.vault.person_events import events_of
from tuttuno.vault.runs import last_run


def test_a_record_that_comes_is_somebody_at_once(shop):
    shop.keep("a | Anna Rossi | - | card:77")
    shop.resolve()
    settled = shop.settle_rows(rows_of("b | Anna Rossi | - | card:77 email:anna@posta.it"))
    assert shop.ids() == {"a": 1, "b": 1}
    assert (settled.records, settled.moved) == (2, 1)
    shop.settle_rows(rows_of("c | Marco Verdi | - | card:88"))
    assert shop.ids() == {"a": 1, "b": 1, "c": 2}


def test_a_record_that_changes_leaves_whom_it_no_longer_belongs_to(shop):
    shop.settle_rows(rows_of("a | - | - | card:77\nb | - | - | card:77"))
    shop.settle_rows(rows_of("b | - | - | phone:3401000001"))
    assert shop.persons() == groups("a", "b")


def test_a_record_between_two_persons_makes_them_one_and_gives_them_back_when_it_goes(shop):
    shop.settle_rows(rows_of("a | - | - | card:77\nb | - | - | phone:3401000001"))
    shop.settle_rows(rows_of("c | - | - | card:77 phone:3401000001"))
    assert set(shop.ids().values()) == {1}
    shop.forget_now("c")
    assert shop.ids() == {"a": 1, "b": 2}
    with shop.vault.read() as con:
        kinds = [event.kind.value for event in events_of(con, [1, 2])]
    assert kinds == ["created", "merged", "aliased", "split"]


def test_nobody_else_is_looked_at(shop):
    shop.keep_rows(many(seed=1, size=200))
    shop.resolve()
    settled = shop.settle_rows(rows_of("new | Dora Neri | - | card:990011"))
    assert settled.records == 1


def test_the_next_build_finds_nothing_to_move(shop):
    shop.keep_rows(many(seed=2, size=60))
    shop.resolve()
    for row in many(seed=3, size=20):
        shop.settle_rows([row | {"name": f"new {row['name']}"}])
    assert shop.resolve().metrics["moved"] == 0


def test_a_change_before_the_first_build_leaves_all_to_it(shop):
    shop.keep("a | Anna Rossi | - | card:77\nfar | Marco Verdi | - | card:88")
    shop.settle_rows(rows_of("b | Anna Rossi | - | card:77"))
    assert shop.ids() == {"a": 1, "b": 1}
    run = shop.resolve()
    assert run.metrics["full"] is True
    assert shop.persons() == groups("a b", "far")


def test_a_build_that_was_overtaken_reads_once_more(shop, monkeypatch):
    shop.keep("a | Anna Rossi | - | card:77\nb | Marco Verdi | - | card:88")
    read, calls = module.read_all, []

    def interrupted(con, chosen, *, full, **how):
        found = read(con, chosen, full=full, **how)
        calls.append(full)
        if len(calls) == 1:
            con.rollback()
            shop.settle_rows(rows_of("c | Anna Rossi | - | card:77"))
        return found

    monkeypatch.setattr(module, "read_all", interrupted)
    shop.resolve()
    assert len(calls) == 2
    assert shop.persons() == groups("a c", "b")
    with shop.vault.read() as con:
        assert last_run(con).run_no == 2


@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(batches=BATCHES, gone=st.sets(st.integers(0, 11), max_size=3))
def test_one_by_one_ends_where_a_whole_run_ends(tmp_path_factory, batches, gone):
    folder = tmp_path_factory.mktemp("vaults")
    step, whole = Shop(folder / "a.sqlite"), Shop(folder / "b.sqlite")
    step.settings = whole.settings = tight()
    for batch in batches:
        whole.keep_rows(batch)
        for row in batch:
            step.settle_rows([row])
    for shop in (step, whole):
        for number in gone:
            (shop.forget_now if shop is step else shop.forget)(f"r{number}")
    whole.resolve(full=True)
    assert step.persons() == whole.persons()
    step.vault.close()
    whole.vault.close()


def test_a_crowd_one_by_one_in_random_order_is_the_crowd_of_a_whole_run(tmp_path):
    rows = many(seed=11, size=400)
    whole = Shop(tmp_path / "whole.sqlite")
    whole.keep_rows(rows)
    whole.resolve()
    step = Shop(tmp_path / "step.sqlite")
    dice(12).shuffle(rows)
    for row in rows:
        step.settle_rows([row])
    assert agreement(partition(step), partition(whole)) >= 0.995
    assert step.resolve(full=True).metrics["moved"] == 0
    assert agreement(partition(step), partition(whole)) == 1.0
    for shop in (step, whole):
        shop.vault.close()


def test_eight_threads_at_once_end_where_one_after_the_other_ends(tmp_path):
    eight_at_once(Shop(tmp_path / "busy.sqlite"), Shop(tmp_path / "calm.sqlite"), turns=12)


@pytest.mark.postgres
def test_in_a_server_too_eight_threads_end_where_one_after_the_other_ends(new_postgres_url):
    eight_at_once(Shop(new_postgres_url()), Shop(new_postgres_url()), turns=5)


def eight_at_once(busy, calm, *, turns):
    log = Crew(busy, seed=21).work(threads=8, turns=turns)
    assert len(log) > 5 * turns
    replayed(calm, log)
    assert busy.ids() == calm.ids()
    assert busy.resolve(full=True).metrics["moved"] == 0
    for shop in (busy, calm):
        shop.vault.close()
