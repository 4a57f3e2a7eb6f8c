"""`tuttuno person`."""

import json

import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def shopper(shop):
    """An e-mail that somebody really has, with her card."""
    rows = pq.read_table(shop.exchange / "people.parquet").to_pylist()
    return next(row for row in rows if row["source"] == "card" and row["email"])


def test_a_person_is_found_by_e_mail_card_and_id(tuttuno, shop, shopper):
    found = [
        json.loads(tuttuno("-C", shop.root, "person", key, "--json").out)
        for key in (shopper["email"], shopper["loyalty_card"])
    ]
    one = found[1] if isinstance(found[1], dict) else found[1][0]
    again = json.loads(tuttuno("-C", shop.root, "person", one["shown_id"], "--json").out)
    assert again["person_id"] == one["person_id"]
    ids = [found[0]["person_id"]] if isinstance(found[0], dict) else [
        each["person_id"] for each in found[0]
    ]  # fmt: skip
    assert one["person_id"] in ids


def test_contact_details_stay_masked(tuttuno, shop, shopper):
    said = tuttuno("-C", shop.root, "person", shopper["loyalty_card"], "--explain")
    assert said.code == 0
    assert shopper["email"].lower() not in said.out.lower()
    assert shopper["loyalty_card"] not in said.out


def test_why_her_records_are_one_is_said_on_request(tuttuno, shop, shopper):
    said = tuttuno("-C", shop.root, "person", shopper["loyalty_card"], "--explain")
    assert "are one person" in said.out


def test_a_mistyped_id_is_caught_and_a_stranger_not_found(tuttuno, shop):
    assert tuttuno("-C", shop.root, "person", "P-000001-4").code == 3
    assert tuttuno("-C", shop.root, "person", "nobody@example.org").code == 4


def test_her_best_known_details_are_masked_and_name_their_source(tuttuno, shop, shopper):
    words = ("-C", shop.root, "person", shopper["loyalty_card"], "--golden")
    said = tuttuno(*words)
    assert said.code == 0
    assert "best known" in said.out
    assert shopper["email"].lower() not in said.out.lower()
    found = json.loads(tuttuno(*words, "--json").out)["golden"]["details"]
    assert {"name", "email", "loyalty_card"} <= {one["field"] for one in found}
    assert all(one["source"] and one["records"] for one in found)
