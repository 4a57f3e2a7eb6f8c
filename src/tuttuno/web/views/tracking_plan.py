"""The tracking plan: what sources agreed to send, and how live events keep to it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.voice import _
from tuttuno.clock import utc_now
from tuttuno.errors import BadInput
from tuttuno.intake.tracking.plan import TrackingPlan
from tuttuno.tasks.tracking_plan import Findings, Only
from tuttuno.web.live_desk import live_desk
from tuttuno.web.locale import Speech
from tuttuno.web.page import page, speech
from tuttuno.web.permissions import requires

ROUTER = APIRouter(include_in_schema=False)

PATH = "/intake/tracking-plan"

#: Days of the periods that the page offers.
_PERIODS = (1, 7, 30)

_RULES = {
    "unplanned_event": _("No plan has this event"),
    "unplanned_property": _("No plan has this property"),
    "required": _("It is missing"),
    "type": _("It is of another type"),
    "enum": _("It is none of the values agreed on"),
    "pattern": _("It is not written as agreed on"),
    "format": _("It is no date or moment"),
    "minimum": _("It is too small"),
    "maximum": _("It is too large"),
}


def asked(parameters: Mapping[str, str]) -> Only:
    """Read which counts are meant from the address.

    Raises:
        BadInput: `since` is no day.
    """
    since = parameters.get("since", "")
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError as error:
        what = f"`since` is no day: {since[:20]!r}"
        raise BadInput(what, hint="write it as 2026-05-04") from error
    source, event, rule = (parameters.get(name, "") for name in ("source", "event", "rule"))
    return Only(source, event, rule, day)


@ROUTER.get(PATH)
@requires("intake:read")
def tracking_plan(request: Request) -> Response:
    """Show what events have broken, among how many, and the plan itself."""
    desk, voice, only = live_desk(request), speech(request), asked(request.query_params)
    found = Findings((), ()) if desk is None else desk.findings(only)
    plan = TrackingPlan() if desk is None else desk.plan
    counts = {
        name: [each for each in found.events if each.event == name] for name in sorted(plan.events)
    }
    return page(
        request,
        "tracking_plan.html",
        title=_title(found, voice),
        found=found,
        plan=plan,
        counts=counts,
        only=only,
        filters=_filters(only, plan, utc_now()),
        rules={rule: voice.say(text) for rule, text in _RULES.items()},
        link=lambda **changes: _link(only, **changes),
    )


def _title(found: Findings, voice: Speech) -> str:
    if found.share is None:
        return voice.say("No event was checked against the tracking plan yet.")
    if not found.violating:
        return voice.many(
            "The one event that was checked keeps to the tracking plan.",
            "All %(count)s events keep to the tracking plan.",
            found.checked,
        )
    return voice.many(
        "%(share)s of %(count)s event breaks the tracking plan.",
        "%(share)s of %(count)s events break the tracking plan.",
        found.checked,
        share=voice.percent(found.share),
    )


def _filters(
    only: Only, plan: TrackingPlan, at: datetime
) -> dict[str, list[tuple[str, str, bool]]]:
    """Each choice with its value, its address, and whether it is the one that holds."""
    days = {f"{at.date() - timedelta(days=days - 1)}": str(days) for days in _PERIODS}
    since = "" if only.since is None else only.since.isoformat()
    return {
        "since": [(days[day], _link(only, since=day), day == since) for day in days],
        "source": [
            (name, _link(only, source=name), name == only.source) for name in sorted(plan.sources)
        ],
        "rule": [(name, _link(only, rule=name), name == only.rule) for name in _RULES],
    }


def _link(only: Only, **changes: str) -> str:
    """Return the address of this page with one choice changed; empty takes it back."""
    told = {
        "source": only.source,
        "event": only.event,
        "rule": only.rule,
        "since": "" if only.since is None else only.since.isoformat(),
        **changes,
    }
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{PATH}?{query}" if query else PATH
