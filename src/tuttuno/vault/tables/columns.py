"""How the vault spells moments, days, words and documents, alike in SQLite and PostgreSQL.

Every value is stored as an integer, a float or a text, so that both databases hold the same
bytes, one checksum serves both, and bulk loads bypass all conversion.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from tuttuno.vocab import IdentifierType

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

#: A stored number stands for a word in the tables with the most rows; never renumber.
IDENTIFIER_CODES: Final[Mapping[IdentifierType, int]] = {
    IdentifierType.LOYALTY_CARD: 1,
    IdentifierType.ACCOUNT: 2,
    IdentifierType.EMAIL: 3,
    IdentifierType.PHONE: 4,
    IdentifierType.TAX_CODE: 5,
    IdentifierType.PAYMENT_TOKEN: 6,
    IdentifierType.DEVICE: 7,
    IdentifierType.SOCIAL_HANDLE: 8,
}
_WORDS: Final = {code: word for word, code in IDENTIFIER_CODES.items()}

#: Only an `INTEGER` primary key is SQLite's row id.
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment, aware and in UTC; stored as microseconds since 1970."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect | None) -> int | None:
        """Store microseconds; a moment without a time zone is a mistake of the caller."""
        del dialect
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect | None) -> datetime | None:
        """Bring the moment back in UTC."""
        del dialect
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Day(TypeDecorator[date]):
    """A calendar day; stored as ISO 8601."""

    impl = sa.String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect | None) -> str | None:
        """Store `YYYY-MM-DD`."""
        del dialect
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect | None) -> date | None:
        """Bring the day back."""
        del dialect
        return None if value is None else date.fromisoformat(value)


class Flag(TypeDecorator[bool]):
    """Yes or no; stored as 1 or 0."""

    impl = sa.SmallInteger
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect | None) -> int | None:  # noqa: FBT001 - the signature is SQLAlchemy's
        """Store 1 or 0."""
        del dialect
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect | None) -> bool | None:
        """Bring yes or no back."""
        del dialect
        return None if value is None else bool(value)


class Document(TypeDecorator[Any]):
    """Anything JSON can say; stored as JSON text with sorted keys."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect | None) -> str | None:
        """Store JSON; None is null, not the text `null`."""
        del dialect
        return None if value is None else msgspec.json.encode(value, order="sorted").decode()

    def process_result_value(self, value: str | None, dialect: Dialect | None) -> Any | None:
        """Bring the document back."""
        del dialect
        return None if value is None else msgspec.json.decode(value)


class Kind(TypeDecorator[IdentifierType]):
    """The type of an identifier; stored as its code."""

    impl = sa.SmallInteger
    cache_ok = True

    def process_bind_param(
        self, value: IdentifierType | str | None, dialect: Dialect | None
    ) -> int | None:
        """Store the code of the word."""
        del dialect
        return None if value is None else IDENTIFIER_CODES[IdentifierType(value)]

    def process_result_value(
        self, value: int | None, dialect: Dialect | None
    ) -> IdentifierType | None:
        """Bring the word back."""
        del dialect
        return None if value is None else _WORDS[value]


def key(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    """Declare a keyed hash, 32 hex digits."""
    return sa.Column(name, sa.String(32), primary_key=primary_key, nullable=nullable)


def number(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[int]:
    """Declare a number of the vault's own, drawn from a counter."""
    if primary_key:
        return sa.Column(name, NUMBER, primary_key=True, autoincrement=False)
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def text(name: str, *, primary_key: bool = False, nullable: bool = True) -> sa.Column[str]:
    """Declare a text of any length."""
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=nullable and not primary_key)


def moment(name: str, *, primary_key: bool = False, nullable: bool = True) -> sa.Column[datetime]:
    """Declare a moment in UTC."""
    return sa.Column(name, Moment, primary_key=primary_key, nullable=nullable and not primary_key)


def check() -> sa.Column[int]:
    """Declare the checksum of the row; always the last column of its table when made."""
    return sa.Column("check", sa.BigInteger, nullable=False)


def stored(column: sa.ColumnElement[Any], value: Any) -> int | float | str | None:
    """Return what the database will hold for a value, as the checksum sees it."""
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, TypeDecorator):
        value = kind.process_bind_param(value, None)  # type: ignore[arg-type]  # ours need no dialect
    return str(value) if isinstance(value, str) else value
