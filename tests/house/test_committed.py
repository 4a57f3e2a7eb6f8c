"""Nothing committed names one machine, a registry or a secret."""

import pytest

from tests.house.committed import committed_files, forbidden_words
from tests.house.rule import ROOT


def test_no_file_names_a_machine_a_registry_or_a_secret():
    found = list(forbidden_words(committed_files()))
    assert not found, (
        "\n".join(found) + "\nWhy: it works on one machine only, or gives away what is not ours to "
        "give.\nInstead: a relative path, tmp_path, or a documentation address such as 192.0.2.1."
    )


def test_no_committed_file_is_huge():
    large = [
        str(path.relative_to(ROOT))
        for path in committed_files()
        if path.stat().st_size > 2_000_000 and "/static/" not in path.as_posix()
    ]
    assert not large, f"{large}: every clone carries it forever; generate it"


@pytest.mark.parametrize(
    "text",
    [
        "open('/work/project/x')",
        "cd /root/here",
        '"/tmp/demo"',
        "/home/anna/shop",
        "--index-url https://example.org",
        "https://pypi.org/simple/duckdb",
        "host = 10.1.2.3",
        "http://192.168.0.7:80",
        "-----BEGIN PRIVATE KEY-----",
        "<<<<<<< ours",
    ],
)
def test_a_planted_word_is_found(tmp_path, text):
    (tmp_path / "a.md").write_text(f"first\n{text}\n")
    [found] = forbidden_words(committed_files(tmp_path), tmp_path)
    assert found.startswith("a.md:2: ")


@pytest.mark.parametrize(
    "text",
    [
        "src/work/flow.py",
        "docs/tmp/x",
        "version 10.1.2",
        "127.0.0.1",
        "192.0.2.1",
        "https://pypi.org/project/duckdb",
        "/homepage/x",
        "the /opt out",
    ],
)
def test_an_innocent_word_is_left_alone(tmp_path, text):
    (tmp_path / "a.md").write_text(text)
    assert list(forbidden_words(committed_files(tmp_path), tmp_path)) == []
