"""A run may die at any moment: what it kept is accounted for, and the file brings the rest."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.project import Project, close, make_project
from tuttuno.intake import ledger, people_side, settle
from tuttuno.intake.ledger import settle_abandoned
from tuttuno.lake.store import Lake
from tuttuno.schema.lake import LAKE, RECORD, SALE_LINE
from tuttuno.vault.batches import BatchStatus, Counts

PEOPLE = (
    "source,record_id,email,gender,updated_at\ncrm,1,a@example.org,female,2026-01-01\n"
    "crm,2,b@example.org,x,2026-01-01\ncrm,3,c@example.org,male,2026-01-01\n"
)
LATER = "source,record_id,email,gender,updated_at\ncrm,1,z@example.org,male,2026-02-01\n"
CONSENTS = "source,record_id,purpose,granted,at\ncrm,1,marketing,true,2026-01-01\n"
SALES = (
    "source,sale_id,line_no,sold_at,channel,store_id,product_id,quantity,net,currency,"
    "loyalty_card,note,updated_at\n"
    "till,R1,1,2026-01-10,store,S1,P1,1,10,EUR,C100,n,2026-01-11\n"
    "till,R2,1,2026-02-10,store,S1,P1,1,10,EUR,,,2026-01-11\n"
    "till,R3,1,2026-02-10,store,,P1,1,10,EUR,,,2026-01-11\n"
)
SALES_LATER = SALES.replace("1,10,EUR,C100,n,2026-01-11", "2,20,EUR,C100,n,2026-01-12")
FIRST = {"people_1.csv": PEOPLE, "consents.csv": CONSENTS, "sales_1.csv": SALES}
SECOND = {"people_2.csv": LATER, "sales_2.csv": SALES_LATER}


class Killed(BaseException):
    """The run is over; nothing after this line happens."""


def deliver(project: Project):
    """Take in two deliveries, the second with corrections."""
    reports = []
    for files in (FIRST, SECOND):
        for name, text in files.items():
            (project.files / name).write_text(text)
        reports += project.take(*(project.files / name for name in files))
    return reports


def picture(project: Project):
    """All that a project knows, without the numbers of batches and the order of arrival."""
    lake = {table.name: project.content(table) for table in LAKE}
    people = {
        who: (project.record(*who).fields, project.identifiers(*who))
        for who in [("crm", "1"), ("crm", "3"), ("till", "loyalty_card:C100")]
    }
    aside = sorted({(Path(each.file).name, each.row, each.rule) for each in project.quarantine()})
    return lake, people, aside


def held_and_accepted(project: Project):
    """Rows of each batch in the lake, and what the ledger says was accepted."""
    held: dict[int, int] = {}
    for table in LAKE:
        for batch in project.table(table)["batch"].to_pylist():
            held[batch] = held.get(batch, 0) + 1
    return held, {each.batch: each.counts.accepted for each in project.ledger()}


def check_sound(project: Project) -> None:
    settle_abandoned(project.work, lambda: project.ledger()[-1].opened_at)
    project.law()
    held, accepted = held_and_accepted(project)
    assert [batch for batch in held if held[batch] > accepted.get(batch, 0)] == []


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, empty_vault):
    project = make_project(tmp_path_factory.mktemp("calm") / "p", empty_vault)
    deliver(project)
    found = picture(project)
    close(project)
    return found


def dying(monkeypatch, owner, name, *, call, after):
    """Make the n-th call of a function the last thing that happens, or nearly happens."""
    whole, calls = getattr(owner, name), [0]

    def last(*args, **kwargs):
        calls[0] += 1
        if calls[0] == call and not after:
            raise Killed
        result = whole(*args, **kwargs)
        if calls[0] == call:
            raise Killed
        return result

    monkeypatch.setattr(owner, name, last)


POINTS = [
    (Lake, "append", 1, False),
    (Lake, "append", 1, True),
    (Lake, "merge", 1, True),
    (Lake, "merge", 2, False),
    (Lake, "merge", 3, True),
    (settle, "close_batch", 2, False),
    (settle, "close_batch", 3, False),
    (people_side, "replace_records", 1, True),
    (people_side, "record_consents", 1, True),
    (ledger, "digest_of", 4, True),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    POINTS,
    ids=[f"{'after' if after else 'before'} {name} {call}" for _, name, call, after in POINTS],
)
def test_a_run_that_dies_loses_nothing_and_the_next_one_ends_alike(
    project, undisturbed, monkeypatch, point
):
    with monkeypatch.context() as patch:
        owner, name, call, after = point
        dying(patch, owner, name, call=call, after=after)
        with pytest.raises(Killed):
            deliver(project)
    check_sound(project)
    deliver(project)
    assert picture(project) == undisturbed
    check_sound(project)


def test_what_a_dead_run_has_put_into_the_lake_was_accepted(project, monkeypatch):
    (project.files / "sales.csv").write_text(SALES)
    with monkeypatch.context() as patch:
        dying(patch, Lake, "append", call=1, after=True)
        with pytest.raises(Killed):
            project.take()
    assert [each.status for each in project.ledger()] == [BatchStatus.OPEN]
    (report,) = project.take()
    assert report.counts == Counts(received=3, duplicate=2, quarantined=1)
    dead, _ = project.ledger()
    assert (dead.status, dead.counts) == ("abandoned", Counts(received=2, accepted=2))


def test_records_that_the_vault_has_and_the_lake_has_not_are_completed(project, monkeypatch):
    (project.files / "people.csv").write_text(PEOPLE)
    with monkeypatch.context() as patch:
        dying(patch, Lake, "merge", call=1, after=False)
        with pytest.raises(Killed):
            project.take()
    assert project.rows(RECORD, "gender") == []
    check_sound(project)
    assert project.rows(RECORD, "gender") == ["female", "male"]


def test_the_same_file_again_changes_nothing_not_even_its_quarantine(project):
    first = deliver(project)
    before = picture(project)
    again = deliver(project)
    assert picture(project) == before
    assert len(project.quarantine()) == sum(each.counts.quarantined for each in first) == 2
    assert [each.counts for each in again] == [
        Counts(received=each.counts.received, duplicate=each.counts.received) for each in first
    ]


def test_no_scratch_is_left(project):
    deliver(project)
    assert list(project.work.scratch.glob("intake-*")) == []


SCRIPT = """
import sys
from pathlib import Path
from tests.intake.project import Project, NOW
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.intake.ingest import ingest
from tuttuno.intake.intake import Intake
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT
from tuttuno.lake.store import Lake
from tuttuno.vault.vault import open_vault
root = Path(sys.argv[1])
work = Intake(open_vault(f"sqlite:///{root}/vault/vault.sqlite"), Lake(root / "lake"),
              DuckDBEngine(threads=1, memory="500MB", scratch=root / "tmp"), KEY, root / "tmp")
