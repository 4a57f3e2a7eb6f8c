"""What the browser clients ask for before they send: the client itself, and its settings."""

from importlib import resources
from typing import Any

#: The unchanged client of Segment for pages; `web/static/vendor` says of which version.
BUNDLE = "analytics-next-1.84.3.min.js"


def bundle() -> bytes:
    """Return the client for pages."""
    return (resources.files("tuttuno.web") / "static" / "vendor" / BUNDLE).read_bytes()


def segment_settings(key: str, host: str, scheme: str) -> dict[str, Any]:
    """Return the settings of a source as Segment's clients read them: send everything here."""
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
            }
        },
        "metrics": {"sampleRate": 0},
    }


def rudder_settings(source: str, key: str) -> dict[str, Any]:
    """Return the settings of a source as RudderStack's clients read them."""
    return {
        "source": {
            "id": source,
            "name": source,
            "writeKey": key,
            "enabled": True,
            "config": {
                "statsCollection": {
                    "errors": {"enabled": False},
                    "metrics": {"enabled": False},
                }
            },
            "connections": [],
            "destinations": [],
            "dataplanes": {},
        },
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }
