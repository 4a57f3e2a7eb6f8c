"""What every answer carries, and which questions are not even read."""

import pytest

from tuttuno.web.shield import LARGEST_BODY

ADDRESSES = ["/login", "/healthz", "/nowhere", "/static/app.css", "/api/v1/measures"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_forbids_foreign_and_inline_code(stranger, address):
    policy = stranger.get(address).headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_answer_may_be_framed_or_guessed(stranger, address):
    headers = stranger.get(address).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_are_kept_in_no_cache(admin):
    assert admin.get("/").headers["cache-control"] == "no-store"


def test_another_host_is_not_served(stranger):
    assert stranger.get("/login", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:9"])
def test_the_loopback_is_served_under_each_of_its_names(stranger, host):
    assert stranger.get("/healthz", headers={"host": host}).status_code == 200


def test_a_form_that_says_it_is_too_large_is_not_read(stranger):
    answer = stranger.post("/login", content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413


def test_a_form_that_grows_too_large_is_cut_off(stranger):
    pieces = (b"x" * 8192 for _ in range(20))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = stranger.post("/login", content=pieces, headers=kind)
    assert answer.status_code in {400, 413}


def test_a_very_long_address_is_not_read(stranger):
    assert stranger.get("/login?next=" + "a" * 5000).status_code == 414
