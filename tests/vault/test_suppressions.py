"""Suppressions: what may not come in is known by surrogate and cut-off only."""

from datetime import timedelta

import pyarrow as pa

from tests.vault.rows import AT, key
from tuttuno.vault.suppressions import RECORD_TYPE, suppress, suppressed_keys


def barred(kind, text, cutoff):
    at = pa.array([AT], pa.timestamp("us", "UTC"))
    until = pa.array([cutoff], pa.timestamp("us", "UTC"))
    names = {"type": [kind], "key": [key(text)], "reason": ["erasure"]}
    return pa.table({**names, "cutoff_at": until, "at": at})


def test_the_last_cut_off_of_a_key_counts(vault):
    later = AT + timedelta(days=1)
    with vault.begin() as con:
        suppress(con, barred("email", "email|anna@example.it", AT))
        suppress(con, barred(RECORD_TYPE, "crm|7", AT))
        suppress(con, barred(RECORD_TYPE, "crm|7", later))
        found = suppressed_keys(con).sort_by("type").to_pylist()
    assert found == [
        {
            "type": "email",
            "key": key("email|anna@example.it"),
            "cutoff_at": AT.replace(tzinfo=None),
        },
        {"type": "record", "key": key("crm|7"), "cutoff_at": later.replace(tzinfo=None)},
    ]
