"""A vault with rows in every table, for tests of what must not get lost or stay behind."""

import pyarrow as pa

from tests.vault.rows import AT, carried, key, keys, people
from tuttuno.vault import (
    accounts,
    attributes,
    audit,
    batches,
    block_keys,
    consents,
    decisions,
    door_hours,
    edges,
    households,
    identifiers,
    inbox,
    inbox_claims,
    inbox_names,
    likeness_models,
    person_events,
    persons,
    plan_counts,
    quarantine,
    records,
    releases,
    runs,
    suppressions,
)
from tuttuno.vault.quick import quick

MOMENT = pa.array([AT], pa.timestamp("us", "UTC"))


def fill_all(con, canary, *, others=3):
    """Keep one person whose every personal value holds the canary, and others who do not."""
    who = ["7", *(f"o{number}" for number in range(others))]
    said = [f"{canary} street", *(f"street {number}" for number in range(others))]
    names = [f"{one}@example.it" for one in (canary, *who[1:])]
    batch = batches.open_batch(con, source="crm", table="people", file="p.csv", digest="d", at=AT)
    records.insert_records(con, people(*who, batch=batch, address=said, email=names))
    ties = [(one, "email", name) for one, name in zip(who, names, strict=True)]
    identifiers.add_identifiers(
        con, carried(*ties, ("7", "phone", "+39055"), ("o0", "phone", "+39055"))
    )
    batches.close_batch(con, batch, batches.Counts(len(who), len(who)), AT)
    _events(con, canary, batch)
    _persons(con, canary, len(who))
    _house(con)
    _arrived(con)


def _events(con, canary, batch):
    decision = {"purpose": "marketing", "channel": "any", "granted": True, "content": "c"}
    rows = pa.Table.from_pylist([{**decision, "evidence": f"{canary}.pdf", "batch": batch}])
    rows = rows.append_column("record_key", keys("7")).append_column("at", MOMENT)
    consents.record_consents(con, rows)
    said = {"table": "people", "source": "crm", "grain": "7", "payload": f'{{"a": "{canary}"}}'}
    attributes.put_attributes(
        con, pa.Table.from_pylist([{**said, "record_key": key("crm|7"), "batch": batch}])
    )
    bad = quarantine.Quarantined(
        batch, "crm", "people", "p.csv", 1, "phone", "phone", canary, "m", {"x": canary}, AT,
        record_key=key("crm|7"),
    )  # fmt: skip
    quarantine.put(con, [bad])
    barred = {"type": ["email"], "key": [key("gone")], "reason": ["erasure"]}
    suppressions.suppress(con, pa.table({**barred, "cutoff_at": MOMENT, "at": MOMENT}))


def _persons(con, canary, count):
    run = runs.open_run(con, config_hash="c", change=1, at=AT)
    persons.create_persons(con, count, AT)
    ids = pa.array(range(1, count + 1), pa.int64())
    moved = {"record_no": ids, "person_id": ids, "cause": ["new"] * count}
    persons.apply_membership(con, pa.table(moved), run)
    told = {"kind": ["created"], "person_id": [1], "before": pa.nulls(1, pa.string())}
    person_events.append_events(
        con, pa.table({**told, "after": ['{"count": 4}'], "cause": ["new"]}), run=run, at=AT
    )
    edge = {"a": [1], "b": [2], "kind": ["name"], "weight": [1.5], "run": [run]}
    edges.put_edges(con, pa.table({**edge, "evidence": [f'["{canary}"]']}))
    block_keys.put_block_keys(con, pa.table({"record_no": [1, 2], "key64": [5, 5]}))
    for other in ("crm|o0", "crm|o1", "crm|o2"):  # hers is the larger key in one, not in all
        pair = (key("crm|7"), key(other))
        decisions.decide(con, pair, decisions.Verdict.CANNOT, author="anna", reason=canary, at=AT)
    decisions.pin_detail(con, key("crm|7"), "name", author="anna", reason=canary, at=AT)
    lived = {"person_id": [1, 2], "household_id": [1, 1], "tie": ["address", "address"]}
    households.replace_households(con, pa.table(lived))
    likeness_models.keep_model(con, 1, "{}")
    runs.close_run(con, run, metrics={"persons": count})


def _house(con):
    number = releases.open_release(con, config_hash="c", engine="duckdb", at=AT)
    releases.publish(con, number, tables={"person": 1}, identity_run=1, metrics={}, at=AT)
    releases.save_answer(con, number, "coverage", "{}")
    accounts.put_account(con, accounts.Account("anna", "$argon2id$", "admin", AT))
    accounts.open_session(con, accounts.Session("a" * 64, "anna", "t", AT, AT))
    accounts.record_failure(con, "account|anna", AT)
    audit.append(con, actor="anna", action="person.show", subject="1", at=AT)


def _arrived(con):
    body = '{"event": "Product Viewed"}'
    message = inbox.Message(
        "shop", "m1", "track", AT, body, inbox.digest_of(body.encode()), AT, who=(key("device"),)
    )
    verdicts = inbox.put_messages(con, [message])
    inbox_names.file_names(con, most=1)
    with quick(con) as sent:
        door_hours.count_came(sent, [("shop", AT, verdict) for verdict in verdicts])
    claim = inbox_claims.claim(con, limit=1, at=AT)
    inbox_claims.close_claim(con, claim, AT)
    seen = plan_counts.Event("shop", "Product Viewed", AT)
    broken = plan_counts.Broken(seen, "sku", "type")
    counts = plan_counts.PlanCounts(
        {seen: plan_counts.Events(1, 1)}, {broken: plan_counts.Violations(1, AT, AT, "m1")}
    )
    plan_counts.add_counts(con, counts)
