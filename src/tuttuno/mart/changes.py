"""What has to be made again: whole months, and in others what people with a new identity bought."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import ibis
import pyarrow as pa
from ibis.expr.types import BooleanValue

from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import loose
from tuttuno.mart.purchase import purchase
from tuttuno.mart.returns import return_origin, undone
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import PERSON_OF_RECORD

Tables = Mapping[str, ibis.Table]

_RECEIPT = ("source", "sale_id", "month")
_MOVED, _TOUCHED, _PEOPLE, _LINES = (
    f"changed_{what}" for what in ("record", "receipt", "person", "line")
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is not as it was when the mart was last built.

    Attributes:
        months: Months in which sales or pick-ups changed, `YYYY-MM`.
        records: `record_key` of the records that now belong to another person.
        tables: Names of the tables of the lake that have another version.
    """

    months: frozenset[str]
    records: pa.Array
    tables: frozenset[str] = frozenset()

    def touch(self, reads: Collection[str]) -> bool:
        """Return whether a table that reads these of the lake, and sales, may be another."""
        return bool(self.months or len(self.records) or self.tables & set(reads))


@dataclass(frozen=True, slots=True)
class Again:
    """What the changes ask for, month by month.

    Attributes:
        whole: Months to make from all of their lines.
        amended: Months in which only some people's rows change.
        tables: What the models read: the lines of the whole months, and of the people in the
            amended ones.
        people: Those people, as `person_id`; the rows that they had there are void.
    """

    whole: frozenset[str]
    amended: frozenset[str]
    tables: Tables
    people: ibis.Table

    @property
    def months(self) -> frozenset[str]:
        """All months that are written again."""
        return self.whole | self.amended

    def in_amended(self, rows: ibis.Table) -> BooleanValue:
        """Return whether rows lie in a month that is amended."""
        return rows.month.isin(sorted(self.amended)) if self.amended else ibis.literal(False)

    def kept(self, former: ibis.Table) -> ibis.Table:
        """Return the rows of the amended months that stay as they are."""
        return former.filter(self.in_amended(former)).anti_join(self.people, "person_id")

    def renewed(self, rows: ibis.Table) -> ibis.Table:
        """Return the rows of the whole months, and those of the people in the amended ones."""
        few = rows.filter(self.in_amended(rows)).semi_join(self.people, "person_id")
        whole = rows.filter(rows.month.isin(sorted(self.whole)))
        return loose(whole).union(loose(few)) if self.whole else few


def again(engine: Engine, tables: Tables, former: ibis.Table, changes: Changes) -> Again:
    """Find out what has to be made again; `forget` ends it.

    Months with a return of what was sold in a changed month are whole as well: the sale may
    be new, or gone. A record that changed hands voids what its former and its present person
    bought in the months in which it bought. A month in which a sale thereby becomes anonymous,
    or no longer is, is whole too, because all anonymous sales are added up together.

    Args:
        engine: Where the tables are bound.
        tables: The lake, and `person_of_record`.
        former: `purchase` as it was last built.
        changes: What changed since.
    """
    line = tables[SALE_LINE.name]
    whole = with_returns(engine, line, former, changes.months)
    touched = _touched(engine, line, whole, changes.records)
    months = _months(engine, touched)
    people = _people(engine, tables, former, touched)
    while True:
        found = _asked(engine, tables, former, Again(whole, months - whole, tables, people))
        anonymous = _anonymous(engine, found, former, touched)
        if not anonymous:
            return found
        whole |= anonymous


def forget(engine: Engine) -> None:
    """Give back what `again` keeps."""
    for name in (_LINES, _PEOPLE, _TOUCHED, _MOVED, return_origin.name):
        engine.drop(name)


