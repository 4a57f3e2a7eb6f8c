"""What stores and products are called in a release, kept in memory for those who ask often."""

from bisect import bisect_left
from collections.abc import Mapping

from tuttuno.tasks.open_release import OpenRelease


class ProductNames:
    """The name of every product: some 60 bytes each, in two columns sorted by key."""

    def __init__(self, opened: OpenRelease) -> None:
        product = opened.tables["product"].select("product_id", "name")
        rows = opened.engine.run(product).sort_by("product_id").combine_chunks()
        self._keys = rows["product_id"]
        self._names = rows["name"]

    def __call__(self, product_id: str) -> str:
        """Return the name of a product; its key where it has none."""
        place = bisect_left(self._keys, product_id, key=lambda key: key.as_py())
        if place == len(self._keys) or self._keys[place].as_py() != product_id:
            return product_id
        return self._names[place].as_py() or product_id


def product_names(opened: OpenRelease) -> ProductNames:
    """Return the names of the products of a release, for `OpenRelease.once`."""
    return ProductNames(opened)


def store_names(opened: OpenRelease) -> Mapping[str, str]:
    """Return the names of the stores of a release that have one, for `OpenRelease.once`."""
    store = opened.tables["store"]
    rows = opened.engine.run(store.filter(store.name.notnull()).select("store_id", "name"))
    return dict(zip(rows["store_id"].to_pylist(), rows["name"].to_pylist(), strict=True))
