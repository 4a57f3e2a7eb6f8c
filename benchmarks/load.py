"""A sender of events that costs little itself: one process, many connections, no library.

    python -m benchmarks.load '{"port": 8360, "size": 1, "seconds": 5, "connections": 64}'

It writes what it saw to stdout, as JSON. With a rate it sends at set moments, whoever waits for
whatever answer, and a wait counts from the moment at which the request was due.
"""

import base64
import json
import select
import socket
import sys
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

#: People whose events these are, each on a device of her own.
PEOPLE = 10_000

#: Seconds for which a request waits for a connection; its sender would come again later.
PATIENCE = 1.0

_EVENT = (
    '{"type":"track","event":"Product Viewed","messageId":"%s-%d","userId":"u%d",'
    '"anonymousId":"device-%d","timestamp":"2026-05-04T09:59:00Z","properties":'
    '{"product_id":"SKU-1","price":59.9,"category":"shirts"},"context":{"library":'
    '{"name":"benchmark"},"page":{"path":"/p/1"}}}'
)
_AUTHORIZATION = base64.b64encode(b"key:").decode()


@dataclass(slots=True)
class Sender:
    """What is to be sent, and what came back.

    Attributes:
        port: Of the server, on this machine.
        size: Events of a request; 1 sends them singly.
        seconds: How long.
        connections: Requests that are on their way at once, at most.
        rate: Requests a second; 0: each connection sends as soon as it is answered.
        answers: Status -> how many.
        waits: Seconds of each answered request, from the moment at which it was due.
        served: The same from the moment at which it was sent, so without its wait in the sender.
        unsent: Requests that were due and found no free connection within `PATIENCE`.
    """

    port: int
    size: int
    seconds: float
    connections: int
    rate: float = 0
    answers: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    unsent: int = 0
    _name: str = field(default_factory=lambda: uuid.uuid4().hex)
    _sent: int = 0

    def run(self) -> dict[str, Any]:
        """Send, wait for the last answer, and tell."""
        poll = select.epoll()
        free = [self._connected(poll) for _ in range(self.connections)]
        of = {one.fileno(): one for one in free}
        asked: dict[int, tuple[float, float]] = {}
        due: deque[float] = deque()
        begun = next_due = time.perf_counter()
        while True:
            now = time.perf_counter()
            over = now - begun >= self.seconds
            if self.rate:
                while next_due <= now and not over:
                    due.append(next_due)
                    next_due += 1 / self.rate
            elif not over:
                due.extend([now] * (len(free) - len(due)))
            while free and due:
                wanted = due.popleft()
                if now - wanted > PATIENCE:
                    self.unsent += 1
                    continue
                one = free.pop()
                asked[one.fileno()] = (wanted, time.perf_counter())
                one.sendall(self._request())
            if over and not asked:
                break
            pause = max(0.0, next_due - time.perf_counter()) if self.rate and not over else 1.0
            for number, _ in poll.poll(pause):
                one = of[number]
                if number not in asked:
                    # A server hangs up on whoever was silent for seconds.
                    free.remove(one)
                    del of[number]
                    one.close()
                    free.append(self._connected(poll))
                    of[free[-1].fileno()] = free[-1]
                    continue
                self._hear(one)
                heard, (wanted, sent) = time.perf_counter(), asked.pop(number)
                self.waits.append(heard - wanted)
                self.served.append(heard - sent)
                free.append(one)
        return {
            "requests": len(self.waits),
            "seconds": time.perf_counter() - begun,
            "answers": dict(self.answers),
            "unsent": self.unsent + len(due),
            "waits": [round(each, 6) for each in self.waits],
            "served": [round(each, 6) for each in self.served],
        }

    def _connected(self, poll: select.epoll) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(one, select.EPOLLIN)
        return one

    def _request(self) -> bytes:
        events = []
        for _ in range(self.size):
            self._sent += 1
            who = self._sent * 7919 % PEOPLE
            events.append(_EVENT % (self._name, self._sent, who, who))
        body = events[0] if self.size == 1 else '{"batch":[' + ",".join(events) + "]}"
        path = "track" if self.size == 1 else "batch"
        return (
            f"POST /v1/{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic "
            f"{_AUTHORIZATION}\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _hear(self, one: socket.socket) -> None:
        heard = b""
        while True:
            part = one.recv(65_536)
            if not part:
                raise ConnectionError("the server has hung up")
            heard += part
            head, found, body = heard.partition(b"\r\n\r\n")
            if found and len(body) >= _length(head):
                self.answers[int(head[9:12])] += 1
                return


def _length(head: bytes) -> int:
    """The `content-length` of an answer."""
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


if __name__ == "__main__":
    json.dump(Sender(**json.loads(sys.argv[1])).run(), sys.stdout)
