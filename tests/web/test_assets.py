"""What is vendored is what its publisher shipped, and nothing else is loaded."""

import json
import re
from hashlib import sha256
from importlib import resources

import pytest

STATIC = resources.files("tuttuno.web") / "static"
CHART = resources.files("tuttuno.chart") / "static" / "chart.css"
VENDOR = STATIC / "vendor"
ASSETS = json.loads((VENDOR / "vendor.json").read_text("utf-8"))["assets"]


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset["file"])
def test_a_vendored_file_is_the_one_recorded(asset):
    assert sha256((VENDOR / asset["file"]).read_bytes()).hexdigest() == asset["sha256"]


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset["file"])
def test_a_vendored_file_comes_with_its_licence(asset):
    assert len((VENDOR / asset["licence_file"]).read_text("utf-8")) > 300


def test_nothing_is_vendored_that_is_not_recorded():
    found = {file.name for file in VENDOR.iterdir() if file.is_file()}
    assert found == {asset["file"] for asset in ASSETS} | {"vendor.json"}


def test_our_style_sheets_load_only_our_own_files():
    for sheet in (STATIC / "tokens.css", STATIC / "app.css", CHART):
        addresses = re.findall(r"url\(([^)]+)\)", sheet.read_text("utf-8"))
        assert all(address.strip('"').startswith("vendor/") for address in addresses)


def test_colours_stand_in_one_file_only():
    loose = re.findall(r"#[0-9a-fA-F]{3,8}\b", (STATIC / "app.css").read_text("utf-8"))
    assert loose == []


def test_light_by_choice_and_dark_by_choice_are_the_same_as_by_preference():
    sheet = (STATIC / "tokens.css").read_text("utf-8")
    preferred = re.search(r'not\(\[data-theme="light"\]\) \{(.*?)\n  \}', sheet, re.DOTALL)[1]
    chosen = re.search(r'\[data-theme="dark"\] \{(.*?)\n\}', sheet, re.DOTALL)[1]
    assert preferred.split() == chosen.split()
