"""Build on all that came: what waits in the inbox is taken in first, and forgotten afterwards."""

from collections.abc import Callable

from tuttuno.tasks.build import Built
from tuttuno.tasks.drain import Drained
from tuttuno.vault.inbox_claims import drained_through, forget_through
from tuttuno.vault.vault import Vault


def build_on_all(inbox: Vault, take_in: Callable[[], Drained], make: Callable[[], Built]) -> Built:
    """Take in what waits, build, and delete the bodies of messages that the release holds.

    That they came stays known for ever. Whatever comes while the build runs is kept for the
    tail, and for the next build.

    Args:
        inbox: Where messages wait.
        take_in: Takes all of them in.
        make: Builds and publishes a release.
    """
    take_in()
    with inbox.read() as con:
        through = drained_through(con)
    made = make()
    with inbox.begin() as con:
        forget_through(con, through)
    return made
