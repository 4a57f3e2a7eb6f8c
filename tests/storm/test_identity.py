"""Eight threads change persons at once for minutes: the vault ends where one thread ends."""

import pytest

from tests.identity.crowds import Crew, replayed
from tests.identity.shop import Shop


@pytest.mark.storm
@pytest.mark.parametrize("seed", range(6))
def test_eight_threads_end_where_one_after_the_other_ends(tmp_path, seed):
    busy, calm = Shop(tmp_path / "busy.sqlite"), Shop(tmp_path / "calm.sqlite")
    log = Crew(busy, seed=1000 + seed).work(threads=8, turns=60)
    assert len(log) > 300
    replayed(calm, log)
    assert busy.ids() == calm.ids()
    assert busy.resolve(full=True).metrics["moved"] == 0
    for shop in (busy, calm):
        shop.vault.close()
