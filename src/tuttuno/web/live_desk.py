"""What pages ask about what comes in: what came, what waits, what is newest, what meets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from starlette.requests import Request

from tuttuno.clock import Clock, utc_now
from tuttuno.intake.expected import Alarm
from tuttuno.intake.tracking.plan import TrackingPlan
from tuttuno.schema.lake import FISCAL_TOTAL, SALE_LINE
from tuttuno.tasks.fiscal_totals import DayTotal, fiscal_totals
from tuttuno.tasks.live_tail import Tail, live_tail
from tuttuno.tasks.tracking_plan import Findings, Only, findings
from tuttuno.tasks.watch_sources import alarms_now
from tuttuno.vault.batches import LedgerHour
from tuttuno.vault.door_hours import Heard, doors_by_hour, last_heard
from tuttuno.vault.inbox_claims import count_waiting, waiting_since
from tuttuno.vault.vault import Vault
from tuttuno.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Doors:
    """The live doors at one moment.

    Attributes:
        at: That moment.
        hours: The conservation law of messages, by source and hour, latest hour first.
        heard: When each source was last heard.
        waiting: Messages that wait to be taken in.
        since: When the one that waits longest came; None: nothing waits.
        alarms: Sources that do not do what is expected of them.
        watched: Sources of which something is expected.
    """

    at: datetime
    hours: Sequence[LedgerHour] = ()
    heard: Sequence[Heard] = ()
    waiting: int = 0
    since: datetime | None = None
    alarms: Sequence[Alarm] = ()
    watched: Sequence[str] = ()


@dataclass(slots=True)
class LiveDesk:
    """The doors of one project; opens its inbox when first asked."""

    workspace: Workspace
    clock: Clock = utc_now
    _inbox: Vault | None = None
    _plan: TrackingPlan | None = None
    _totals: tuple[tuple[int | None, ...], Sequence[DayTotal]] | None = None
    _lock: Lock = field(default_factory=Lock)

    def doors(self) -> Doors:
        """Return what came through the doors, and what waits behind them."""
        at, expected = self.clock(), self.workspace.settings.alerts
        inbox = self._opened()
        wrong = alarms_now(expected, inbox, self.workspace.vault, at)
        with inbox.read() as con:
            return Doors(
                at,
                doors_by_hour(con),
                last_heard(con),
                count_waiting(con),
                waiting_since(con),
                alarms=wrong,
                watched=sorted(expected),
            )

    def totals(self) -> Sequence[DayTotal]:
        """Return what registers told beside the receipts; remembered until either changes."""
        lake = self.workspace.lake
        at = (lake.version(FISCAL_TOTAL), lake.version(SALE_LINE))
        if self._totals is None or self._totals[0] != at:
            engine = self.workspace.embedded()
            try:
                self._totals = (at, fiscal_totals(lake, engine))
            finally:
                engine.close()
        return self._totals[1]

    @property
    def plan(self) -> TrackingPlan:
        """The tracking plan as it was when first asked for, as that of whoever checks events."""
        if self._plan is None:
            self._plan = self.workspace.plan
        return self._plan

    def findings(self, only: Only) -> Findings:
        """Return how live events have kept to the tracking plan."""
        return findings(self._opened(), self.plan, only)

    def tail(self, person_id: int, *, actor: str) -> Tail:
        """Return what came of a person since the release; the look is recorded."""
        vault = self.workspace.vault
        return live_tail(
            person_id, vault=vault, inbox=self._opened(), actor=actor, clock=self.clock
        )

    def _opened(self) -> Vault:
        with self._lock:
            if self._inbox is None:
                self._inbox = self.workspace.inbox()
            return self._inbox


def live_desk(request: Request) -> LiveDesk | None:
    """Return the desk of the live doors; None where an app has none."""
    found: LiveDesk | None = getattr(request.app.state, "live", None)
    return found
