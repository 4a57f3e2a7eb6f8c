"""Retire releases: the oldest stop being readable and give their disk space back."""

from tuttuno.schema.lake import LAKE, SUPPLIED
from tuttuno.schema.mart import MART
from tuttuno.tasks.stores import Stores
from tuttuno.vault import releases
from tuttuno.vault.releases import ReleaseStatus


def retire_releases(stores: Stores, *, keep: int) -> tuple[int, ...]:
    """Keep the newest `keep` releases and the one serving; return the numbers retired.

    Releases are first marked as retired, then files that none of the kept ones needs are
    removed: a reader may fail on a release it was told is retired, never on one it was
    offered.
    """
    with stores.vault.begin() as con:
        serving = releases.current(con)
        newest = releases.releases(con, limit=1_000_000)
        readable = [one for one in newest if one.status is ReleaseStatus.PUBLISHED]
        kept = sorted(readable, key=lambda one: -one.number)[:keep]
        if serving is not None and serving.number not in {one.number for one in kept}:
            kept.append(serving)
        numbers = {one.number for one in kept}
        retired = tuple(sorted(one.number for one in readable if one.number not in numbers))
        for number in retired:
            releases.retire(con, number)
    stores.lake.vacuum(
        {
            table.name: {one.tables[table.name] for one in kept if table.name in one.tables}
            for table in (*LAKE, *SUPPLIED, *MART)
        }
    )
    return retired
