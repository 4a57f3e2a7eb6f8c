"""Names of messages: by source and id, each that ever came is known again for ever.

A new name is kept with its message, in the order of arrival, so that a group of messages writes a
few pages of the disk. It is filed under its key later, many at a time; until then whoever keeps
messages has it in memory.
"""

from collections import deque
from collections.abc import Collection
from typing import Final

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import key_table
from tuttuno.vault.checks import Stored, with_checks
from tuttuno.vault.counters import last
from tuttuno.vault.quick import Quick, quick
from tuttuno.vault.tables import INBOX, MESSAGE

#: The counter of positions, and the one that says up to which of them names are filed.
COUNTER: Final = "inbox"
FILED: Final = "inbox_filed"

#: Names that are filed together where nobody waits.
_TOGETHER: Final = 10_000

_NAMED: Final = sa.select(INBOX.c.position, INBOX.c.message_key, INBOX.c.digest).where(
    INBOX.c.position > sa.bindparam("after"), INBOX.c.message_key.is_not(None)
)
_NEXT: Final = _NAMED.order_by(INBOX.c.position).limit(sa.bindparam("most"))

_ASKED: Final = sa.func.json_each(sa.bindparam("keys", type_=sa.Text)).table_valued(
    sa.column("value", sa.Text)
)
_KNOWN: Final = sa.select(MESSAGE.c.message_key, MESSAGE.c.digest).where(
    MESSAGE.c.message_key.in_(sa.select(_ASKED.c.value))
)


class Unfiled:
    """Names that are not filed yet, as one process remembers them.

    It remembers what it has read from the table, and what it has itself added to it, as soon as
    that is on the disk; so a new one knows as much.
    """

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}
        self._groups: deque[tuple[int, list[str]]] = deque()
        self._through = 0
        self._added: tuple[int, dict[str, str]] | None = None

    def __len__(self) -> int:
        return len(self._digests)

    def known(self, con: Connection, keys: Collection[str]) -> dict[str, str]:
        """Return the digests of those messages of some that came before, by key.

        Args:
            con: Inside the transaction that keeps them, so that nobody else adds names.
            keys: Of the messages.
        """
        with quick(con) as sent:
            self._catch_up(sent, last(con, FILED))
        held = self._digests
        found = {key: held[key] for key in keys if key in held}
        return found | _filed(con, [key for key in keys if key not in found])

    def add(self, through: int, digests: dict[str, str]) -> None:
        """Take names that a transaction adds to the table; they count once it `ended` well.

        Only after `known` in the same transaction: what others added before it would be passed
        over.

        Args:
            through: The last position that the transaction has taken.
            digests: By key.
        """
        self._added = through, digests

    def ended(self) -> None:
        """Remember what was added: the transaction is on the disk."""
        if self._added is not None:
            self._remember(*self._added)
            self._added = None

    def _catch_up(self, sent: Quick, filed: int) -> None:
        """Read what was added, by whomever; forget what was filed before that."""
        while self._groups and self._groups[0][0] <= filed:
            for key in self._groups.popleft()[1]:
                del self._digests[key]
        self._through = max(self._through, filed)
        rows = sent.rows(_NAMED, after=self._through)
        if rows:
            self._remember(max(row[0] for row in rows), {row[1]: row[2] for row in rows})

    def _remember(self, through: int, digests: dict[str, str]) -> None:
        self._through = through
        if digests:
            self._digests |= digests
            self._groups.append((through, list(digests)))


def file_names(con: Connection, *, most: int) -> int:
    """File names that are kept with their messages alone; return how many: 0 when none is left.

    Args:
        con: Inside a transaction.
        most: Names at most, those that came first.
    """
    with quick(con) as sent:
        after = sent.take(FILED, 0) - 1
        through = last(con, COUNTER)
        rows = sent.rows(_NEXT, after=after, most=most)
        if len(rows) == most:
            through = rows[-1][0]
        names: list[tuple[Stored, ...]] = sorted((row[1], row[2]) for row in rows)
        sent.add_many(MESSAGE, with_checks(names))
        sent.take(FILED, through - after)
    return len(rows)


def file_all_names(con: Connection) -> None:
    """File whatever is left; whoever deletes messages must do so first."""
    while file_names(con, most=_TOGETHER):
        pass


def _filed(con: Connection, keys: Collection[str]) -> dict[str, str]:
    if not keys:
        return {}
    if con.dialect.name == "sqlite":
        with quick(con) as sent:
            return dict(sent.rows(_KNOWN, keys=msgspec.json.encode(keys).decode()))
    asked = key_table(con, pa.array(keys, pa.string()))
    statement = sa.select(MESSAGE.c.message_key, MESSAGE.c.digest).where(
        MESSAGE.c.message_key.in_(sa.select(asked.c.key))
    )
    return {row[0]: row[1] for row in con.execute(statement)}
