"""Mappings of foreign files as they are declared in `tuttuno.toml`.

A source says once how it writes, then for each kind of file which column is which:

    [sources.till]
    encoding = "cp1252"
    delimiter = ";"
    decimal = ","
    thousands = "."
    dates = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]
    timezone = "Europe/Rome"
    currency = "EUR"
    tax = { included = true, rate = 0.22 }
    null = ["N/D"]

    [[sources.till.files]]
    pattern = "scontrini_*.csv"
    table = "sales"
    skip = { Tipo = ["TOTALE"] }
    ignore = ["Operatore"]

    [sources.till.files.columns]
    sale_id = { join = ["Negozio", "Cassa", "Scontrino"], sep = "-" }
    line_no = "Riga"
    sold_at = { join = ["Data", "Ora"], sep = " " }
    channel = { value = "store" }
    store_id = "Negozio"
    loyalty_card = { column = "Tessera", null = ["0"] }
    product_id = "Articolo"
    quantity = { column = "Quantita", negative = { Tipo = ["RESO"] } }
    net = { column = "Prezzo", times = "Quantita", negative = { Tipo = ["RESO"] } }

A column is a name, or a table with one of `column`, `value`, `join`, `count`, `lookup`, and any
of `sep`, `null`, `map`, `otherwise`, `name`, `missing`, `times`, `minus`, `round`, `negative`,
`zero`. `{ count = ["Scontrino"] }` is the number of a line on its receipt, where the source writes
none. A lookup brings a column of another file of the folder: `{ lookup = { file = "Products.csv",
on = "ProductID", take = "Price" } }`; where the keys have two names, `on = { "Article" =
"ProductID" }`. Columns that nothing speaks of are kept as extra attributes, unless `ignore =
["*"]`.
"""

import codecs
import re
from collections.abc import Mapping as Words
from dataclasses import replace
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from tuttuno.errors import Unknown
from tuttuno.intake.files import readable
from tuttuno.intake.mapping import (
    FileMapping,
    Lookup,
    Mapping,
    Money,
    NameWords,
    Style,
    Take,
    Tax,
)
from tuttuno.intake.places import countries
from tuttuno.intake.section import BadMapping, Section
from tuttuno.schema.exchange import EXCHANGE
from tuttuno.schema.table import Table

#: Keys that say how a source writes.
STYLE = (
    "encoding", "delimiter", "quote", "decimal", "thousands", "dates", "timezone", "currency",
    "money", "tax", "null", "country",
)  # fmt: skip
_FILE = ("pattern", "table", "columns", "skip", "ignore")
_TAKE = (
    "column", "value", "join", "count", "lookup", "sep", "null", "map", "otherwise", "name",
    "missing", "times", "minus", "round", "negative", "zero",
)  # fmt: skip
_ORIGINS = ("column", "value", "join", "count", "lookup")
_COUNTED = "line_no"
_DIRECTIVES = re.compile(r"%(.)")
_DATE_PATTERN = (
    "made of %d %m %Y, where %b or %B may name the month and %y cut the year, and of "
    "%H %M %S %f %z, where %I with %p may tell the hour"
)
_KNOWN_DIRECTIVES = frozenset("dmbBYyHIpMSfz%")


def parse_mapping(section: Words[str, object], *, name: str) -> Mapping:
    """Read one `[sources.NAME]` of `tuttuno.toml`.

    Raises:
        BadMapping: Something in it cannot be understood; the message names the key.
    """
    source = Section(f"sources.{name}", section)
    source.only((*STYLE, "files", "source"))
    style = style_of(source, Style())
    files = tuple(file_of(each, style) for each in source.sections("files"))
    if not files:
        raise BadMapping(source.at("files"), "is missing: no file of this source has a meaning")
    return Mapping(name, files, source=source.text("source", name))


def style_of(section: Section, inherited: Style) -> Style:
    """Read how a source writes; what is not said is inherited.

    Raises:
        BadMapping: A value cannot be; the message names its key.
    """
    style = replace(
        inherited,
        encoding=section.text("encoding", inherited.encoding),
        delimiter=section.sign("delimiter", inherited.delimiter),
        quote=section.sign("quote", inherited.quote),
        decimal=section.sign("decimal", inherited.decimal),
        thousands=section.sign("thousands", inherited.thousands),
        dates=section.texts("dates") or inherited.dates,
        timezone=section.text("timezone", inherited.timezone),
        currency=section.text("currency", inherited.currency),
        country=section.text("country", inherited.country),
        money=section.word("money", Money, inherited.money),
        tax=_tax(section.section("tax"), inherited.tax),
        null=section.texts("null") or inherited.null,
    )
    section.checked("encoding", style.encoding, _is_encoding, "an encoding, e.g. `cp1252`")
    section.checked("timezone", style.timezone, _is_zone, "a time zone, e.g. `Europe/Rome`")
    section.checked("currency", style.currency, _is_currency, "a currency, e.g. `EUR`")
    section.checked("country", style.country, _is_country, "a country, e.g. `IT`")
    for pattern in style.dates:
        section.checked("dates", pattern, _is_date_pattern, _DATE_PATTERN)
    if style.decimal == style.thousands:
        raise BadMapping(section.at("thousands"), "is the same sign as `decimal`")
    return style


