"""A Tryton that is asked for its rows: by JSON-RPC, or as CSV over HTTP; page by page."""

import base64
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tuttuno.errors import BadInput, Unavailable
from tuttuno.intake.calls import call

#: Rows of one answer, bytes of it at most, seconds that it may take.
PAGE, _LARGEST, _PATIENCE = 500, 64 * 2**20, 60.0

#: Where CSV is: from series 8.2 on, and before.
_DATA = ("/r/base/data/", "/data/")

#: A condition of Tryton's, as it is sent.
Domain = list[Any]


class Way(StrEnum):
    """How rows are asked for."""

    JSON = "json"
    CSV = "csv"


class NoAnswer(Unavailable):
    """The server cannot be reached, or breaks off."""

    def __init__(self, url: str, reason: str, *, status: int = 0) -> None:
        self.url = url
        self.status = status
        super().__init__(f"the Tryton at {url} {reason}", hint="look whether it runs, then again")


class TurnedAway(BadInput):
    """The server does not know the user, or does not let her see what is asked for."""

    def __init__(self, url: str, user: str, what: str) -> None:
        self.url = url
        super().__init__(
            f"the Tryton at {url} does not let {user!r} {what}",
            hint="look at `user`, at the secret of `password`, and at the user's groups",
        )


class _Asked(NamedTuple):
    model: str
    fields: Sequence[str]
    domain: Domain
    order: Sequence[tuple[str, str]]


@dataclass(slots=True)
class TrytonServer:
    """One database of a server, signed in to at the first question.

    A session is kept, for the server hashes the password anew with every question otherwise.

    Attributes:
        url: `https://host/database`.
        way: How it is asked.
    """

    url: str
    user: str
    password: str = field(repr=False)
    way: Way = Way.JSON
    _session: str = field(default="", repr=False)

    def rows(
        self, model: str, fields: Sequence[str], domain: Domain, order: Sequence[tuple[str, str]]
    ) -> Iterator[list[str]]:
        """Yield the rows of a model as texts, one for each of the fields.

        Raises:
            NoAnswer: It cannot be reached.
            TurnedAway: It does not let the user see this.
        """
        asked, offset = _Asked(model, fields, domain, order), 0
        while True:
            page = self._page(asked, offset=offset, limit=PAGE)
            yield from page
            if len(page) < PAGE:
                return
            offset += PAGE

    def first(
        self, model: str, fields: Sequence[str], domain: Domain, order: Sequence[tuple[str, str]]
    ) -> list[list[str]]:
        """Return the first of the rows; none where there is none."""
        return self._page(_Asked(model, fields, domain, order), offset=0, limit=1)

    def _page(self, rows: _Asked, *, offset: int, limit: int) -> list[list[str]]:
        """Return some of the rows; `limit` divides `offset`."""
        model, fields, domain, order = rows
        if self.way is Way.CSV:
            query = [
                *(("f", name) for name in fields),
                ("d", json.dumps(domain)),
                ("c", json.dumps({"active_test": False})),
                ("s", str(limit)),
                ("p", str(offset // limit)),
                *(("o", ",".join(each)) for each in order),
                ("h", "0"),
            ]
            text = self._data(f"{model}?{urlencode(query)}", what=model)
            return [row for row in csv.reader(io.StringIO(text.decode(), newline="")) if row]
        sort = [list(each) for each in order]
        asked = [domain, list(fields), offset, limit, sort, False, {"active_test": False}]
        found = self._called(f"model.{model}.export_data_domain", asked, what=model)
        return [[told(value) for value in row] for row in found]

    def _data(self, asked: str, *, what: str) -> bytes:
        """Ask where this series of Tryton hands out CSV."""
        for path in _DATA:
            try:
                return self._asked("GET", path + asked, b"", what=what)
            except NoAnswer as error:
                if error.status not in {404, 405} or path == _DATA[-1]:
                    raise
        raise AssertionError(_DATA)

    def _called(self, method: str, asked: Sequence[Any], *, what: str) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": asked}).encode()
        answer = self._asked("POST", "/rpc/", body, what=what)
        try:
            found = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise NoAnswer(self.url, "answers what is no JSON") from error
        if not isinstance(found, Mapping) or "result" not in found:
            said = str(found)[:300]
            raise BadInput(f"the Tryton at {self.url} refuses {method}: {said}")
        return found["result"]

    def _asked(self, method: str, path: str, body: bytes, *, what: str) -> bytes:
        if not self._session:
            self._session = self._signed_in()
        headers = {"authorization": f"Session {self._session}"}
        return self._sent(method, path, body, headers, what=f"read {what}")

    def _signed_in(self) -> str:
        params = [self.user, {"password": self.password}]
        body = json.dumps({"id": 0, "method": "common.db.login", "params": params}).encode()
        answer = self._sent("POST", "/rpc/", body, {}, what="sign in")
        try:
            found = json.loads(answer)["result"]
            whole = f"{self.user}:{found[0]}:{found[1]}"
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise TurnedAway(self.url, self.user, "sign in") from error
        return base64.b64encode(whole.encode()).decode()

    def _sent(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, what: str
    ) -> bytes:
        more = {"content-type": "application/json", **headers}
        try:
            with call(self.url, _PATIENCE) as (con, base):
                con.request(method, base.rstrip("/") + path, body, more)
                answer = con.getresponse()
                found = answer.read(_LARGEST + 1)
        except (OSError, HTTPException) as error:
            raise NoAnswer(self.url, f"does not answer ({type(error).__name__})") from error
        if answer.status in {401, 403}:
            raise TurnedAway(self.url, self.user, what)
        if answer.status != 200:
            said = f"answers {answer.status} to what should {what}"
            raise NoAnswer(self.url, said, status=answer.status)
        if len(found) > _LARGEST:
            raise NoAnswer(self.url, f"answers more than {_LARGEST // 2**20} MB at once")
        return found


def told(value: Any) -> str:
    """Write a value of the JSON interface as the CSV one does.

    >>> told({"__class__": "Decimal", "decimal": "59.90"}), told(True), told(None), told(2.0)
    ('59.90', '1', '', '2.0')
    >>> told({"__class__": "date", "year": 2026, "month": 3, "day": 2})
    '2026-03-02'
    """
    if not isinstance(value, Mapping):
        plain = int(value) if isinstance(value, bool) else value
        return "" if plain is None else str(plain)
    kind = value.get("__class__")
    if kind == "Decimal":
        return str(value["decimal"])
    day = "{year:04}-{month:02}-{day:02}".format_map(value)
    if kind == "date":
        return day
    return f"{day} {{hour:02}}:{{minute:02}}:{{second:02}}.{{microsecond:06}}".format_map(value)


def moment(at: datetime) -> dict[str, Any]:
    """Write a moment as a condition of Tryton's holds it: in UTC."""
    utc = at.astimezone(UTC)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(utc, name) for name in parts}}
