"""Who was erased does not come back: not by an old file, not by a late one, and all is counted."""

from datetime import UTC, datetime

import pyarrow as pa

from tests.intake.project import KEY, Project
from tuttuno.schema.keyed import record_key, value_key
from tuttuno.schema.lake import SALE_LINE, TOUCH
from tuttuno.vault.batches import Counts
from tuttuno.vault.records import find_record
from tuttuno.vault.suppressions import RECORD_TYPE, suppress

SALES = "source,sale_id,line_no,record_id,email,sold_at,channel,product_id,quantity,net,currency"


def bar(project: Project, kind: str, key: str, until: str) -> None:
    """Keep somebody out, as an erasure does."""
    moment = [datetime.fromisoformat(until).replace(tzinfo=UTC)]
    at = pa.array(moment, pa.timestamp("us", "UTC"))
    said = {"type": [kind], "key": [key], "reason": ["erasure"], "cutoff_at": at, "at": at}
    with project.work.vault.begin() as con:
        suppress(con, pa.table(said))


def test_a_record_that_was_erased_stays_away_until_she_comes_again(project):
    bar(project, RECORD_TYPE, record_key(KEY, "crm", "7"), "2026-03-01T00:00:00")
    old = project.take_text(
        "people",
        """
        source,record_id,email,updated_at
        crm,7,anna@example.it,2026-02-28T10:00:00Z
        crm,8,bruno@example.it,2026-02-28T10:00:00Z
        """,
    )
    assert old.counts == Counts(received=2, accepted=1, suppressed=1)
    assert old.notes == ("1 rows speak of people who were erased, and are kept out",)
    with project.work.vault.read() as con:
        assert find_record(con, "crm", "7") is None
    again = project.take_text(
        "people",
        """
        source,record_id,email,updated_at
        crm,7,anna@example.it,2026-03-01T00:00:01Z
        """,
    )
    assert again.counts == Counts(received=1, accepted=1)


def test_a_row_without_a_time_may_be_old_and_is_kept_out(project):
    bar(project, "email", value_key(KEY, "email", "anna@example.it"), "2026-03-01T00:00:00")
    found = project.take_text("people", "source,record_id,email\nshop,9,Anna@Example.it\n")
    assert found.counts == Counts(received=1, suppressed=1)


def test_sales_under_any_of_her_identifiers_are_kept_out_and_the_others_are_not(project):
    bar(project, "email", value_key(KEY, "email", "anna@example.it"), "2026-03-01T12:00:00")
    lines = [
        "shop,1,1,7,anna@example.it,2026-03-01T12:00:00Z,web,A,1,10,EUR",
        "shop,2,1,7,anna@example.it,2026-03-01T12:00:01Z,web,A,1,10,EUR",
        "shop,3,1,,anna@example.it,2026-02-01T10:00:00Z,web,A,1,10,EUR",
        "shop,4,1,8,bruno@example.it,2026-02-01T10:00:00Z,web,A,1,10,EUR",
        "shop,5,1,,,2026-02-01T10:00:00Z,web,A,1,10,EUR",
    ]
    found = project.take_text("sales", "\n".join([SALES, *lines]) + "\n")
    assert found.counts == Counts(received=5, accepted=3, suppressed=2)
    assert project.rows(SALE_LINE, "sale_id") == ["2", "4", "5"]


def test_touches_of_her_device_are_kept_out(project):
    bar(project, "device", value_key(KEY, "device", "d-1"), "2026-03-01T00:00:00")
    text = (
        "source,touch_id,at,kind,device_id\n"
        "web,1,2026-02-01T10:00:00Z,page_view,d-1\n"
        "web,2,2026-02-01T10:00:00Z,page_view,d-2\n"
    )
    found = project.take_text("touches", text)
    assert found.counts == Counts(received=2, accepted=1, suppressed=1)
    assert project.rows(TOUCH, "touch_id") == ["2"]


def test_a_file_that_comes_again_counts_the_same(project):
    bar(project, "email", value_key(KEY, "email", "anna@example.it"), "2026-03-01T12:00:00")
    line = "shop,3,1,,anna@example.it,2026-02-01T10:00:00Z,web,A,1,10,EUR"
    path = project.write("sales_x.csv", f"{SALES}\n{line}\n")
    for _ in range(2):
        assert project.take(path)[0].counts == Counts(received=1, suppressed=1)
