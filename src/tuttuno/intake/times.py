"""Days and moments as they are written, and what they are in UTC and on the local calendar.

Between a local time and UTC stands the offset of the zone on that day. It is looked up in a
small table of days made from the zone's own rules, so that every engine gives the same answer:
a local time that never was is taken as if the clock had not yet moved, one that was twice is
its first occurrence (PEP 495, fold=0).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa
from ibis.expr.types import DateValue, IntegerValue, StringValue, TimestampValue, Value

from tuttuno.intake.mapping import Style

MOMENT = dt.Timestamp(scale=6)

#: No customer, store or receipt is older; nothing that has happened is later than the clock.
FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2101, 1, 1)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400
#: No zone has changed its mind twice within five days.
_STEP = 5 * _DAY_SECONDS

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_ZONE = r"Z|[+-](?:0[0-9]|1[0-8]):?[0-5][0-9]|[+-](?:0[0-9]|1[0-8])"
_ISO_DAY = rf"^({_DAY})(?:[T ]00:00(?::00(?:\.0+)?)?)?$"
_ISO = rf"^({_DAY}(?:[T ]{_CLOCK})?) ?({_ZONE})?$"

#: How each strptime directive looks, and its place in an ISO text.
_SHAPES = {
    "d": r"[0-9]{1,2}", "m": r"[0-9]{1,2}", "Y": r"[0-9]{4}", "y": r"[0-9]{2}",
    "H": r"[0-9]{1,2}", "M": r"[0-9]{2}", "S": r"[0-9]{2}", "f": r"[0-9]{1,6}", "z": _ZONE,
    "I": r"0?[1-9]|1[0-2]", "p": r"[AaPp][Mm]", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]{3,9}",
}  # fmt: skip

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


class Moment(NamedTuple):
    """A time as it was written.

    Attributes:
        local: The clock's face.
        zone: What the text says of its zone (`Z`, `+02:00`), or at once the seconds east of
            Greenwich; null: nothing.
    """

    local: TimestampValue
    zone: StringValue | IntegerValue


def day(raw: Value, style: Style) -> DateValue:
    """Read a calendar day; null where it is none."""
    kind = raw.type()
    if kind.is_date():
        return raw
    if kind.is_timestamp():
        return raw.cast(MOMENT).date()
    if not kind.is_string():
        return ibis.null("date")
    if not style.dates:
        return _group(raw, _ISO_DAY, 1).try_cast("date")
    return ibis.coalesce(*(_declared(raw, each).local for each in style.dates)).date()


def moment(raw: Value, style: Style) -> Moment:
    """Read a moment; a day alone is its first instant. Both parts null where it is none."""
    kind = raw.type()
    unsaid = ibis.null("int32")
    if kind.is_timestamp():
        offset = ibis.literal(0, "int32") if kind.timezone else unsaid
        return Moment(raw.cast(MOMENT), offset)
    if kind.is_date():
        return Moment(raw.cast(MOMENT), unsaid)
    if not kind.is_string():
        return Moment(ibis.null(MOMENT), unsaid)
    if not style.dates:
        local = _group(raw, _ISO, 1).replace("T", " ").try_cast(MOMENT)
        return Moment(local, _group(raw, _ISO, 2))
    read = [_declared(raw, each) for each in style.dates]
    return Moment(
        ibis.coalesce(*(each.local for each in read)), ibis.coalesce(*(each.zone for each in read))
    )


def seconds(zone: StringValue) -> IntegerValue:
    """`Z`, `+02:00`, `+0200` or `+02` in seconds; null for null."""
    digits = zone.replace(":", "")
    hours = digits.substr(1, 2).try_cast("int32").fill_null(0)
    minutes = digits.substr(3, 2).try_cast("int32").fill_null(0)
    sign = ibis.ifelse(digits.startswith("-"), -1, 1)
    told = (sign * (hours * 3600 + minutes * 60)).cast("int32")
    return ibis.ifelse(zone.notnull(), told, ibis.null("int32"))


def zone_days(zones: Iterable[str]) -> tuple[pa.Table, pa.Table]:
    """Tell each zone's offset on each local and on each UTC day.

    Returns:
        Two tables `tz, day, switch, before, after`: offsets in seconds before and from
        `switch` on; null where the whole day has one. The first is read by local time, the
        second by UTC.
    """
    pairs = [_zone_days(name) for name in sorted(set(zones))]
    return pa.concat_tables(pair[0] for pair in pairs), pa.concat_tables(pair[1] for pair in pairs)


def offset_on(time: TimestampValue, days: ibis.Table) -> IntegerValue:
    """The offset at a time, from the row of its day."""
    early = days.switch.isnull() | (time < days.switch)
    return ibis.ifelse(early, days.before, days.after)


@cache
def _zone_days(name: str) -> tuple[pa.Table, pa.Table]:
    changes = _changes(ZoneInfo(name))
    # A local hour that is skipped or repeated still belongs to the time before.
    heard = [at + max(before, after) for at, before, after in changes]
    return (
        _calendar(name, heard, changes),
        _calendar(name, [at for at, _, _ in changes], changes),
    )


def _changes(zone: ZoneInfo) -> list[tuple[int, int, int]]:
    """When the offset changes: seconds since 1970 in UTC, offset before, offset after."""
    first, last = _epoch(FIRST_DAY), _epoch(LAST_DAY)
    known, changes = _offset(zone, first), []
    for until in range(first + _STEP, last + _STEP, _STEP):
        offset = _offset(zone, until)
        if offset != known:
            changes.append((_moved(zone, until - _STEP, until), known, offset))
            known = offset
    return changes or [(first, known, known)]


def _moved(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second after `low` that has the offset of `high`."""
    goal = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, middle) == goal else (middle, high)
    return high


