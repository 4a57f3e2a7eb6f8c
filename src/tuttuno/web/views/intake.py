"""What came in, what became of it, and what is held back until somebody decides."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.voice import _
from tuttuno.vault.batches import Counts, LedgerHour
from tuttuno.web.locale import Speech
from tuttuno.web.page import house, page, speech
from tuttuno.web.permissions import requires

ROUTER = APIRouter(include_in_schema=False)

_PAGE = 50

#: Two weeks of a shop that never closes.
_HOURS = 336

_FIELDS = (
    "received",
    "accepted",
    "duplicate",
    "quarantined",
    "suppressed",
    "rejected",
    "difference",
)

_HEADS = (
    _("Received"),
    _("Accepted"),
    _("Duplicate"),
    _("Quarantined"),
    _("Suppressed"),
    _("Rejected"),
    _("Difference"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Received and what became of it, in the order of `_HEADS`; `hour` is None for all time."""

    source: str
    hour: datetime | None
    counts: tuple[int, ...]

    @property
    def difference(self) -> int:
        """Records unaccounted for; zero when the law holds."""
        return self.counts[-1]


@ROUTER.get("/intake")
@requires("intake:read")
def intake(request: Request, before: int | None = None) -> Response:
    """Show the conservation law by source and hour, and the batches behind it."""
    desk, voice = house(request).desk, speech(request)
    ledger = [_line(each.source, each.hour, [each.counts]) for each in desk.ledger()]
    by_source = _by_source(desk.ledger())
    batches = desk.batches(limit=_PAGE + 1, before=before)
    lost = sum(abs(line.difference) for line in by_source)
    return page(
        request,
        "intake.html",
        title=_title(lost, len(ledger), voice),
        heads=tuple(voice.say(word) for word in _HEADS),
        states=states(voice),
        ledger=ledger[:_HOURS],
        by_source=by_source,
        received=sum(line.counts[0] for line in by_source),
        accepted=sum(line.counts[1] for line in by_source),
        held=sum(line.counts[3] for line in by_source),
        batches=batches[:_PAGE],
        older=batches[_PAGE - 1].batch if len(batches) > _PAGE else None,
        before=before,
    )


@ROUTER.get("/quarantine")
@requires("intake:read")
def quarantine(request: Request, rule: str = "", after: int = 0) -> Response:
    """Show the records held back, by rule; never their values, which may name a person."""
    desk = house(request).desk
    counts = Counter[str]()
    for each in desk.rules():
        counts[each.rule] += each.rows
    rows = desk.held(rule=rule or None, limit=_PAGE + 1, after=after)
    return page(
        request,
        "quarantine.html",
        rules=counts.most_common(),
        total=counts.total(),
        rows=rows[:_PAGE],
        rule=rule,
        further=rows[_PAGE - 1].quarantine_no if len(rows) > _PAGE else None,
    )


def _by_source(ledger: Sequence[LedgerHour]) -> list[Line]:
    sources = dict.fromkeys(each.source for each in ledger)
    return [
        _line(source, None, [each.counts for each in ledger if each.source == source])
        for source in sources
    ]


def _line(source: str, hour: datetime | None, counts: Sequence[Counts]) -> Line:
    sums = tuple(sum(getattr(each, name) for each in counts) for name in _FIELDS)
    return Line(source, hour, sums)


def states(voice: Speech) -> dict[str, str]:
    """Return what the states of a batch or a release are called."""
    words = {
        "open": _("being taken in"),
        "done": _("taken in"),
        "refused": _("refused whole"),
        "abandoned": _("broken off, will be repeated"),
        "building": _("being built"),
        "published": _("published"),
        "failed": _("failed"),
        "retired": _("retired"),
    }
    return {word: voice.say(text) for word, text in words.items()}


def _title(lost: int, sources: int, voice: Speech) -> str:
    if not sources:
        return voice.say("Nothing has come in yet.")
    if lost:
        return voice.many(
            "%(count)s record is unaccounted for.", "%(count)s records are unaccounted for.", lost
        )
    return voice.say("Every record that came in is accounted for.")
