"""Drain: what came through live doors into vault and lake, each message exactly once.

The messages of a claim become one file for each source, and a file goes the way of all files. A
drain that is killed is done again with the very same files, so that what is there already counts
as a duplicate and the rest comes in.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import sleep
from typing import IO, Any

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.intake.ingest import ingest
from tuttuno.intake.intake import Intake
from tuttuno.intake.live import Line, file_name, line_of
from tuttuno.intake.mapping import Mapping as FileMappings
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.intake.tracking.tally import PlanTally
from tuttuno.tasks.held_messages import EVENTS, NO_SOURCE, REFUSED, payload_of
from tuttuno.tasks.ingest import mapping_for
from tuttuno.tasks.turn import turn
from tuttuno.vault.batches import BatchStatus, Counts, batches_of_digest, close_batch, open_batch
from tuttuno.vault.inbox import Kept
from tuttuno.vault.inbox_claims import Claim, claim, claimed, close_claim, count_waiting
from tuttuno.vault.inbox_names import file_names
from tuttuno.vault.quarantine import Quarantined, put
from tuttuno.vault.vault import Vault

#: Messages that are taken in together.
TOGETHER = 20_000

#: Names that are filed at a time, and seconds for whoever waits at a door between two times.
_NAMES, _BREATH = 250, 0.01

Sources = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Drained:
    """What was taken in.

    Attributes:
        messages: How many left the inbox.
        reports: One for each file that they made.
    """

    messages: int
    reports: tuple[FileReport, ...]


def drain(
    inbox: Vault,
    intake: Intake,
    *,
    root: Path,
    sources: Sources,
    patience: float = 0,
    clock: Clock = utc_now,
) -> Drained:
    """Take in all that waits; what comes meanwhile is left for the next time.

    Raises:
        Busy: Another intake of the project is running, and did not end in time.
    """
    return together(
        claims(inbox, intake, root=root, sources=sources, patience=patience, clock=clock)
    )


def claims(
    inbox: Vault,
    intake: Intake,
    *,
    root: Path,
    sources: Sources,
    patience: float = 0,
    clock: Clock = utc_now,
) -> Iterator[Drained]:
    """Take in all that waits as `drain` does, a claim at a time; whoever wants to stops between.

    Raises:
        Busy: Another intake of the project is running, and did not end in time.
    """
    messages = 0
    with turn(root, "ingest", patience=patience):
        with inbox.read() as con:
            waiting = count_waiting(con)
        while messages < waiting:
            _file_names(inbox)
            with inbox.begin() as con:
                one = claim(con, limit=TOGETHER, at=clock())
            if one is None:
                return
            seen = PlanTally(intake.plan)
            taken = _Claimed(one, inbox, intake, sources, clock, seen).take_in()
            with inbox.begin() as con:
                seen.write(con)
                close_claim(con, one, clock())
            messages += taken.messages
            yield taken


def _file_names(inbox: Vault) -> None:
    """File the names of as much as a claim holds, a few at a time: every door waits meanwhile."""
    for _ in range(0, TOGETHER, _NAMES):
        with inbox.begin() as con:
            if file_names(con, most=_NAMES) < _NAMES:
                return
        sleep(_BREATH)


def together(claims: Iterable[Drained]) -> Drained:
    """Return several as one."""
    all_of = list(claims)
    reports = tuple(chain.from_iterable(each.reports for each in all_of))
    return Drained(sum(each.messages for each in all_of), reports)


@dataclass(slots=True)
class _Sheet:
    """The messages of one source.

    Attributes:
        path: The file of the good ones.
        bad: Those that the door has found bad.
    """

    path: Path
    line: Line
    file: IO[bytes]
    mapping: FileMappings | None
    good: int = 0
    bad: list[Kept] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """One claim on its way."""

    claim: Claim
    inbox: Vault
    work: Intake
    sources: Sources
    clock: Clock
    seen: PlanTally

    def take_in(self) -> Drained:
        with lent(self.work.scratch / "inbox") as folder:
            with ExitStack() as files:
                sheets, messages = self._sheets(folder, files)
            reports = [
                report for source in sorted(sheets) for report in self._in(source, sheets[source])
            ]
        return Drained(messages, tuple(reports))

    def _sheets(self, folder: Path, files: ExitStack) -> tuple[dict[str, _Sheet], int]:
        """Write a file for each source."""
        sheets: dict[str, _Sheet] = {}
        count = 0
        with self.inbox.read() as con:
            for message in claimed(con, self.claim):
                count += 1
                if message.source not in sheets:
                    sheets[message.source] = self._sheet(message.source, folder, files)
                sheet = sheets[message.source]
                if message.rule is not None or sheet.mapping is None:
                    sheet.bad.append(message)
                else:
                    sheet.file.write(sheet.line(message) + b"\n")
                    sheet.good += 1
                    self.seen.see(message)
        return sheets, count

    def _sheet(self, source: str, folder: Path, files: ExitStack) -> _Sheet:
        declared = self.sources.get(source, {})
        path = folder / file_name(source, self.claim.number)
        line = line_of(str(declared.get("format", "")))
        opened = files.enter_context(path.open("wb"))
        return _Sheet(path, line, opened, self._mapping(source))

    def _mapping(self, source: str) -> FileMappings | None:
        if source not in self.sources:
            return None
        return mapping_for(None, source, sources=self.sources)

    def _in(self, source: str, sheet: _Sheet) -> list[FileReport]:
        reports: list[FileReport] = []
        if sheet.bad:
            reports.append(self._aside(source, sheet, sheet.bad, _why))
        if sheet.good and sheet.mapping is not None:
            try:
                taken = ingest([sheet.path], sheet.mapping, self.work, clock=self.clock)
            except BadInput as error:
                return [*reports, self._all_aside(source, sheet, str(error))]
            reports += taken
            refused = next((each.refused for each in taken if each.refused), None)
            if refused is not None:
                reports.append(self._all_aside(source, sheet, refused))
        return reports

    def _all_aside(self, source: str, sheet: _Sheet, why: str) -> FileReport:
        """Put every good message of a source aside, because no row could be made of them."""
        with self.inbox.read() as con:
            held = [
                each
                for each in claimed(con, self.claim)
                if each.source == source and each.rule is None
            ]
        return self._aside(source, sheet, held, lambda _: (REFUSED, why))

    def _aside(
        self,
        source: str,
        sheet: _Sheet,
        messages: Sequence[Kept],
        why: Callable[[Kept], tuple[str, str]],
    ) -> FileReport:
        """Put messages into quarantine, once however often the claim is done again."""
        counts = Counts(received=len(messages), quarantined=len(messages))
        told = "\n".join([sheet.path.name, *(f"{each.position}" for each in messages)])
        digest = hashlib.sha256(told.encode()).hexdigest()
        with self.work.vault.begin() as con:
            before = batches_of_digest(con, digest)
            done = next((each for each in before if each.status is BatchStatus.DONE), None)
            if done is not None:
                return _report(source, sheet.path, done.batch, done.counts)
            batch = open_batch(
                con,
                source=source,
                table=EVENTS,
                file=str(sheet.path),
                digest=digest,
                at=self.clock(),
            )
            file = str(sheet.path)
            put(
                con,
                [_quarantined(each, n, batch, file, why(each)) for n, each in _numbered(messages)],
            )
            close_batch(con, batch, counts, self.clock())
        return _report(source, sheet.path, batch, counts)


def _numbered(messages: Sequence[Kept]) -> "enumerate[Kept]":
    return enumerate(messages, 1)


def _why(message: Kept) -> tuple[str, str]:
    if message.rule is None:
        return NO_SOURCE, f"tuttuno.toml has no source {message.source}"
    return message.rule, message.why or message.rule


def _quarantined(
    message: Kept, number: int, batch: int, file: str, why: tuple[str, str]
) -> Quarantined:
    rule, told = why
    return Quarantined(
        batch=batch,
        source=message.source,
        table=EVENTS,
        file=file,
        row=number,
        column=None,
        rule=rule,
        value=None,
        message=told,
        payload=payload_of(message),
        at=message.received_at,
        record_key=message.about.get("record_key"),
    )


def _report(source: str, path: Path, batch: int, counts: Counts) -> FileReport:
    return FileReport(source=source, table=EVENTS, file=str(path), batch=batch, counts=counts)
