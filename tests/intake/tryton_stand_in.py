"""A server that speaks as a Tryton does on the wire, over rows that a test holds."""

import csv
import io
import json
import socket
import threading
from base64 import b64decode
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PASSWORD = "a password, for tests"  # noqa: S105 - of a stand-in


class StandIn(ThreadingHTTPServer):
    """Rows by model: each a dict from field (`sale/number`) to value; keeps what it was asked.

    `data` is the path under which it hands out CSV: series before 8.2 have another.
    """

    daemon_threads = True

    def __init__(self, rows, data="/r/base/data/"):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rows, self.data, self.asked, self.broken = rows, data, [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/shop"

    def found(self, model, fields, domain, offset, limit, order):
        self.asked.append(model)
        rows = [row for row in self.rows[model] if _fits(row, domain)]
        for name, way in reversed(order):
            rows.sort(key=lambda row: row.get(name.replace(".", "/"), 0), reverse=way == "DESC")
        return [[row.get(name) for name in fields] for row in rows[offset : offset + limit]]


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked["method"] == "common.db.login":
            user, secrets = asked["params"]
            good = (user, secrets["password"]) == ("crm", PASSWORD)
            self._answer(*((200, [7, "session", None]) if good else (401, None)))
            return
        model = asked["method"].removeprefix("model.").removesuffix(".export_data_domain")
        domain, fields, offset, limit, order, header, _context = asked["params"]
        assert not header
        rows = self._rows(model, fields, domain, offset, limit, order)
        self._answer(200, [[_wire(each) for each in row] for row in rows] if rows else rows)

    def do_GET(self):
        at = urlsplit(self.path)
        if not at.path.startswith(f"/shop{self.server.data}"):
            self.send_error(405)
            return
        asked = parse_qs(at.query)
        size, page = int(asked["s"][0]), int(asked["p"][0])
        order = [each.split(",") for each in asked["o"]]
        model = at.path.removeprefix(f"/shop{self.server.data}")
        domain = json.loads(asked["d"][0])
        rows = self._rows(model, asked["f"], domain, size * page, size, order)
        text = io.StringIO(newline="")
        csv.writer(text).writerows(
            [int(each) if isinstance(each, bool) else each for each in row] for row in rows or []
        )
        self._send(200, text.getvalue().encode())

    def _rows(self, *asked):
        told = b64decode(self.headers["authorization"].removeprefix("Session ")).decode()
        assert told == "crm:7:session"
        self.server.broken -= 1
        if self.server.broken == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
            return []
        return self.server.found(*asked)

    def _answer(self, status, result):
        self._send(status, json.dumps({"id": 1, "result": result}).encode())

    def _send(self, status, body):
        try:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return


def _fits(row, domain):
    if domain and domain[0] == "OR":
        return any(_fits(row, [each]) for each in domain[1:])
    for each in domain:
        if isinstance(each[0], list) or each[0] == "OR":
            if not _fits(row, each):
                return False
        elif each[1] == "where":
            if not _fits({k.removeprefix(f"{each[0]}/"): v for k, v in row.items()}, each[2]):
                return False
        else:
            value = row.get(each[0].replace(".", "/"))
            if each[1] == "!=" and value == each[2]:
                return False
            if each[1] == ">=" and (value is None or value < _read(each[2])):
                return False
    return True


def _read(value):
    parts = {name: part for name, part in value.items() if name != "__class__"}
    return datetime(**parts, tzinfo=UTC).replace(tzinfo=None)


def _wire(value):
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{name: getattr(value, name) for name in names}}
    return value
