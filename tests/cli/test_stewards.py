"""`tuttuno steward`: the queue, two records side by side, and decisions that can be taken back."""

import json

import pytest


@pytest.fixture
def doubtful(doubtful_shop, tmp_path):
    """A copy of the shop in which decisions may be taken."""
    return doubtful_shop.copy(tmp_path)


@pytest.fixture
def say(tuttuno, doubtful):
    """Run a verb of the steward and read its JSON."""

    def said(*words):
        answer = tuttuno("-C", doubtful.root, "steward", *words, "--json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    return said


@pytest.fixture
def pairs(say):
    """The pairs in doubt."""
    return say("review", "--limit", "500")["pairs"]


@pytest.fixture
def apart(pairs):
    """Two records in doubt that are two people."""
    return next(pair for pair in pairs if not pair["joined"])


def test_the_queue_lists_first_where_a_mistake_is_likely_and_dear(say):
    found = say("review", "--limit", "500")
    pairs = found["pairs"]
    assert found["total"] >= len(pairs) > 0
    worth = [pair["doubt"] * (1 + pair["value"]) for pair in pairs]
    assert worth == sorted(worth, reverse=True)
    for pair in pairs:
        assert pair["doubt"] == pytest.approx(
            1 - pair["chance"] if pair["joined"] else pair["chance"]
        )
        assert (pair["one"]["person_id"] == pair["other"]["person_id"]) == pair["joined"]


def test_the_waterfall_adds_up_and_agrees_with_the_queue(say):
    for pair in say("review", "--limit", "5")["pairs"]:
        ends = pair["one"]["record_key"], pair["other"]["record_key"]
        fall = say("compare", *ends)["waterfall"]
        assert sum(step["bits"] for step in fall["steps"]) == pytest.approx(fall["weight"])
        assert fall["steps"][-1]["total"] == fall["weight"]
        assert fall["chance"] == pytest.approx(pair["chance"])
        assert all(step["text"] for step in fall["steps"])


def test_a_merge_and_its_undoing(say, apart):
    ends = apart["one"]["record_key"], apart["other"]["record_key"]
    ids = sorted([apart["one"]["person_id"], apart["other"]["person_id"]])
    done = say("merge", *ends, "--reason", "she called")
    assert done["persons"] == ids[:1]
    assert say("compare", *ends)["joined"] is True
    (held,) = say("decisions")
    assert (held["verdict"], held["reason"], held["author"]) == (
        "must", "she called", "command line",
    )  # fmt: skip
    taken = say("undo", str(done["decision"]), "--reason", "it was her sister")
    assert taken["persons"] == ids
    assert say("decisions") == []


def test_who_is_decided_on_leaves_the_queue(say, pairs):
    ends = pairs[0]["one"]["record_key"], pairs[0]["other"]["record_key"]
    say("never", *ends, "--reason", "two people")
    left = [
        {pair["one"]["record_key"], pair["other"]["record_key"]}
        for pair in say("review", "--limit", "500")["pairs"]
    ]
    assert set(ends) not in left


def test_records_are_split_off_by_their_keys(say, pairs):
    pair = next(one for one in pairs if one["joined"])
    hers = say("records", pair["one"]["shown_id"])
    assert pair["other"]["record_key"] in [one["record_key"] for one in hers]
    done = say(
        "split", pair["one"]["shown_id"], "--record", pair["other"]["record_key"],
        "--reason", "another",
    )  # fmt: skip
    assert len(done["persons"]) == 2


def test_a_decision_without_a_reason_is_refused(tuttuno, doubtful, apart):
    ends = apart["one"]["record_key"], apart["other"]["record_key"]
    answer = tuttuno("-C", doubtful.root, "steward", "merge", *ends, "--reason", " ")
    assert answer.code == 3
    assert "needs a reason" in answer.err


def test_tables_are_printed_for_people(tuttuno, doubtful, apart):
    ends = apart["one"]["record_key"], apart["other"]["record_key"]
    queue = tuttuno("-C", doubtful.root, "steward", "review")
    assert ends[0] in queue.out or apart["one"]["shown_id"] in queue.out
    side = tuttuno("-C", doubtful.root, "steward", "compare", *ends)
    assert "chance of one person" in side.out
    assert "before anything is compared" in side.out


def test_a_detail_is_pinned_and_listed_among_the_decisions(tuttuno, doubtful, say, apart):
    done = say("pin", apart["one"]["record_key"], "name", "--reason", "she said so")
    assert done["persons"] == [apart["one"]["person_id"]]
    printed = tuttuno("-C", doubtful.root, "steward", "decisions").out
    assert "name of this record" in printed
    say("undo", str(done["decision"]), "--reason", "a mistake")
    assert say("decisions") == []
