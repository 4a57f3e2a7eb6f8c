"""Settle what arrived: who came through the live doors has a card before the next build."""

from collections.abc import Iterable

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.registry import IdentitySettings
from tuttuno.tasks.drain import Drained, together
from tuttuno.tasks.reconcile import Reconciled, reconcile
from tuttuno.vault.runs import last_run
from tuttuno.vault.vault import Vault


def settle_arrived(
    vault: Vault, *, settings: IdentitySettings, clock: Clock = utc_now
) -> Reconciled | None:
    """Tell records apart that came since the last run, and whoever they touch.

    Returns:
        What changed; None where all would have to be told apart, because nobody has done that
        yet or by other settings: that is for a build.
    """
    with vault.read() as con:
        last = last_run(con)
    if last is None or last.config_hash != settings.config_hash:
        return None
    return reconcile(vault, settings=settings, full=False, clock=clock)


def drain_and_settle(
    claims: Iterable[Drained],
    vault: Vault,
    *,
    settings: IdentitySettings,
    clock: Clock = utc_now,
) -> Drained:
    """Take in what waits, see `drain.claims`, then say whose it is; return what was taken in."""
    done = together(claims)
    if done.messages:
        settle_arrived(vault, settings=settings, clock=clock)
    return done
