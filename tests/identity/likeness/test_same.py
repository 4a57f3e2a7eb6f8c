"""A run that looks at what changed ends where a run over everybody ends."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.identity.shop import Shop
from tests.identity.test_resolve import BATCHES, tight
from tuttuno.identity.reading import read_all


def moved_by_looking_at_everybody(shop):
    with shop.vault.read() as con:
        return read_all(con, shop.settings, full=True).moved.tolist()


@settings(deadline=None, max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(batches=BATCHES, forget=st.sets(st.integers(0, 11), max_size=3))
def test_looking_only_at_what_changed_leaves_nobody_to_be_moved(tmp_path_factory, batches, forget):
    shop = Shop(tmp_path_factory.mktemp("vaults") / "vault.sqlite")
    shop.settings = tight(likeness=True)
    for batch in batches:
        shop.keep_rows(batch)
        shop.resolve()
        assert not any(moved_by_looking_at_everybody(shop))
    shop.forget(*(f"r{number}" for number in forget))
    shop.resolve()
    assert not any(moved_by_looking_at_everybody(shop))
    shop.vault.close()
