"""From the columns of a file to our columns, still as the source wrote the values."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

import ibis
from ibis.expr.types import BooleanValue, StringValue, Value

from tuttuno.errors import BadInput
from tuttuno.intake.mapping import ALL, FileMapping, NameWords, Style, Take
from tuttuno.intake.staged import counted
from tuttuno.schema.table import Table

_FIRST_WORD, _REST = r"^(\S+)(?:\s+(.*))?$", 2
_LAST_WORD, _BEFORE = r"^(?:(.*)\s+)?(\S+)$", 1
_WORDS = {
    NameWords.FIRST: (_FIRST_WORD, 1),
    NameWords.REST: (_FIRST_WORD, _REST),
    NameWords.LAST: (_LAST_WORD, 2),
    NameWords.BUT_LAST: (_LAST_WORD, _BEFORE),
}
_SPACE = ord(" ")


class LacksColumn(BadInput):
    """A file without a column that it must have; none of its rows can be taken in."""

    def __init__(self, file: str, column: str, held: Collection[str], *, why: str) -> None:
        self.file = file
        self.column = column
        close = get_close_matches(column, held, n=1)
        seen = ", ".join(list(held)[:12]) + (", …" if len(held) > 12 else "")
        hint = f"did you mean {close[0]!r}?" if close else f"it has: {seen}"
        if len(held) == 1 and any(sign in seen for sign in ",;\t|"):
            hint = f"it has one column, {seen!r}: is the delimiter right?"
        super().__init__(f"{file} has no column {column!r}, {why}", hint=hint)


def takes_of(file: FileMapping, held: Collection[str], *, source: str) -> Mapping[str, Take]:
    """Return where each target column of a file comes from; absent ones are left out.

    Args:
        file: What files of this kind hold.
        held: The columns this one has.
        source: Fills the column `source` where the file does not.
    """
    if file.columns is not None:
        takes = dict(file.columns)
    else:
        takes = {name: Take(column=name) for name in file.table.columns if name in held}
    if "source" in file.table.columns and source and "source" not in takes:
        takes["source"] = Take(value=source)
    if "currency" in file.table.columns and file.style.currency and "currency" not in takes:
        takes["currency"] = Take(value=file.style.currency)
    return takes


def check_columns(
    name: str, file: FileMapping, takes: Mapping[str, Take], held: Collection[str]
) -> None:
    """Refuse a file that lacks a column which every row needs."""
    for target in file.table.required:
        if target not in takes:
            why = f"which every row of `{file.table.name}` needs"
            if target == "source":
                why += " (or name the source: --source)"
            raise LacksColumn(name, target, held, why=why)
    for target, take in takes.items():
        for column in sorted(take.columns - set(held)):
            raise LacksColumn(name, column, held, why=f"of which `{target}` is made")
    for column in sorted(file.used - set(held) - set(file.ignore)):
        raise LacksColumn(name, column, held, why="which the mapping speaks of")


def extra_columns(table: Table, file: FileMapping, held: Collection[str]) -> tuple[str, ...]:
    """Columns that nothing speaks of; they are kept as extra attributes."""
    if ALL in file.ignore:
        return ()
    known = {*table.columns} if file.columns is None else {*file.used, *map(counted, file.counted)}
    return tuple(name for name in held if name not in known)


def raw_value(rows: ibis.Table, take: Take, style: Style, *, looked_up: str = "") -> Value:
    """Return what the source wrote for one target, or null where it wrote nothing.

    Texts are trimmed. Numbers, days and times that a typed file brings stay what they are.

    Args:
        rows: The rows of the file.
        take: Where the value comes from.
        style: How the source writes.
        looked_up: The column of `rows` that holds what a lookup brought.
    """
    value = _origin(rows, take, style, looked_up)
    text = value.type().is_string()
    if not text and not (take.map or take.otherwise or take.missing):
        return value
    worded = _worded(_named(value, take) if text else value.cast(str), take)
    return worded.fill_null(take.missing) if take.missing else worded


def picked(rows: ibis.Table, choice: Mapping[str, Collection[str]], style: Style) -> BooleanValue:
    """True for rows that hold one of the listed values in one of the listed columns.

    A listed value may be the empty text, or a word for nothing.
    """
    nothing = {"", *style.null}
    tests = [
        text_of(rows[column], style).isin(list(values)).fill_null(not nothing.isdisjoint(values))
        for column, values in choice.items()
    ]
    return ibis.or_(*tests) if tests else ibis.literal(False)


def text_of(value: Value, style: Style) -> StringValue:
    """A value as trimmed text; null where it is empty or a word for nothing."""
    text = value if value.type().is_string() else value.cast(str)
    return _something(_trimmed(text), style.null)


def _origin(rows: ibis.Table, take: Take, style: Style, looked_up: str) -> Value:
    nothing = (*style.null, *take.null)
    if take.value is not None:
        return _something(ibis.literal(take.value), ())
    if take.join:
        parts = [_something(text_of(rows[name], style), nothing) for name in take.join]
        glued = parts[0]
        for part in parts[1:]:
            glued = glued + take.sep + part
        return glued
    value = rows[looked_up] if take.lookup else rows[take.column]
    return _something(_trimmed(value), nothing) if value.type().is_string() else value


def _trimmed(text: StringValue) -> StringValue:
    """Without blanks around it; few texts have any, and to look costs half of trimming."""
    blank = (text.ascii_str() <= _SPACE) | (text.right(1).ascii_str() <= _SPACE)
    return ibis.ifelse(blank, text.strip(), text)


def _something(text: StringValue, nothing: Collection[str]) -> StringValue:
    """Null where a text says that there is nothing."""
    for word in ("", *nothing):
        text = text.nullif(word)
    return text


def _named(text: StringValue, take: Take) -> StringValue:
    if take.name is None:
        return text
    pattern, group = _WORDS[take.name]
    return text.re_extract(pattern, group).nullif("")


def _worded(text: StringValue, take: Take) -> StringValue:
    """The source's words in ours; an empty word of ours is "nothing here"."""
    if not take.map and take.otherwise is None:
        return text
    rest = text if take.otherwise is None else ibis.literal(take.otherwise)
    kept = ibis.ifelse(text.isnull(), ibis.null(str), rest)
    cases = tuple(take.map.items())
    return (text.cases(*cases, else_=kept) if cases else kept).nullif("")
