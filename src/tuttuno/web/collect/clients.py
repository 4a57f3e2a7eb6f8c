"""What the browser clients ask for before they send: the client itself, and its settings."""

from importlib import resources
from typing import Any

#: The unchanged clients for pages; `web/static/vendor/vendor.json` says where they are from.
SEGMENT = "analytics-next-1.84.3.min.js"
RUDDERSTACK = "rudder-analytics-3.34.1.js"


def segment_client() -> bytes:
    """Return Segment's client for pages."""
    return _vendored(SEGMENT)


def rudder_client() -> bytes:
    """Return RudderStack's client for pages, with all its plugins: it fetches none.

    What npm has is a class for programs; made once, it takes over the calls that wait in the page.
    """
    return b"((exports, module) => {%s\nnew exports.RudderAnalytics();\n})({}, {});" % _vendored(
        RUDDERSTACK
    )


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


def _vendored(name: str) -> bytes:
    return (resources.files("tuttuno.web") / "static" / "vendor" / name).read_bytes()
