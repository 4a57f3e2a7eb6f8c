"""What came in, what became of it, and what is held back until somebody decides."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.web.locale import Speech
from tuttuno.web.page import house, page, speech
from tuttuno.web.permissions import requires

ROUTER = APIRouter(include_in_schema=False)

_PAGE = 50

_HEADS = (
    "Received",
    "Accepted",
    "Duplicate",
    "Quarantined",
    "Suppressed",
    "Rejected",
    "Difference",
)


@ROUTER.get("/intake")
@requires("intake:read")
def intake(request: Request, before: int | None = None) -> Response:
    """Show the conservation law by source and hour, and the batches behind it."""
    desk, voice = house(request).desk, speech(request)
    ledger = desk.ledger()
    batches = desk.batches(limit=_PAGE + 1, before=before)
    lost = sum(abs(line.counts.difference) for line in ledger)
    return page(
        request,
        "intake.html",
        title=_title(lost, len(ledger), voice),
        heads=tuple(voice.say(word) for word in _HEADS),
        states=states(voice),
        ledger=ledger,
        received=sum(line.counts.received for line in ledger),
        accepted=sum(line.counts.accepted for line in ledger),
        held=sum(line.counts.quarantined for line in ledger),
        batches=batches[:_PAGE],
        older=batches[_PAGE - 1].batch if len(batches) > _PAGE else None,
        before=before,
    )


@ROUTER.get("/quarantine")
@requires("intake:read")
def quarantine(request: Request, rule: str = "", after: int | None = None) -> Response:
    """Show the records held back, by rule; never their values, which may name a person."""
    held = house(request).desk.quarantine(rule=rule or None, limit=_PAGE + 1, after=after)
    rows = held.rows[:_PAGE]
    return page(
        request,
        "quarantine.html",
        rules=held.rules,
        total=sum(each.count for each in held.rules),
        rows=rows,
        rule=rule,
        further=rows[-1].quarantine_no if len(held.rows) > _PAGE else None,
    )


def states(voice: Speech) -> dict[str, str]:
    """Return what the states of a batch or a release are called."""
    words = {
        "open": "being taken in",
        "done": "taken in",
        "refused": "refused whole",
        "abandoned": "broken off, will be repeated",
        "building": "being built",
        "published": "published",
        "failed": "failed",
        "retired": "retired",
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
