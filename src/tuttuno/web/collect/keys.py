"""Write keys: which source an event belongs to, how far it is trusted, and how much may come."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.segment import NAME as SEGMENT

#: Events a second that one address may send with a public key, unless the source says otherwise.
RATE = 200.0

#: How many times that all addresses together, and a server, may send.
_TOGETHER, _SERVER = 50, 500

#: Seconds of the rate that may come at once.
_BURST = 10

#: Addresses remembered; the one that was quiet longest is forgotten first.
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class WriteKey:
    """One key of one source.

    Attributes:
        source: Its name in `tuttuno.toml`.
        public: True for a key that stands in pages: what it says of persons counts for nothing.
        rate: Events a second.
    """

    source: str
    public: bool
    rate: float = RATE


def write_keys(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, WriteKey]:
    """Return the keys of all sources of events.

    Raises:
        BadMapping: A key belongs to two sources, or is empty.
    """
    found: dict[str, WriteKey] = {}
    for name, declared in sources.items():
        if declared.get("format") != SEGMENT:
            continue
        section = Section(f"sources.{name}", declared)
        rate = section.number("rate") or RATE
        for setting, public in (("write_keys", True), ("server_keys", False)):
            for key in section.texts(setting):
                if not key or key in found:
                    problem = "holds an empty key" if not key else "holds a key that is used twice"
                    raise BadMapping(section.at(setting), problem)
                found[key] = WriteKey(name, public, rate)
    return found


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(slots=True)
class Limits:
    """How much each key and each address may send; for one process."""

    _buckets: OrderedDict[tuple[str, str], _Bucket] = field(default_factory=OrderedDict)

    def wait(self, key: str, about: WriteKey, address: str, events: int) -> float:
        """Return seconds to wait before these events are welcome; 0: they are, and are counted.

        A batch that is larger than all that may come at once is let through when nothing came
        before it.
        """
        now = monotonic()
        asked = [(("", key), about.rate * (_TOGETHER if about.public else _SERVER))]
        if about.public:
            asked.append(((address, key), about.rate))
        waits = [self._lacking(place, rate, events, now) for place, rate in asked]
        if max(waits) > 0:
            return max(waits)
        for place, _ in asked:
            self._buckets[place].left -= events
        return 0.0

    def _lacking(self, place: tuple[str, str], rate: float, events: int, now: float) -> float:
        most = rate * _BURST
        bucket = self._buckets.setdefault(place, _Bucket(most, now))
        bucket.left = min(most, bucket.left + (now - bucket.at) * rate)
        bucket.at = now
        self._buckets.move_to_end(place)
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        wanted = min(float(events), most)
        return max(0.0, (wanted - bucket.left) / rate)
