"""Calls over HTTP to an address that a project declares: one connection, one question."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit


@contextmanager
def call(address: str, patience: float) -> Iterator[tuple[HTTPConnection, str]]:
    """Yield a connection to where an address is, and what is to be asked for there.

    Args:
        address: With scheme and host; what is asked for is its path and query.
        patience: Seconds that an answer may take.

    Raises:
        OSError: Nobody answers; also by the block, with `HTTPException`.
    """
    at = urlsplit(address)
    kind = HTTPSConnection if at.scheme == "https" else HTTPConnection
    con = kind(at.hostname or "", at.port, timeout=patience)
    try:
        yield con, f"{at.path or '/'}?{at.query}" if at.query else at.path or "/"
    finally:
        con.close()
