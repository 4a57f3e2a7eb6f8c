"""The vault in a server: what PostgreSQL needs to behave as the file does."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import ExceptionContext

from tuttuno.errors import Unavailable

#: Classes of SQLSTATE that tell of the server or of other clients, not of our statement.
_TROUBLE = {
    "08": ("the connection to the vault's server broke", "try again"),
    "28": ("the vault's server refuses us", "look at the user and password of its address"),
    "3D": ("the vault's server has no such database", "create it, then run `tuttuno init`"),
    "40": ("another writer came in between", "try again"),
    "53": ("the vault's server has no room left", "look at its disk and connections"),
    "55": ("another writer keeps the vault busy", "try again when it is done"),
    "57": ("the vault's server is stopping", "try again when it is back"),
    "58": ("the disk failed under the vault's server", "look at the disk before anything else"),
    "XX": ("the vault is damaged", "restore a backup"),
}
_NO_ANSWER = ("the vault's server does not answer", "look whether it runs and at its address")


def engine(url: sa.URL, patience: float) -> sa.Engine:
    """Return an engine on a database of a server.

    Raises:
        Unavailable: The driver is not installed.
    """
    milliseconds = int(patience * 1000)
    try:
        made = sa.create_engine(
            url,
            connect_args={
                "connect_timeout": max(2, round(patience)),
                "options": f"-c lock_timeout={milliseconds} -c timezone=UTC",
            },
            pool_pre_ping=True,
            hide_parameters=True,  # they are names and addresses, and errors end in logs
            pool_timeout=patience,
        )
    except ModuleNotFoundError as error:
        raise Unavailable(
            "the driver of PostgreSQL is not installed", hint="pip install 'tuttuno[postgres]'"
        ) from error
    sa.event.listen(made, "begin", _begin)
    sa.event.listen(made, "handle_error", _leave_out_details, retval=True)
    return made


def options(*, writes: bool) -> dict[str, Any]:
    """Return what a connection must know about its coming transaction."""
    level = "READ COMMITTED" if writes else "REPEATABLE READ"
    return {"isolation_level": level, "postgresql_readonly": not writes}


def copy_rows(con: Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Load stored rows, columns in the order of the table, through `COPY`."""
    prepare = con.dialect.identifier_preparer
    names = ", ".join(prepare.quote(column.name) for column in table.columns)
    cursor: Any = con.connection.cursor()
    statement = f"COPY {prepare.format_table(table)} ({names}) FROM STDIN"
    try:
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except con.dialect.loaded_dbapi.Error as error:
        raise without_details(error, con.dialect, statement) from None


def scrub(engine: sa.Engine) -> None:
    """Rewrite the tables without their dead rows; the server's own log goes by its settings."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as con:
        con.exec_driver_sql("VACUUM (FULL)")


def trouble(error: Any) -> tuple[str, str] | None:
    """Return what is wrong and what to do, when the server is to blame and not the program."""
    if type(error).__name__ == "OperationalError" and getattr(error, "sqlstate", "") is None:
        return _NO_ANSWER
    return _TROUBLE.get((getattr(error, "sqlstate", None) or "")[:2])


def _leave_out_details(context: ExceptionContext) -> BaseException | None:
    error = context.original_exception
    if not getattr(error, "sqlstate", None):
        return None
    return without_details(error, context.dialect, context.statement)


def without_details(
    error: BaseException, dialect: sa.Dialect, statement: str | None
) -> BaseException:
    """Say what is wrong without the row: the server quotes it in full, and errors end in logs."""
    driver = dialect.loaded_dbapi
    primary = getattr(error, "diag", None) and error.diag.message_primary  # type: ignore[attr-defined]  # psycopg's
    return sa.exc.DBAPIError.instance(
        statement, None, type(error)(primary), driver.Error, hide_parameters=True, dialect=dialect
    )


def _begin(con: Connection) -> None:
    con.info.clear()
