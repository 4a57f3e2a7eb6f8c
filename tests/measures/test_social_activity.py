"""Who of the buyers is active on social media, and what the active buy."""

import pytest

from tests.measures.scenario import Shop, asked

SALES = """
    loud   2026-01-05 web   - 30.00
    loud   2026-01-08 store - 50.00
    shy    2026-01-06 store - 40.00
    mute   2026-01-06 store - 20.00
    -      2026-01-09 store - 80.00
"""


def touch(who, day, channel="social"):
    return {"record_key": who, "updated_at": None, "at": day, "month": day[:7], "channel": channel}


TOUCHES = [
    *(touch("loud", "2026-01-06T10:00:00") for _ in range(5)),
    touch("shy", "2026-01-07T10:00:00"),
    touch("mute", "2026-01-07T10:00:00", channel="web"),
    touch("mute", "2025-11-07T10:00:00"),
    touch(None, "2026-01-07T10:00:00"),
]


@pytest.fixture(scope="module")
def found(duck):
    rows = asked("social_activity", Shop(SALES, touches=TOUCHES), duck).rows
    return {row["level"]: row for row in rows}


def test_levels_count_touches_on_the_social_channel_in_the_window(found):
    assert {level: row["persons"] for level, row in found.items()} == {
        "all": 3, "active": 2, "inactive": 1, "once": 1, "several": 0, "often": 1,
    }  # fmt: skip
    assert [found[level]["touches"] for level in ("all", "once", "often")] == [6, 1, 5]
    assert found["active"]["persons_share"] == pytest.approx(2 / 3)


def test_what_the_active_buy_is_set_against_the_inactive(found):
    active = found["active"]
    assert (active["orders_per_person"], active["revenue_per_person"]) == (1.5, 60.0)
    assert (active["spend_ratio"], found["inactive"]["spend_ratio"]) == (3.0, 1.0)
    assert (active["both_share"], active["online_orders_share"]) == (0.5, pytest.approx(1 / 3))


def test_a_level_without_anybody_compares_nothing(found):
    empty = found["several"]
    assert empty["persons"] == 0
    assert {empty[name] for name in ("revenue_per_person", "spend_ratio", "both_share")} == {None}


def test_the_warning_comes_with_every_answer(duck):
    notes = asked("social_activity", SALES, duck).notes
    assert any("no effect of social media" in note for note in notes)


def test_the_active_of_whom_no_purchase_is_known_are_told(duck):
    shop = Shop(SALES, touches=[*TOUCHES, touch("guest", "2026-01-07T10:00:00")],
                people={"guest": {}})  # fmt: skip
    notes = asked("social_activity", shop, duck).notes
    assert notes[1].startswith("3 people were active on social media in the window; 2 of them")


def test_a_split_compares_within_each_part(duck):
    shop = Shop(SALES, touches=TOUCHES, people={"loud": {"province": "MI"}})
    rows = asked("social_activity", shop, duck, by=("province",)).rows
    own = {(row["province"], row["level"]): row["persons"] for row in rows}
    assert (own["MI", "all"], own["MI", "inactive"], own[None, "active"]) == (1, 0, 1)
