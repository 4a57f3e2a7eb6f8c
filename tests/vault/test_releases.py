"""Releases: readers see exactly one, from one moment to the next, and any earlier one again."""

from datetime import timedelta

import pytest

from tests.vault.rows import AT
from tuttuno.errors import BadInput, NotFound
from tuttuno.vault import releases
from tuttuno.vault.releases import NotServable, Release, ReleaseStatus

LATER = AT + timedelta(hours=1)


def build(con):
    return releases.open_release(con, config_hash="c", engine="duckdb", at=AT)


def publish(con, number, version=1):
    tables = {"purchase": version, "person": 2}
    releases.publish(con, number, tables=tables, identity_run=4, metrics={"s": 1.5}, at=LATER)


def shown(vault):
    with vault.read() as con:
        current = releases.current(con)
    return current and current.number


def test_a_build_is_seen_only_when_it_is_published(vault):
    with vault.begin() as con:
        number = build(con)
    assert shown(vault) is None
    with vault.begin() as con:
        publish(con, number, version=7)
        made = Release(
            number,
            ReleaseStatus.PUBLISHED,
            LATER,
            {"purchase": 7, "person": 2},
            4,
            "c",
            "duckdb",
            {"s": 1.5},
        )
        assert releases.current(con) == made == releases.release_of(con, number)


def test_a_publication_that_breaks_off_leaves_the_former_release(vault):
    with vault.begin() as con:
        publish(con, build(con))
    with pytest.raises(NotFound), vault.begin() as con:
        _publish_and_fail(con)
    assert shown(vault) == 1
    with vault.read() as con:
        assert [one.number for one in releases.releases(con)] == [1]


def _publish_and_fail(con):
    publish(con, build(con))
    releases.release_of(con, 99)


def test_going_back_is_pointing_to_an_earlier_release(vault):
    with vault.begin() as con:
        publish(con, build(con))
        publish(con, build(con))
    assert shown(vault) == 2
    with vault.begin() as con:
        assert releases.point_to(con, 1).number == 1
    assert shown(vault) == 1


def test_only_a_published_release_can_be_shown(vault):
    with vault.begin() as con:
        building, failed, shown_now = build(con), build(con), build(con)
        releases.fail(con, failed, metrics={"error": "disk"}, at=LATER)
        publish(con, shown_now)
        for number, status in ((building, "building"), (failed, "failed")):
            with pytest.raises(NotServable, match=f"release {number} is {status}"):
                releases.point_to(con, number)
        with pytest.raises(NotFound, match="no release 9"):
            releases.point_to(con, 9)
        with pytest.raises(NotFound, match="no release 9"):
            releases.fail(con, 9, metrics={}, at=LATER)
        assert releases.current(con).number == shown_now


def test_a_release_is_retired_with_its_answers_but_never_under_its_readers(vault):
    with vault.begin() as con:
        publish(con, build(con))
        publish(con, build(con))
        releases.save_answer(con, 1, "coverage", "{}")
        releases.retire(con, 1)
        assert releases.load_answer(con, 1, "coverage") is None
        assert releases.release_of(con, 1).status is ReleaseStatus.RETIRED
        with pytest.raises(BadInput, match="release 2 is the one being shown"):
            releases.retire(con, 2)


def test_releases_are_paged_latest_first(vault):
    with vault.begin() as con:
        for _ in range(3):
            build(con)
        assert [one.number for one in releases.releases(con, limit=2)] == [3, 2]
        assert [one.number for one in releases.releases(con, before=2)] == [1]


def test_an_answer_belongs_to_one_release(vault):
    with vault.begin() as con:
        publish(con, build(con))
        publish(con, build(con))
        releases.save_answer(con, 1, "coverage", "old")
        releases.save_answer(con, 1, "coverage", "new")
        assert releases.load_answer(con, 1, "coverage") == "new"
        assert releases.load_answer(con, 2, "coverage") is None
        assert releases.load_answer(con, 1, "growth") is None
