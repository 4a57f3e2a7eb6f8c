"""What the browser clients ask for before they send: the client itself, and its settings."""

from importlib import resources
from typing import Any

#: The unchanged client of Segment for pages; `web/static/vendor` says of which version.
BUNDLE = "analytics-next.min.js"


def bundle() -> bytes | None:
    """Return the client for pages; None where this installation has none."""
    file = resources.files("tuttuno.web") / "static" / "vendor" / BUNDLE
    return file.read_bytes() if file.is_file() else None


def segment_settings(key: str, host: str, scheme: str) -> dict[str, Any]:
    """Return the settings of a source as Segment's clients read them: send everything here."""
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "bundledIntegrations": [],
                "unbundledIntegrations": [],
                "addBundledMetadata": True,
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
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