def _tax(section: Section, inherited: Tax) -> Tax:
    if not section.values:
        return inherited
    section.only(("included", "rate", "column"))
    tax = Tax(
        included=section.flag("included", default=True),
        rate=section.number("rate"),
        column=section.text("column"),
    )
    if tax.included and (tax.rate is None) == (not tax.column):
        hint = "`rate = 0.22`, or `column` with the name of the column that tells per cent"
        raise BadMapping(section.path, "needs one of `rate` and `column`", hint=hint)
    if tax.rate is not None and not 0 <= tax.rate < 1:
        raise BadMapping(section.at("rate"), f"must be a share such as 0.22, not {tax.rate}")
    return tax


def file_of(
    section: Section, style: Style, *, beside: tuple[str, ...] = (), pattern: str = ""
) -> FileMapping:
    """Read what the rows of one table are made of.

    Args:
        section: One kind of file, or of document.
        style: How the source writes.
        beside: Further keys that it may have.
        pattern: Of the files' names, where the section does not say.

    Raises:
        BadMapping: Something in it cannot be understood; the message names the key.
    """
    section.only((*STYLE, *_FILE, *beside))
    table = _table(section)
    columns = section.section("columns")
    if not columns.values:
        raise BadMapping(columns.path, f"is missing: which column is which of `{table.name}`?")
    columns.only(table.columns)
    takes = {target: _take(columns, target) for target in columns.values}
    own = style_of(section, style)
    _check_complete(columns, table, takes, own)
    meant = section.text("pattern", pattern)
    if not meant:
        raise BadMapping(section.at("pattern"), "is missing: which files are meant?")
    return FileMapping(
        pattern=meant,
        table=table,
        columns=takes,
        style=own,
        skip=section.lists("skip"),
        ignore=section.texts("ignore"),
    )


def _table(section: Section) -> Table:
    name = section.text("table")
    known = {table.name: table for table in EXCHANGE}
    if name not in known:
        raise BadMapping(section.at("table"), str(Unknown("table", name, known)))
    return known[name]


def _check_complete(columns: Section, table: Table, takes: Words[str, Take], style: Style) -> None:
    given = {*takes, "source"} | ({"currency"} if style.currency else set())
    missing = [name for name in table.required if name not in given]
    if missing:
        problem = f"does not say where `{missing[0]}` comes from, which `{table.name}` must have"
        raise BadMapping(columns.path, problem)


def _take(columns: Section, target: str) -> Take:
    if isinstance(columns.values[target], str):
        return Take(column=columns.text(target))
    section = columns.section(target)
    section.only(_TAKE)
    if sum(origin in section.values for origin in _ORIGINS) != 1:
        hint = 'e.g. { column = "Name" }'
        raise BadMapping(section.path, f"needs one of {', '.join(_ORIGINS)}", hint=hint)
    if "count" in section.values and target != _COUNTED:
        raise BadMapping(section.at("count"), f"is for `{_COUNTED}` alone")
    if "" in section.words("map"):
        hint = "`missing` says what stands where nothing was written"
        raise BadMapping(section.at("map"), "cannot have an empty word", hint=hint)
    return Take(
        column=section.text("column"),
        value=section.text("value") if "value" in section.values else None,
        join=section.texts("join"),
        count=section.texts("count"),
        lookup=_lookup(section.section("lookup")) if "lookup" in section.values else None,
        sep=section.text("sep", "-"),
        null=section.texts("null"),
        map=section.words("map"),
        otherwise=section.text("otherwise") if "otherwise" in section.values else None,
        name=section.word("name", NameWords, NameWords.FIRST) if "name" in section.values else None,
        missing=section.text("missing") if "missing" in section.values else None,
        times=section.text("times"),
        minus=section.text("minus"),
        round=section.flag("round", default=False),
        negative=section.lists("negative"),
        zero=section.lists("zero"),
    )


def _lookup(section: Section) -> Lookup:
    section.only(("file", "on", "take"))
    for key in ("file", "on", "take"):
        if not section.values.get(key):
            raise BadMapping(section.at(key), "is missing")
    file = section.checked("file", section.text("file"), _is_file_name, "a file name without `/`")
    section.checked("file", file, readable, "a CSV or Parquet file")
    one = section.values["on"]
    on = {one: one} if isinstance(one, str) else section.words("on")
    return Lookup(file=file, on=on, take=section.text("take"))


def _is_file_name(text: str) -> bool:
    return "/" not in text and "\\" not in text and text not in {".", ".."}


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _is_zone(name: str) -> bool:
    return not name or name in available_timezones()


def _is_country(code: str) -> bool:
    return not code or code in countries()


def _is_currency(code: str) -> bool:
    return not code or code in list_currencies()


def _is_date_pattern(pattern: str) -> bool:
    said = set(_DIRECTIVES.findall(pattern))
    day = "d" in said and all(len(said & set(one)) == 1 for one in ("Yy", "mbB"))
    clock = len(said & {"H", "I"}) < 2 and ("I" in said) == ("p" in said)
    return said <= _KNOWN_DIRECTIVES and day and clock
