"""Consents: every decision of every record, the last word on each grain."""

from datetime import timedelta

import pyarrow as pa

from tests.vault.rows import AT, key, keys, people
from tuttuno.vault import consents
from tuttuno.vault.consents import Consent
from tuttuno.vault.records import insert_records, read_records

LATER = AT + timedelta(days=1)


def decided(*rows, purpose="marketing"):
    """Rows from `(record id, channel, at, granted)`, all for one purpose."""
    ids, channels, moments, granted = (list(column) for column in zip(*rows, strict=True))
    count = len(rows)
    return pa.table(
        {
            "record_key": keys(*ids),
            "purpose": [purpose] * count,
            "channel": channels,
            "at": pa.array(moments, pa.timestamp("us", "UTC")),
            "granted": granted,
            "content": [f"said {said}" for said in granted],
            "method": ["form"] * count,
            "batch": [1] * count,
        }
    )


def test_decisions_are_kept_in_their_order(vault):
    rows = decided(("7", "any", LATER, False), ("7", "any", AT, True), ("8", "sms", AT, True))
    with vault.begin() as con:
        consents.record_consents(con, rows)
        mine = consents.consents_of(con, keys("7"))
        everything = consents.read_consents(con)
    assert [(one.at, one.granted) for one in mine] == [(AT, True), (LATER, False)]
    assert mine[0] == Consent(
        key("crm|7"), "marketing", "any", AT, granted=True, controller=None,
        notice_version=None, method="form", evidence=None,
    )  # fmt: skip
    assert everything.num_rows == 3


def test_the_last_word_on_one_grain_counts(vault):
    with vault.begin() as con:
        consents.record_consents(con, decided(("7", "any", AT, True)))
        consents.record_consents(con, decided(("7", "any", AT, False), ("7", "sms", AT, True)))
        found = consents.consents_of(con, keys("7"))
    assert {(one.channel, one.granted) for one in found} == {("any", False), ("sms", True)}


def test_states_tell_what_is_there(vault):
    with vault.begin() as con:
        consents.record_consents(con, decided(("7", "any", AT, True), ("8", "any", AT, False)))
        some = consents.consent_states(con, keys("8", "9")).to_pylist()
        assert consents.consent_states(con, None).num_rows == 2
    assert [(row["record_key"], row["content"]) for row in some] == [(key("crm|8"), "said False")]


def test_the_last_word_on_profiling_counts_and_at_one_moment_a_refusal(vault):
    words = [
        ("1", "any", AT, True), ("1", "any", LATER, False), ("2", "any", AT, False),
        ("2", "any", LATER, True), ("3", "any", AT, True), ("3", "sms", AT, False),
    ]  # fmt: skip
    profiled = decided(*words, purpose="profiling")
    with vault.begin() as con:
        numbers = insert_records(con, people("1", "2", "3", "4"))
        consents.record_consents(con, profiled)
        consents.record_consents(con, decided(("4", "any", AT, False)))
        assert consents.refusing(con).to_pylist() == [numbers[0].as_py(), numbers[2].as_py()]
        assert consents.refusing(con, numbers.slice(2)).to_pylist() == [numbers[2].as_py()]


def test_whoever_speaks_of_profiling_is_filed_as_changed_and_of_marketing_is_not(vault):
    word = ("1", "any", AT, False)
    with vault.begin() as con:
        insert_records(con, people("1"))
    seen = []
    for purpose in ("marketing", "profiling"):
        with vault.begin() as con:
            consents.record_consents(con, decided(word, purpose=purpose))
            seen.append(read_records(con, ("seq",))["seq"].to_pylist())
    assert seen == [[1], [2]]
