"""`tuttuno pull`: what came, and what webhooks had missed."""

import json

import pytest

from tests.intake.shop_stand_in import SHOPIFY, TOKEN, order, stand_in

SETTINGS = (
    SHOPIFY
    + """
[sources.web]
format = "segment"
currency = "EUR"
"""
)


@pytest.fixture
def shop():
    with stand_in(orders=[order(7, 1)]) as made:
        yield made


@pytest.fixture
def project(tuttuno, tmp_path, shop, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    (tmp_path / "settings.toml").write_text(SETTINGS.format(url=shop.url))
    tuttuno("init", tmp_path / "project", "--from", tmp_path / "settings.toml")
    return tmp_path / "project"


def test_a_pull_says_what_nobody_had_told(tuttuno, project, shop):
    done = tuttuno("-C", project, "pull", "shopify")
    assert "orders-20260504T090100000000.jsonl" in done.out
    assert "orders: 1 of 1 were new, 0 newer than ours" in done.err
    assert "new: 7" in done.err
    again = json.loads(tuttuno("-C", project, "pull", "shopify", "--json").out)
    assert [each["counts"]["duplicate"] for each in again["files"]] == [1]
    assert again["missed"] == [
        {"list": "orders", "read": 1, "new": 0, "newer": 0, "new_ids": [], "newer_ids": []}
    ]
    shop.lists["orders"] = []
    assert "nothing has changed in shopify" in tuttuno("-C", project, "pull", "shopify").out


def test_a_source_that_cannot_be_asked_is_named(tuttuno, project):
    done = tuttuno("-C", project, "pull", "web")
    assert done.code == 3
    assert "sources.web.pull" in done.err
    assert tuttuno("-C", project, "pull", "shp").code == 4
