"""Messages that were held back whole, taken in once their source can be understood again.

A message is held whole where its source had left `tuttuno.toml` before it was taken in, or where
no row could be made of anything that came with it. What a door has found bad stays: to send it
again is up to its sender.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.intake.ingest import ingest
from tuttuno.intake.intake import Intake
from tuttuno.intake.live import held_name, line_of
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault import quarantine
from tuttuno.vault.inbox import Kept
from tuttuno.vault.quarantine import Quarantined, QuarantineFilter, QuarantineState

#: What the ledger calls messages that never became rows.
EVENTS = "events"

#: The rule of messages of which no row could be made at all, and of those of no source we know.
REFUSED, NO_SOURCE = "refused", "unknown_source"

Sources = Mapping[str, Mapping[str, Any]]

#: Messages that are taken in together.
_TOGETHER = 20_000


def payload_of(message: Kept) -> dict[str, object]:
    """Return all of a message that it takes to make rows of it later."""
    return {
        "message_id": message.message_id,
        "kind": message.kind,
        "received_at": message.received_at.isoformat(),
        "sent_at": None if message.sent_at is None else message.sent_at.isoformat(),
        "about": message.about,
        "body": message.body,
    }


def take_in_held(
    source: str,
    work: Intake,
    *,
    sources: Sources,
    rule: str | None = None,
    clock: Clock = utc_now,
) -> tuple[FileReport, ...]:
    """Take in messages of a source that were held back whole; those that still cannot be, stay.

    Args:
        source: Its name in `tuttuno.toml`.
        work: Where records go.
        sources: What the settings say of all sources.
        rule: Only messages that broke this rule.
        clock: The time of the batches.

    Returns:
        One report for each table that they come to; `received` counts its rows.
    """
    reports: list[FileReport] = []
    for one in (REFUSED, NO_SOURCE):
        after = 0
        while rule in {None, one} and (page := _page(source, one, after, work)):
            after = page[-1].quarantine_no
            reports += _taken_in(source, page, work, sources, clock)
    return tuple(reports)


def _page(source: str, rule: str, after: int, work: Intake) -> list[Quarantined]:
    where = QuarantineFilter(source=source, table=EVENTS, rule=rule)
    with work.vault.read() as con:
        return quarantine.browse(con, where, limit=_TOGETHER, after=after)


def _taken_in(
    source: str, held: list[Quarantined], work: Intake, sources: Sources, clock: Clock
) -> tuple[FileReport, ...]:
    line = line_of(str(sources[source].get("format", "")))
    mapping = mapping_for(None, source, sources=sources)
    with lent(work.scratch / "held") as folder:
        path = folder / held_name(source, held[0].quarantine_no)
        path.write_bytes(b"".join(line(_kept(each)) + b"\n" for each in held))
        try:
            reports = ingest([path], mapping, work, clock=clock)
        except BadInput:
            return ()
    if any(each.refused for each in reports):
        return reports
    numbers = [each.quarantine_no for each in held]
    with work.vault.begin() as con:
        quarantine.settle(
            con, numbers, QuarantineState.RETRIED, retried_by=reports[0].batch if reports else None
        )
    return reports


def _kept(held: Quarantined) -> Kept:
    told = held.payload or {}
    sent = told.get("sent_at")
    return Kept(
        position=held.quarantine_no,
        source=held.source,
        message_id=told["message_id"],
        kind=told["kind"],
        received_at=datetime.fromisoformat(told["received_at"]),
        body=told["body"],
        sent_at=None if sent is None else datetime.fromisoformat(sent),
        about=told.get("about", {}),
    )
