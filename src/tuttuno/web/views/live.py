"""What is newest: a person's tail on her card, the live doors on the intake page, and metrics."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from ipaddress import ip_address

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tuttuno.clock import utc_now
from tuttuno.identity.checkdigit import shown
from tuttuno.intake.expected import Trouble
from tuttuno.tasks.tracking_plan import Findings, Only
from tuttuno.vault.batches import Counts, LedgerHour
from tuttuno.web.live_desk import Doors, live_desk
from tuttuno.web.page import house, page
from tuttuno.web.permissions import PUBLIC, Forbidden, requires

ROUTER = APIRouter(include_in_schema=False)

#: Two days of every source.
_HOURS = 48

#: Seconds after which a message that waits is late.
_LATE = 60

_OUTCOMES = ("accepted", "duplicate", "quarantined", "suppressed", "rejected")


@ROUTER.get("/people/{person_id}/tail")
@requires("people:read")
def tail(request: Request, person_id: int) -> Response:
    """Show what came of a person since the release; her card takes it from here."""
    desk = live_desk(request)
    found = None
    if desk is not None:
        found = desk.tail(person_id, actor=request.state.viewer.login)
    fresh = house(request).desk.freshness()
    return page(
        request,
        "person_tail.html",
        person_id=person_id,
        shown_id=shown(person_id),
        tail=found,
        fresh_release=fresh,
    )


@ROUTER.get("/intake/live")
@requires("intake:read")
def doors(request: Request) -> Response:
    """Show the live doors; the intake page takes it from here."""
    desk = live_desk(request)
    found = Doors(utc_now()) if desk is None else desk.doors()
    lines = [(each.source, each.hour, each.counts) for each in found.hours[:_HOURS]]
    return page(
        request,
        "intake_live.html",
        doors=found,
        lines=lines,
        sums=sorted(_sums(found.hours).items()),
        late=_oldest(found) > _LATE,
        outcomes=("received", *_OUTCOMES, "difference"),
    )


@ROUTER.get("/metrics")
@requires(PUBLIC)
def metrics(request: Request) -> Response:
    """Say in Prometheus' words how intake goes, to this machine and to readers of intake."""
    if not _may_watch(request):
        raise Forbidden("intake:read")
    desk = live_desk(request)
    found = Doors(utc_now()) if desk is None else desk.doors()
    plan = Findings((), ()) if desk is None else desk.findings(Only())
    lines = [
        *_door_metrics(found),
        *_plan_metrics(plan),
        *_batch_metrics(house(request).desk.ledger()),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _may_watch(request: Request) -> bool:
    viewer = request.state.viewer
    if viewer is not None:
        return "intake:read" in viewer.permissions
    host = request.client.host if request.client else ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _door_metrics(found: Doors) -> Iterator[str]:
    yield "# HELP tuttuno_door_messages_total Messages that came through live doors."
    yield "# TYPE tuttuno_door_messages_total counter"
    yield from _counted("tuttuno_door_messages_total", _sums(found.hours))
    yield "# TYPE tuttuno_inbox_waiting gauge"
    yield f"tuttuno_inbox_waiting {found.waiting}"
    yield "# TYPE tuttuno_inbox_oldest_seconds gauge"
    yield f"tuttuno_inbox_oldest_seconds {_oldest(found):.3f}"
    yield "# HELP tuttuno_source_alarm 1 where a source does not do what is expected of it."
    yield "# TYPE tuttuno_source_alarm gauge"
    wrong = {(each.source, each.trouble) for each in found.alarms}
    for source in found.watched:
        for trouble in Trouble:
            labels = f'source="{_escaped(source)}",alarm="{trouble}"'
            yield f"tuttuno_source_alarm{{{labels}}} {int((source, trouble) in wrong)}"
    yield "# TYPE tuttuno_source_silent_seconds gauge"
    for each in found.heard:
        silent = (found.at - each.last_at).total_seconds()
        yield f'tuttuno_source_silent_seconds{{source="{_escaped(each.source)}"}} {silent:.3f}'


def _oldest(found: Doors) -> float:
    """Seconds that the message which waits longest has waited; 0: nothing waits."""
    return 0.0 if found.since is None else (found.at - found.since).total_seconds()


def _plan_metrics(found: Findings) -> Iterator[str]:
    yield "# HELP tuttuno_plan_events_total Events checked against the tracking plan."
    yield "# TYPE tuttuno_plan_events_total counter"
    for source in sorted({each.source for each in found.events}):
        mine = [each for each in found.events if each.source == source]
        broken = sum(each.violating for each in mine)
        kept = sum(each.checked for each in mine) - broken
        for outcome, count in (("kept", kept), ("broken", broken)):
            labels = f'source="{_escaped(source)}",outcome="{outcome}"'
            yield f"tuttuno_plan_events_total{{{labels}}} {count}"
    yield "# HELP tuttuno_plan_violations_total Rules of the tracking plan broken by events."
    yield "# TYPE tuttuno_plan_violations_total counter"
    sums = Counter[tuple[str, str]]()
    for one in found.violations:
        sums[one.total.source, one.total.rule] += one.total.times
    for (source, rule), count in sorted(sums.items()):
        labels = f'source="{_escaped(source)}",rule="{_escaped(rule)}"'
        yield f"tuttuno_plan_violations_total{{{labels}}} {count}"


def _batch_metrics(ledger: Sequence[LedgerHour]) -> Iterator[str]:
    yield "# HELP tuttuno_batch_rows_total Rows of batches, and what became of them."
    yield "# TYPE tuttuno_batch_rows_total counter"
    yield from _counted("tuttuno_batch_rows_total", _sums(ledger))


def _counted(name: str, sums: dict[str, Counts]) -> Iterator[str]:
    for source, counts in sorted(sums.items()):
        told = asdict(counts)
        for outcome in _OUTCOMES:
            labels = f'source="{_escaped(source)}",outcome="{outcome}"'
            yield f"{name}{{{labels}}} {told[outcome]}"
        labels = f'source="{_escaped(source)}",outcome="unaccounted"'
        yield f"{name}{{{labels}}} {counts.difference}"


def _sums(hours: Sequence[LedgerHour]) -> dict[str, Counts]:
    sums: dict[str, Counts] = {}
    for each in hours:
        sums[each.source] = sums.get(each.source, Counts()) + each.counts
    return sums


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
