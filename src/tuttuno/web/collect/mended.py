"""Bodies that are nearly JSON, as clients do write them: one bad event never costs the others.

A page that cuts a text within an emoji sends half a sign; Python writes NaN for what is no
number; some put a mark of byte order in front. A client that is told 400 throws all of it away.
"""

import json
from typing import Any


def loosely(body: bytes) -> dict[str, Any] | None:
    """Read a body as leniently as can be done without guessing; None: it is no object."""
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def rewritten(value: Any) -> bytes:
    """Write an event again; half a sign becomes U+FFFD.

    NaN stays what it is, so that the event is found unreadable by itself.
    """
    text = json.dumps(value, ensure_ascii=False)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
