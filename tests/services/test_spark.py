"""Java is recognised by what it says of itself."""

import pytest

from tests.services.spark import java_version


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_292"', 8),
        ("no such thing", 0),
    ],
)
def test_a_java_tells_its_version(tmp_path, said, expected):
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)
    assert java_version(str(java)) == expected