def with_returns(
    engine: Engine, sale_line: ibis.Table, former: ibis.Table, months: frozenset[str]
) -> frozenset[str]:
    """Add the months with returns of what is or was sold in the given ones.

    Their channel and their buyer may change.
    """
    if not months:
        return months
    chosen = sorted(months)
    now = sale_line.filter(sale_line.month.isin(chosen), sale_line.quantity > 0)
    before = former.filter(former.month.isin(chosen), former.orders > 0)
    sold = loose(now.select("sale_id")).union(loose(before.select("sale_id")), distinct=True)
    back = sale_line.filter(sale_line.quantity < 0, sale_line.returns_sale_id.notnull())
    return months | _months(engine, back.semi_join(sold, back.returns_sale_id == sold.sale_id))


def _touched(
    engine: Engine, line: ibis.Table, whole: frozenset[str], records: pa.Array
) -> ibis.Table:
    """Receipts out of whole months that changed hands, or take back what such a buyer bought."""
    moved = engine.bind(_MOVED, pa.table({"record_key": records.cast(pa.string())}))
    own = line.semi_join(moved, "record_key").select(*_RECEIPT)
    back = line.filter(line.record_key.isnull(), line.returns_sale_id.notnull(), line.quantity < 0)
    back = back.semi_join(own, back.returns_sale_id == own.sale_id).select(*_RECEIPT)
    found = loose(own).union(loose(back), distinct=True)
    return engine.keep(_TOUCHED, found.filter(~found.month.isin(sorted(whole))) if whole else found)


def _people(engine: Engine, tables: Tables, former: ibis.Table, touched: ibis.Table) -> ibis.Table:
    """Who had the receipts, and who has the records now."""
    before = former.semi_join(touched, _RECEIPT).select("person_id")
    moved = ibis.table({"record_key": "string"}, name=_MOVED)
    now = tables[PERSON_OF_RECORD.name].semi_join(moved, "record_key").select("person_id")
    people = loose(before).union(loose(now), distinct=True)
    return engine.keep(_PEOPLE, people.filter(people.person_id.notnull()))


def _asked(engine: Engine, tables: Tables, former: ibis.Table, asked: Again) -> Again:
    """Choose the lines, and find what the returns among them undo."""
    line = tables[SALE_LINE.name]
    theirs = former.filter(asked.in_amended(former)).semi_join(asked.people, "person_id")
    touched = ibis.table(dict.fromkeys(_RECEIPT, "string"), name=_TOUCHED)
    receipts = loose(theirs.select(*_RECEIPT)).union(touched, distinct=True)
    few = engine.keep(_LINES, line.filter(asked.in_amended(line)).semi_join(receipts, _RECEIPT))
    lines = few
    if asked.whole:
        whole = line.filter(line.month.isin(sorted(asked.whole)))
        lines = loose(whole).union(loose(few))
    known = {table.name: tables[table.name] for table in return_origin.reads}
    origin = engine.keep(return_origin.name, undone(lines, **known))
    read = {**tables, SALE_LINE.name: lines, return_origin.name: origin}
    return replace(asked, tables=read)


def _anonymous(
    engine: Engine, found: Again, former: ibis.Table, touched: ibis.Table
) -> frozenset[str]:
    """Amended months in which a touched receipt has no buyer, before or now.

    And those with a receipt that names its buyer on some lines only: the others may be added
    up with the anonymous sales.
    """
    if not found.amended:
        return frozenset()
    few = ibis.table(SALE_LINE.schema, name=_LINES)
    now = purchase.of(**{**found.tables, SALE_LINE.name: few})
    before = former.filter(found.in_amended(former)).semi_join(touched, _RECEIPT)
    unknown = [
        loose(each.filter(each.person_id.isnull()).select("month")) for each in (before, now)
    ]
    held = few.group_by(*_RECEIPT).agg(named=few.record_key.count(), lines=few.count())
    partly = held.filter(held.named > 0, held.named < held.lines)
    return _months(engine, ibis.union(*unknown, loose(partly.select("month"))))


def _months(engine: Engine, rows: ibis.Table) -> frozenset[str]:
    return frozenset(engine.run(rows.select("month").distinct())["month"].to_pylist())
