"""The totals of registers beside the receipts that should meet them."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tuttuno.chart.voice import _
from tuttuno.tasks.fiscal_totals import DayTotal
from tuttuno.web.live_desk import live_desk
from tuttuno.web.locale import Speech
from tuttuno.web.page import page, speech
from tuttuno.web.permissions import requires

ROUTER = APIRouter(include_in_schema=False)

#: Days that differ which a page lists.
_MOST = 200


@ROUTER.get("/intake/totals")
@requires("intake:read")
def totals(request: Request) -> Response:
    """Show the days of stores on which receipts and registers differ, the latest first."""
    desk, voice = live_desk(request), speech(request)
    days = () if desk is None else desk.totals()
    differ = sorted((one for one in days if one.problem), key=lambda one: one.day, reverse=True)
    return page(
        request,
        "intake_totals.html",
        compared=len(days),
        differ=[(one, _why(one, voice)) for one in differ[:_MOST]],
        found=len(differ),
    )


def _why(one: DayTotal, voice: Speech) -> str:
    if one.told is None:
        return voice.say(_("No register was closed"))
    if one.untaxed:
        return voice.many(
            "%(count)s line does not tell its tax",
            "%(count)s lines do not tell their tax",
            one.untaxed,
        )
    more = one.receipts > one.told
    return voice.say(_("More receipts than were told") if more else _("Receipts are missing"))