print("ready", flush=True)
ingest([root / "files"], EXCHANGE_FORMAT, work, clock=lambda: NOW)
""".replace("KEY", "b'a key for tests, thirty-two bytes'")


def killed_at_random(project: Project, chance: random.Random, longest: float) -> bool:
    """Start an ingest and kill it; True when it had ended before."""
    command = [sys.executable, "-c", SCRIPT, str(project.root)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as run:
        run.stdout.readline()
        try:
            run.wait(chance.uniform(0, longest))
        except subprocess.TimeoutExpired:
            run.kill()
            return False
    return True


@pytest.mark.parametrize(
    "cycles",
    [pytest.param(4, marks=pytest.mark.slow), pytest.param(40, marks=pytest.mark.storm)],
)
def test_kill_9_at_random_moments_ends_alike(project, undisturbed, cycles):
    for name, text in (FIRST | SECOND).items():
        (project.files / name).write_text(text)
    chance, longest = random.Random(11), 6.0  # noqa: S311 - a seed, so that a failure can be repeated
    for _ in range(cycles):
        if killed_at_random(project, chance, longest):
            longest *= 0.8
        check_sound(project)
    deliver(project)
    assert picture(project) == undisturbed
    check_sound(project)


def test_ledger_of_the_vault_is_what_the_reports_say(project):
    reports = deliver(project)
    assert {each.batch: each.counts for each in project.ledger()} == {
        report.batch: report.counts for report in reports
    }
    assert len(project.rows(SALE_LINE, "sale_id")) == 2
