"""Roll back: let readers see an earlier release again."""

from tuttuno.clock import Clock, utc_now
from tuttuno.vault import audit, releases
from tuttuno.vault.releases import Release
from tuttuno.vault.vault import Vault


def roll_back(number: int, *, vault: Vault, actor: str, clock: Clock = utc_now) -> Release:
    """Point readers at another published release, in one transaction; nothing is computed.

    The next build starts from scratch, and publishes a new number: history is never rewritten.

    Raises:
        NotFound: No release has this number.
        NotServable: It was never published, or its files are gone.
    """
    with vault.begin() as con:
        chosen = releases.point_to(con, number)
        audit.append(con, actor=actor, action="release.roll_back", subject=str(number), at=clock())
    return chosen
