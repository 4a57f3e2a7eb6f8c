"""A shop written as a table that a store manager can check, made into a mart and asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import ibis
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.mart.build import MODELS
from tuttuno.mart.returns import return_origin
from tuttuno.measures.answer import Answer
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import measure
from tuttuno.measures.evaluate import evaluate
from tuttuno.measures.params import Params
from tuttuno.schema.lake import (
    MARKET,
    MEMBERSHIP,
    PICKUP,
    PRODUCT,
    RECORD,
    SALE_LINE,
    STORE_SITE,
    TOUCH,
)
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT
from tuttuno.schema.table import Table

Rows = list[dict[str, Any]]

#: The tables of the lake that a scenario can fill.
FILLED = (SALE_LINE, PICKUP, PRODUCT, RECORD, MEMBERSHIP, STORE_SITE, TOUCH, MARKET)

ANONYMOUS = "-"


@dataclass(frozen=True)
class Shop:
    """A shop: its sales as text, and whatever else it knows as rows of lake tables.

    A line of `sales` is `who day channel handover net`, then any `column=value`; `who` is a
    name or `-`, a handover may be `-` too. Without `sale=` every line is a sale of its own;
    without `qty=` it is one piece, or one piece back where net is negative. `contacts` say of a
    person which of `email`, `phone`, `post` work, with `=yes` or `=no` where she decided on
    it, and `barred` where her word was voided later; `-` is a detail that does not work.
    """

    sales: str
    people: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    products: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    stores: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    pickups: Rows = field(default_factory=list)
    memberships: Rows = field(default_factory=list)
    contacts: Mapping[str, str] = field(default_factory=dict)
    touches: Rows = field(default_factory=list)
    market: Rows = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Everybody who is named, in the order of their person ids, from 1."""
        buyers = [line.split()[0] for line in self.sales.splitlines() if line.strip()]
        return [name for name in dict.fromkeys([*buyers, *self.people]) if name != ANONYMOUS]

    def lake(self) -> dict[str, pa.Table]:
        """Return the tables of the lake, and who is who."""
        rows = {
            SALE_LINE.name: _sales(self.sales),
            PICKUP.name: [_timed({"source": "s", **each}) for each in self.pickups],
            PRODUCT.name: [{"product_id": key, **each} for key, each in self.products.items()],
            RECORD.name: [
                {"record_key": n, "source": "s", **each} for n, each in self.people.items()
            ],
            MEMBERSHIP.name: [
                _timed({"source": "s", "programme": "p", **m}) for m in self.memberships
            ],
            TOUCH.name: [
                _timed({"source": "s", "touch_id": f"t{n}", "kind": "social_like", **each})
                for n, each in enumerate(self.touches)
            ],
            MARKET.name: list(self.market),
            STORE_SITE.name: [{"store_id": key, **each} for key, each in self.stores.items()],
        }
        who = [{"record_key": n, "person_id": i} for i, n in enumerate(self.names, 1)]
        contacts = [_contact(i, self.contacts[n]) for i, n in enumerate(self.names, 1)
                    if n in self.contacts]  # fmt: skip
        consents = [_consent(n, said) for n, said in self.contacts.items()]
        return {t.name: table_of(t, rows[t.name]) for t in FILLED} | {
            PERSON_OF_RECORD.name: table_of(PERSON_OF_RECORD, who),
            RECORD_CONTACT.name: table_of(RECORD_CONTACT, contacts),
            RECORD_CONSENT.name: table_of(RECORD_CONSENT, consents),
        }


def table_of(table: Table, rows: Rows) -> pa.Table:
    """Return rows in the declared types; a required `batch` is 1, other gaps are null."""
    whole = [{"batch": 1, **row} for row in rows]
    schema = pa.schema([pa.field(each.name, each.type) for each in table.arrow])
    return pa.Table.from_pylist(whole, schema=schema)


def opened(shop: Shop | str, engine: Engine) -> dict[str, ibis.Table]:
    """Bind the shop's lake and build its mart; return all tables by name.

    The shop that was opened last is still open, so that many questions to one cost one build.
    """
    shop = Shop(shop) if isinstance(shop, str) else shop
    if _OPEN.get(engine.name) == (engine, shop):
        return _TABLES[engine.name]
    tables = {name: engine.bind(name, rows) for name, rows in shop.lake().items()}
    for name, model in expressions().items():
        tables[name] = engine.keep(name, model)
    _OPEN[engine.name], _TABLES[engine.name] = (engine, shop), tables
    return tables


def closed(engine: Engine) -> None:
    """Forget which shop is open: the test binds tables of its own."""
    _OPEN.pop(engine.name, None)


#: The shop that each engine has open, and its tables.
_OPEN: dict[str, tuple[Engine, Shop]] = {}
_TABLES: dict[str, dict[str, ibis.Table]] = {}


@cache
def expressions() -> Mapping[str, ibis.Table]:
    """The models over tables bound by name: the same expressions for every scenario."""
    return {
        model.name: model.of(**{table.name: table.unbound for table in model.reads})
        for model in (return_origin, *MODELS)
    }


def asked(
    name: str, shop: Shop | str, engine: Engine, *, given: Mapping[str, float] | None = None, **ask
) -> Answer:
    """Return the answer of a measure about a shop; all time unless days are named."""
    ask.setdefault("all_time", "since" not in ask and "until" not in ask)
    return evaluate(
        measure(name),
        Ask(**ask),
        engine=engine,
        tables=opened(shop, engine),
        params=Params(given or {}),
    )


def _sales(text: str) -> Rows:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return [_line(number, words) for number, words in enumerate(lines)]


def _line(number: int, words: list[str]) -> dict[str, Any]:
    who, day, channel, handover, net, *more = words
    told = dict(pair.split("=", 1) for pair in more)
    sold_on = date.fromisoformat(day[:10])
    at = datetime.fromisoformat(day) if "T" in day else datetime.combine(sold_on, time(12))
    piece = "-1" if net.startswith("-") else "1"
    return {
        "source": told.get("source", "s"),
        "sale_id": told.get("sale", f"sale-{number}"),
        "line_no": number,
        "record_key": None if who == ANONYMOUS else who,
        "sold_at": at,
        "sold_on": sold_on,
        "month": day[:7],
        "channel": channel,
        "handover": None if handover == ANONYMOUS else handover,
        "store_id": told.get("store"),
        "product_id": told.get("product", "thing"),
        "quantity": Decimal(told.get("qty", piece)),
        "net": Decimal(net),
        "discount": Decimal(told["discount"]) if "discount" in told else None,
        "currency": told.get("currency", "EUR"),
        "returns_sale_id": told.get("returns"),
    }


def _contact(person: int, told: str) -> dict[str, Any]:
    words = told.replace("=", " ").split()
    barred = datetime.fromisoformat("2030-01-01") if "barred" in words else None
    return {
        "record_no": person,
        "person_id": person,
        **{means: means in words for means in ("email", "phone", "post")},
        "email_barred": barred,
        "phone_barred": barred,
    }


def _consent(who: str, told: str) -> dict[str, Any]:
    said = dict(word.split("=") for word in told.split() if "=" in word)
    moments = {means: 2_000_000 + (answer == "no") for means, answer in said.items()}
    return {"record_key": who, **dict.fromkeys(("email", "sms", "phone", "post"), 0), **moments}


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: datetime.fromisoformat(value) if key.endswith("at") and value else value
        for key, value in row.items()
    }