def _offset(zone: ZoneInfo, second: int) -> int:
    shift = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return int((shift or timedelta()).total_seconds())


def _epoch(of: date) -> int:
    return int((datetime(of.year, of.month, of.day, tzinfo=UTC) - _EPOCH).total_seconds())


def _calendar(zone: str, switches: list[int], changes: list[tuple[int, int, int]]) -> pa.Table:
    """One row for each day; `switches` are the changes on the clock that is read."""
    moved = np.array(switches)
    offsets = np.array([changes[0][1], *(after for _, _, after in changes)])
    # A little beyond both ends, where a day of UTC and a local one are not the same.
    starts = np.arange(_epoch(FIRST_DAY) - _STEP, _epoch(LAST_DAY) + _STEP, _DAY_SECONDS)
    early = np.searchsorted(moved, starts, side="right")
    late = np.searchsorted(moved, starts + _DAY_SECONDS, side="left")
    inside = moved[np.minimum(early, len(moved) - 1)]
    return pa.table(
        {
            "tz": pa.repeat(zone, len(starts)),
            "day": pa.array(starts // _DAY_SECONDS).cast(pa.int32()).cast(pa.date32()),
            "switch": pa.array(inside * 1_000_000, pa.timestamp("us"), mask=early == late),
            "before": pa.array(offsets[early], pa.int32()),
            "after": pa.array(offsets[late], pa.int32()),
        }
    )


def _group(text: StringValue, pattern: str, group: int) -> StringValue:
    """A part of a text that has the shape; null where the text or the part has not."""
    return text.re_extract(pattern, group).nullif("")


def _declared(text: StringValue, pattern: str) -> Moment:
    """Read a text by a strptime pattern, by way of its ISO spelling."""
    shape, places = _shape(pattern)
    part = {sign: _group(text, shape, place) for sign, place in places.items()}
    year = part["Y"] if "Y" in part else _century(part["y"])
    iso = year + "-" + _month(part).lpad(2, "0") + "-" + part["d"].lpad(2, "0")
    if "H" in part or "I" in part:
        clock = [part[sign].lpad(2, "0") if sign in part else "00" for sign in "MS"]
        iso = iso + " " + _hour(part).lpad(2, "0") + ":" + clock[0] + ":" + clock[1]
    if "f" in part:
        iso = iso + "." + part["f"]
    said = _group(iso, _ISO, 1).try_cast(MOMENT)
    return Moment(said, part["z"] if "z" in part else ibis.null(str))


def _shape(pattern: str) -> tuple[str, dict[str, int]]:
    """A regular expression for a strptime pattern, and which group each directive is."""
    pieces: list[str] = []
    places: dict[str, int] = {}
    for sign, other in re.findall(r"%(.)|([^%]+)", pattern):
        if sign and sign != "%":
            places[sign] = len(places) + 1
            pieces.append(f"({_SHAPES[sign]})")
        else:
            pieces.append(re.escape(other or "%"))
    return f"^{''.join(pieces)}$", places


def _month(part: Mapping[str, StringValue]) -> StringValue:
    """The number of the month, which may be named in English; null where the name is none."""
    if "m" in part:
        return part["m"]
    short = "b" in part
    names = [(name[:3] if short else name, str(at)) for at, name in enumerate(_MONTHS, 1)]
    return part["b" if short else "B"].lower().cases(*names)


def _hour(part: Mapping[str, StringValue]) -> StringValue:
    """The hour of the day: 12 AM is midnight, 12 PM is noon."""
    if "H" in part:
        return part["H"]
    noon = ibis.ifelse(part["p"].lower() == "pm", 12, 0)
    return (part["I"].try_cast("int32") % 12 + noon).cast(str)


def _century(two: StringValue) -> StringValue:
    """`69` to `99` are of the last century, as POSIX has it."""
    return ibis.ifelse(two >= "69", ibis.literal("19") + two, ibis.literal("20") + two)
