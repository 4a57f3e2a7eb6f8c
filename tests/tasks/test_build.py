"""A build: one atomic publication, and no more work than what changed asks for."""

import shutil
from dataclasses import replace

import pytest

from tests.projects import digest, make_release, take_in
from tuttuno.errors import Unavailable
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.tasks.build import build
from tuttuno.tasks.measure import answer_key
from tuttuno.tasks.open_release import find_release
from tuttuno.tasks.roll_back import roll_back
from tuttuno.tasks.verify import verify
from tuttuno.vault import releases
from tuttuno.workspace import open_workspace

HEAD = "source,sale_id,line_no,sold_at,channel,store_id,product_id,quantity,net,currency,email\n"


def sale(number, day, net="10.00", email="", channel="store", quantity=1):
    product = "P000001"
    return f"till,X{number},1,{day}T10:00:00,{channel},,{product},{quantity},{net},EUR,{email}\n"


@pytest.fixture
def workspace(own_shop):
    opened = own_shop.open()
    yield opened
    opened.vault.close()


def add(workspace, folder, *rows):
    file = folder / "sales_more.csv"
    file.write_text(HEAD + "".join(rows).replace(",store,,", ",web,,"))
    return take_in(workspace, file)


def test_nothing_new_makes_no_month_again(workspace):
    made = make_release(workspace)
    assert (made.release, made.months) == (2, ())


def test_nothing_new_is_neither_computed_nor_written_again(workspace, monkeypatch):
    before = find_release(workspace.vault)
    for computing in ("answered", "estimated"):
        monkeypatch.setattr(f"tuttuno.tasks.prepare_answers.{computing}", None)
    make_release(workspace)
    now = find_release(workspace.vault)
    assert (now.number, now.tables) == (before.number + 1, before.tables)
    keys = [answer_key(name, Ask()) for name in MEASURES]
    with workspace.vault.read() as con:
        told = [[releases.load_answer(con, n, key) for key in keys] for n in (1, 2)]
    assert told[0] == told[1]
    assert None not in told[0]


def test_what_a_page_opens_with_is_answered_by_the_build(workspace):
    release = find_release(workspace.vault)
    asked = [answer_key("click_and_collect", Ask(by=by)) for by in ((), ("month",), ("store",))]
    with workspace.vault.read() as con:
        assert None not in [releases.load_answer(con, release.number, key) for key in asked]


def test_other_definitions_ask_for_a_whole_build(workspace, monkeypatch):
    monkeypatch.setattr("tuttuno.tasks.build.DEFINITIONS", 0)
    assert make_release(workspace).months is None


def test_only_months_of_new_sales_and_of_returns_from_them_are_made_again(workspace, tmp_path):
    add(workspace, tmp_path, sale(1, "2025-03-05"), sale(2, "2025-06-05"))
    assert make_release(workspace).months == ("2025-03", "2025-04", "2025-06", "2025-07")


def test_an_incremental_build_equals_a_full_one(workspace, own_shop, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("source,record_id,email,birth_date\ncrm,N1,new@example.org,1980-05-05\n")
    take_in(workspace, people)
    add(
        workspace, tmp_path,
        sale(1, "2025-03-05", email="new@example.org"), sale(2, "2025-06-05"),
    )  # fmt: skip
    shutil.copytree(own_shop.root, tmp_path / "twin")
    twin = open_workspace(tmp_path / "twin")
    make_release(workspace)
    make_release(twin, full=True)
    assert digest(workspace) == digest(twin)


def test_readers_pin_one_release_while_the_next_is_published(workspace, tmp_path):
    opened = workspace.reading().current()
    before = opened.engine.run(opened.tables["purchase"].count().as_table())
    add(workspace, tmp_path, sale(1, "2025-03-05"))
    make_release(workspace)
    assert opened.engine.run(opened.tables["purchase"].count().as_table()) == before


def test_a_build_that_fails_leaves_the_former_release_serving(workspace, tmp_path):
    before = digest(workspace)
    add(workspace, tmp_path, sale(1, "2025-03-05"))
    engine = workspace.engine()
    told = []

    def fail_at_the_mart(what, _done, _total):
        told.append(what)
        if what == "person":
            raise Unavailable("the disk is full")

    with pytest.raises(Unavailable, match="the disk is full"):
        build(workspace.stores, engine, settings=workspace.build, progress=fail_at_the_mart)
    assert find_release(workspace.vault).number == 1
    assert digest(workspace) == before


def test_an_answer_that_fails_stops_the_others_and_leaves_the_former_release(
    workspace, tmp_path, monkeypatch
):
    add(workspace, tmp_path, sale(1, "2025-03-05"))
    began = []

    def fail(posed, _together):
        began.append(posed.measure.name)
        raise Unavailable("the disk is full")

    monkeypatch.setattr("tuttuno.tasks.prepare_answers.answered", fail)
    with pytest.raises(Unavailable, match="the disk is full"):
        make_release(workspace)
    assert len(began) < len(MEASURES)
    assert find_release(workspace.vault).number == 1


def test_the_build_after_a_failure_starts_from_scratch_and_equals_an_undisturbed_one(
    workspace, own_shop, tmp_path
):
    add(workspace, tmp_path, sale(1, "2025-03-05"))
    shutil.copytree(own_shop.root, tmp_path / "twin")
    twin = open_workspace(tmp_path / "twin")

    def fail(what, _done, _total):
        if what == "person":
            raise Unavailable("the disk is full")

    with pytest.raises(Unavailable):
        make_release(workspace, progress=fail)
    assert make_release(workspace).months is None
    make_release(twin)
    assert digest(workspace) == digest(twin)


def test_after_a_rollback_the_next_build_is_whole(workspace, tmp_path):
    add(workspace, tmp_path, sale(1, "2025-03-05"))
    make_release(workspace)
    newest = digest(workspace)
    roll_back(1, vault=workspace.vault, actor="test")
    assert digest(workspace) != newest
    assert make_release(workspace).months is None
    assert digest(workspace) == newest


def test_old_releases_are_retired_and_the_kept_ones_stay_readable(workspace, tmp_path):
    settings = replace(workspace.build, keep=2)
    for number in range(1, 4):
        add(workspace, tmp_path, sale(number, "2025-03-05"))
        build(workspace.stores, workspace.engine(), settings=settings)
    with workspace.vault.read() as con:
        known = {one.number: one.status.value for one in releases.releases(con)}
    kept = [number for number, status in known.items() if status == "published"]
    assert sorted(kept) == [3, 4]
    assert verify(workspace.stores, workspace.embedded()).sound
