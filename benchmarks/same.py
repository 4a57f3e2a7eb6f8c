"""Whether two answers say the same, but for the last digits that another order of adding leaves."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

#: How far two numbers may differ, relatively, where they are not whole.
TOLERANCE = 1e-9


def difference(one: Any, other: Any, *, at: str = "") -> str | None:
    """Return the first place where two values differ and what is there; None: nowhere.

    Values are those of JSON; a decimal is a number and a day its ISO text. True is no 1.

    >>> difference({"rows": [{"n": 0.3}]}, {"rows": [{"n": 0.1 + 0.2}]}) is None
    True
    >>> difference({"rows": [{"n": 1}]}, {"rows": [{"n": 2}]})
    'rows.0.n: 1, 2'
    """
    parts, others = _parts(one), _parts(other)
    if parts is None or others is None or parts.keys() != others.keys():
        return None if _equal(one, other) else f"{at}: {one!r}, {other!r}"
    found = (
        difference(part, others[name], at=f"{at}.{name}" if at else str(name))
        for name, part in parts.items()
    )
    return next((each for each in found if each), None)


def _parts(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    return dict(enumerate(value)) if isinstance(value, list | tuple) else None


def _equal(one: Any, other: Any) -> bool:
    one, other = (each.isoformat() if isinstance(each, date) else each for each in (one, other))
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
