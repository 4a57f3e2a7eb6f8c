"""Eight threads change persons at once for minutes: the vault ends where one thread ends."""

import pytest

from tests.identity.crowds import VERBS, Crew, full, replayed, row
from tests.identity.shop import Shop


@pytest.mark.storm
@pytest.mark.parametrize("made_by", [row, full])
@pytest.mark.parametrize("seed", range(6))
def test_eight_threads_end_where_one_after_the_other_ends(tmp_path, seed, made_by):
    ended(Shop(tmp_path / "busy.sqlite"), Shop(tmp_path / "calm.sqlite"), seed, made_by)


@pytest.mark.storm
@pytest.mark.postgres
@pytest.mark.parametrize("made_by", [row, full])
@pytest.mark.parametrize("seed", range(6))
def test_in_a_server_too_eight_threads_end_where_one_after_the_other_ends(
    new_postgres_url, seed, made_by
):
    ended(Shop(new_postgres_url()), Shop(new_postgres_url()), seed, made_by)


def ended(busy, calm, seed, made_by):
    log = Crew(busy, seed=1000 + seed, made_by=made_by).work(threads=8, turns=60)
    assert len(log) > 300
    assert {verb for verb, *_ in log} == set(VERBS)
    replayed(calm, log)
    assert busy.ids() == calm.ids()
    # weights that are estimated anew may move somebody, in both alike
    moved = [shop.resolve(full=True).metrics["moved"] for shop in (busy, calm)]
    assert moved[0] == moved[1]
    assert made_by is full or moved[0] == 0
    assert busy.ids() == calm.ids()
    for shop in (busy, calm):
        shop.vault.close()
