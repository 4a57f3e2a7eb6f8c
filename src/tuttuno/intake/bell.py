"""The bell: tells an address over HTTP that a source is not well, or is well again."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tuttuno.errors import Unavailable
from tuttuno.intake.calls import call
from tuttuno.intake.expected import Expected
from tuttuno.intake.secret import secret_at
from tuttuno.intake.section import BadMapping, Section

#: Seconds that an answer may take: what came in waits meanwhile.
_PATIENCE = 5.0
_PLAIN = ("https://", "http://")


class Unheard(Unavailable):
    """Nobody took the call; it can be made again."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        super().__init__(f"{host} {reason}", hint="it is told again in a minute")


@dataclass(frozen=True, slots=True)
class Bell:
    """One address; it often holds a secret, so only its host is ever shown."""

    address: str

    def __repr__(self) -> str:
        return f"Bell({self.host})"

    @property
    def host(self) -> str:
        """Where it hangs."""
        return urlsplit(self.address).netloc.rpartition("@")[2]

    def ring(self, told: Mapping[str, object]) -> None:
        """Post what is told as JSON; no answer but 2xx counts, and none leads elsewhere.

        Raises:
            Unheard: It was not taken.
        """
        headers = {"content-type": "application/json"}
        try:
            with call(self.address, _PATIENCE) as (con, path):
                con.request("POST", path, msgspec.json.encode(told), headers)
                status = con.getresponse().status
        except (OSError, HTTPException) as error:
            raise Unheard(self.host, f"does not answer ({type(error).__name__})") from error
        if status // 100 != 2:
            raise Unheard(self.host, f"answers {status}")


def bells(
    expected: Mapping[str, Expected], root: Path, environ: Mapping[str, str]
) -> dict[str, Bell]:
    """Return the bell of each source that has one.

    Raises:
        BadMapping: What stands there is neither an address nor a place of one.
        BadInput: The place cannot be read.
    """
    found = {}
    for source, wanted in expected.items():
        if not wanted.webhook:
            continue
        section = Section(f"alerts.{source}", {})
        address = wanted.webhook
        if not address.startswith(_PLAIN):
            address = secret_at(section, "webhook", address, root=root, environ=environ)
        if not _is_address(address):
            raise BadMapping(section.at("webhook"), "is no address that begins with https://")
        found[source] = Bell(address)
    return found


def _is_address(text: str) -> bool:
    if not text.startswith(_PLAIN) or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        at = urlsplit(text)
        return bool(at.hostname) and at.port != 0
    except ValueError:
        return False
