"""A shop that is asked over HTTP: patient where it says so, and never led to another host."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from time import sleep
from urllib.parse import urljoin, urlsplit

import msgspec

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, Unavailable
from tuttuno.intake.calls import call

#: Bytes of an answer at most, seconds that it may take.
_LARGEST, _PATIENCE = 64 * 2**20, 60.0

#: Times that a question is asked, and seconds between two of them at most.
_TRIES, _LONGEST_WAIT = 7, 120.0

#: Answers after which the same question may be asked again.
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

_NEXT = re.compile(r'<([^<>]{1,4000})>\s*;[^,]*\brel="?next"?', re.IGNORECASE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NoAnswer(Unavailable):
    """The shop cannot be reached, breaks off, or answers what cannot be read."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"the shop at {url} {reason}", hint="try again later; nothing is lost")


class TurnedAway(BadInput):
    """The shop does not let us see what is asked for."""

    def __init__(self, url: str, status: int) -> None:
        self.url = url
        self.status = status
        hint = "look at the secret that `pull` names, at what it may read, and at `url`"
        super().__init__(f"the shop answers {status} to {url}", hint=hint)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `next` is the address of the next page, empty where it names none."""

    body: bytes
    headers: Mapping[str, str]
    next: str


@dataclass(frozen=True, slots=True)
class ShopServer:
    """A shop.

    Attributes:
        url: Where its interface begins; `https`, or `http` on this machine.
        headers: That say who asks.
        wait: Waits for seconds.
        clock: The present moment, for a `Retry-After` that names one.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    wait: Callable[[float], object] = sleep
    clock: Clock = utc_now

    def get(self, address: str) -> Answer:
        """Ask for an address below the shop's own; waits and asks again where that may help.

        Raises:
            NoAnswer: It does not answer after several tries, or not what can be read.
            TurnedAway: It refuses for good.
        """
        at = self._own(address)
        for nth in range(_TRIES):
            last = nth == _TRIES - 1
            try:
                status, answer = self._asked(at)
            except (OSError, HTTPException) as error:
                if last:
                    said = f"does not answer ({type(error).__name__})"
                    raise NoAnswer(self.url, said) from error
                self.wait(_pause(nth))
                continue
            if status == 200:
                return answer
            if status not in _AGAIN:
                raise TurnedAway(at.partition("?")[0], status)
            if last:
                raise NoAnswer(self.url, f"answers {status} after {_TRIES} tries")
            self.wait(self._told(answer.headers.get("retry-after", ""), nth))
        raise AssertionError(_TRIES)

    def _own(self, address: str) -> str:
        """Return the whole address; one of another host would be told our secret."""
        whole = urljoin(f"{self.url}/", address)
        mine, asked = urlsplit(self.url), urlsplit(whole)
        if (mine.scheme, mine.netloc) != (asked.scheme, asked.netloc):
            raise NoAnswer(self.url, f"leads to another host: {asked.netloc[:100]}")
        return whole

    def _asked(self, address: str) -> tuple[int, Answer]:
        with call(address, _PATIENCE) as (con, path):
            con.request("GET", path, headers={"accept": "application/json", **self.headers})
            answer = con.getresponse()
            body = answer.read(_LARGEST + 1)
        if len(body) > _LARGEST:
            raise NoAnswer(self.url, f"answers more than {_LARGEST // 2**20} MB at once")
        headers = {name.lower(): value for name, value in answer.getheaders()}
        following = _NEXT.search(headers.get("link", ""))
        return answer.status, Answer(body, headers, following[1] if following else "")

    def _told(self, after: str, nth: int) -> float:
        """Seconds to wait: as many as it says, within reason."""
        try:
            seconds = float(after)
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(after) - self.clock()).total_seconds()
            except (ValueError, TypeError):
                seconds = _pause(nth)
        return min(max(seconds, 0.0), _LONGEST_WAIT)


def is_address(url: str) -> bool:
    """Tell whether a secret may be sent there: encrypted, or to this machine."""
    try:
        at = urlsplit(url)
    except ValueError:
        return False
    if not at.hostname or at.username or at.query or at.fragment:
        return False
    return at.scheme == "https" or (at.scheme == "http" and at.hostname in _LOOPBACK)


def items_of(answer: Answer, envelope: str, url: str) -> list[msgspec.Raw]:
    """Return the elements of the list in an answer as they were written.

    Raises:
        NoAnswer: There is no list in it.
    """
    try:
        found = msgspec.json.decode(answer.body, type=msgspec.Raw)
        for key in envelope.split(".") if envelope else ():
            found = msgspec.json.decode(found, type=dict[str, msgspec.Raw])[key]
        return msgspec.json.decode(found, type=list[msgspec.Raw])
    except (msgspec.DecodeError, KeyError, RecursionError) as error:
        where = f"under {json.dumps(envelope)}" if envelope else ""
        raise NoAnswer(url, f"answers what holds no list {where}".rstrip()) from error


def _pause(nth: int) -> float:
    return min(2.0**nth, _LONGEST_WAIT)
