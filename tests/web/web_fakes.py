"""A shop small enough to check by hand, and a desk that answers from it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tuttuno.errors import BadInput, NotFound, Unknown
from tuttuno.measures.answer import Answer, AnswerColumn, Coverage, ParameterUsed, Window
from tuttuno.measures.ask import Ask
from tuttuno.tasks.explain_person import Apart, Happened, LinkShown, RecordShown, Why
from tuttuno.tasks.find_people import PersonRow
from tuttuno.tasks.golden_record import BestKnown, GoldenRecord, Telling
from tuttuno.tasks.households import Household, Housemate
from tuttuno.tasks.next_for_person import BuyAgain, BuyNew, LookedAt, NextForPerson
from tuttuno.tasks.people_behind import Buyer, People
from tuttuno.tasks.shelf import Thing
from tuttuno.tasks.show_person import ConsentShown, Contact, Event, PersonCard
from tuttuno.tasks.show_receipt import Line, Receipt
from tuttuno.vault.batches import Batch, BatchStatus, Counts, LedgerHour
from tuttuno.vault.quarantine import Quarantined, RuleCount
from tuttuno.vault.releases import Release, ReleaseStatus
from tuttuno.web.door import AccountRow, SessionRow
from tuttuno.web.seen import Freshness, Known

PASSWORD = "un cliente, ogni canale"  # noqa: S105 - of an account that lives in a test

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
YEAR = Window(date(2025, 4, 1), date(2026, 4, 1))
COVERAGE = Coverage(0.62, 0.714)


def token_of(answer):
    """Return the form token of a page."""
    return re.search(r'name="csrf" value="([^"]+)"', answer.text)[1]


def col(name, kind="text", unit="", label=""):
    return AnswerColumn(name, label or name.replace("_", " ").capitalize(), unit, kind)


def answer(measure, label, columns, rows, **more):
    given = {
        "unit": "person", "window": YEAR, "coverage": COVERAGE, "by": (), "notes": (),
        "definition": "What is counted, and what nothing looks like.", **more,
    }  # fmt: skip
    shown = tuple(dict(zip([c.name for c in columns], row, strict=True)) for row in rows)
    return Answer(measure=measure, label=label, columns=tuple(columns), rows=shown, **given)


CLASS_COLUMNS = [
    col("class"), col("band"), col("persons", "count", "person", "Buyers"),
    col("revenue", "money", "EUR"), col("orders", "count", "order"),
]  # fmt: skip

CHANNEL_CLASS = answer(
    "channel_class", "Buyers by channel class", CLASS_COLUMNS,
    [
        ("online_only", "online_only", 2601, 310_250.5, 4_120),
        ("store_only", "store_only", 5280, 702_310.0, 12_480),
        ("both", "online_led", 1010, 402_000.0, 5_060),
        ("both", "balanced", 1655, 820_110.25, 9_930),
        ("both", "store_led", 1341, 655_900.0, 7_911),
    ],
    notes=("Buyers of both channels buy more partly because they buy more often at all.",),
    parameters=(
        ParameterUsed("channel_class.led", 0.8, "1", "At or above this share one channel leads.",
                      "house default; no published standard found", date(2020, 1, 1)),
    ),
)  # fmt: skip

OVERLAP = answer(
    "product_overlap", "Products bought in both channels",
    [col("level"), col("in_both", "count"), col("online_only", "count"), col("store_only", "count"),
     col("jaccard", "share"), col("ratio_to_chance", "number"), col("low", "number"),
     col("high", "number")],
    [
        ("product", 512, 2210, 4380, 0.072, 1.84, 1.71, 1.97),
        ("brand", 166, 61, 104, 0.501, 1.22, 1.15, 1.29),
        ("category", 38, 2, 5, 0.844, 1.03, 0.98, 1.08),
    ],
)  # fmt: skip

_STEPS = (("buyers", 1.0, 1.0, 1.0), ("identified", 1.0, 0.46, 1.0), ("address", 0.97, 0.42, 0.98),
          ("consent", 0.85, 0.34, 0.88), ("reachable", 0.81, 0.31, 0.86))  # fmt: skip

REACHABILITY = answer(
    "reachability", "Buyers who can be contacted again",
    [col("buyer"), col("step"), col("persons", "count"), col("rate", "share"), col("low", "share"),
     col("high", "share")],
    [
        (buyer, step, round(size * rate), rate, max(rate - 0.015, 0), min(rate + 0.015, 1))
        for step, *rates in _STEPS
        for buyer, size, rate in zip(("online_only", "store_only", "both"), (2601, 5280, 4006),
                                     rates, strict=True)
    ],
)  # fmt: skip

SHARE = answer(
    "coverage", "Sales with a known buyer",
    [col("identified_sales", "share"), col("identified_revenue", "share"), col("sales", "count"),
     col("revenue", "money", "EUR")],
    [(0.62, 0.714, 63_742, 4_049_110.9)], unit="1",
)  # fmt: skip

SHARE_BY_PROVINCE = answer(
    "coverage", "Sales with a known buyer", [col("province", label="Province"), *SHARE.columns],
    [(place, 0.5, 0.5, 100, 900.0) for place in ("MI", "<b>", None)], by=("province",),
)  # fmt: skip

# the stand-in has months, so that lines over time are looked at as well
MONTHLY = answer(
    "monthly", "Growth by channel",
    [col("month"), col("channel"), col("revenue", "money", "EUR")],
    [
        (f"2025-{month:02}", channel, 40_000.0 + 1_500 * month * bonus + 9_000 * (month % 5))
        for month in range(4, 13)
        for channel, bonus in (("web", 1), ("store", 0))
    ],
)  # fmt: skip


def stepped(first, effects):
    """Return the steps of a path, three months each."""
    return [
        {
            "from_month": 3.0 * at, "to_month": 3.0 * at + 2, "estimate": effect,
            "low": effect - 0.04, "high": effect + 0.04, "treated": 900.0,
        }
        for at, effect in enumerate(effects, first)
        if at != -1
    ]  # fmt: skip


DIVERTED = {
    "effect": "cannibalisation",
    "question": "what share of the orders that members newly place online did the stores lose",
    "rung": "C", "estimate": 0.35, "low": 0.29, "high": 0.41, "unit": "1", "treated": 1413,
    "control": 2440, "coverage": 0.63, "refused": None,
    "diagnostics": {
        "outcome": "orders",
        "outcomes": [
            {"name": "orders", "unit": "orders per person and month", "store": -0.1,
             "online": 0.28, "diversion": 0.35, "low": 0.29, "high": 0.41},
        ],
        "euros": {"online": 894_000.0, "diverted": 312_000.0, "incremental": 582_000.0,
                  "low": 501_000.0, "high": 663_000.0},
        "path": stepped(-4, [0.01, -0.02, 0.0, 0.0, -0.05, -0.1, -0.11]),
        "path_online": stepped(-4, [0.0, 0.0, 0.0, 0.0, 0.31, 0.28, 0.27]),
        "by_time": stepped(0, [0.2, 0.34, 0.41]),
        "pre_trend": {"statistic": 2.4, "df": 4, "p": 0.66},
        "placebo": {"estimate": -0.004, "low": -0.02, "high": 0.016},
        "honest": {"bounds": [{"size": 1.0, "low": -0.2, "high": 0.02}], "breakdown": 0.8},
        "balance": [{"trait": "orders_store", "treated": 0.3, "control": 0.2, "smd": 0.38}],
        "naive": {"treated": 63.5, "control": 30.5, "times": 2.08, "adjusted_times": 1.42},
        "left_out": {"known": 797, "too_early": 1423},
        "notes": [("Records of one person that identity did not put together make the share too "
                  "low.")],
        "declared": {"name": "cannibalisation", "treatment": "first_online_purchase",
                     "outcome": "orders", "since": "", "until": "", "baseline": 6,
                     "anticipation": 0, "population": {"province": ["MI"]}, "exclude": {}},
    },
}  # fmt: skip

ANSWERS = {each.measure: each for each in (CHANNEL_CLASS, REACHABILITY, OVERLAP, SHARE, MONTHLY)}

BY_PROVINCE = answer(
    "channel_class", "Buyers by channel class", [col("province", label="Province"), *CLASS_COLUMNS],
    [(place, *row.values()) for place in ("MI", "<script>", None) for row in CHANNEL_CLASS.rows],
    by=("province",),
)  # fmt: skip


CLASSES = ("online_only", "store_only", "both")

BUYER = Buyer(7, "7-4", "ANNA BIANCHI", "Firenze", 14, 640.5, 1200.0)

RECEIPT = Receipt(
    person_id=7, source="till", sale_id="R/17", day=date(2026, 3, 28), channel="store",
    handover="carried", place="Firenze", currency="EUR", net=39.9,
    lines=(Line(1, "P1", "Linen <shirt>", "Clothes", 2.0, 129.9, 10.0),
           Line(2, "P9", None, None, -1.0, -90.0, None)),
)  # fmt: skip


def event(day, channel, what, handover, place, net):
    items = 2 if net > 0 else 0
    return Event(
        day, channel, what, items, handover, place, net, "EUR", "till", "R/17", day.isoformat()[:7]
    )


CARD = PersonCard(
    person_id=7,
    shown_id="7-4",
    name="Anna <3 Bianchi",
    aliases=("3-1",),
    currency="EUR",
    orders=14,
    orders_store=9,
    orders_online=5,
    net=1840.5,
    net_store=1200.0,
    net_online=640.5,
    first_on=date(2023, 10, 2),
    last_on=date(2026, 3, 28),
    waiting_parcels=1,
    channel_band="store_led",
    home_store="Firenze, Via Roma",
    tier="Gold",
    enrolled_on=date(2023, 10, 2),
    age_band="35-44",
    place="Firenze (FI)",
    language="it",
    timeline=(
        event(date(2026, 3, 28), "store", "Linen shirt, belt", "carried", "Firenze", 129.9),
        event(date(2026, 3, 20), "web", "Running shoes", "collected", "Firenze", 89.0),
        event(date(2026, 1, 9), "web", "", "collected", None, -89.0),
        event(date(2025, 12, 22), "phone", "Gift card", "delivered", None, 50.0),
        event(date(2025, 11, 2), "app", "", "delivered", None, 249.0),
    ),
    events=14,
    identifiers=(
        Contact("email", "a•••@example.it"), Contact("phone", "+39 ••• ••• 567"),
        Contact("loyalty_card", "•••• 0417"),
    ),
    consents=(
        ConsentShown("marketing", "email", True, date(2024, 5, 2)),
        ConsentShown("profiling", "any", False, date(2024, 5, 2)),
    ),
)  # fmt: skip

_MAIL, _CALL = (
    LinkShown("email", "a•••@example.it", "crm"), LinkShown("phone", "+39 ••• 567", "card"),
)  # fmt: skip

WHY = Why(
    records=(
        RecordShown("shop", "C-••••81", date(2024, 5, 2), (_MAIL,)),
        RecordShown("crm", "90••••", date(2023, 10, 2), (_CALL,)),
        RecordShown("card", "•••• 0417", None, ()),
    ),
    sources=("card", "crm", "shop"),
    apart=(Apart("phone", "•••999", "household", 3, 5, "phone •••999 belongs to 3 people"),),
    history=(Happened(NOON, "merged", "3-1", "joined with 3-1"),),
)


LINES = (
    LedgerHour("shop", NOON, Counts(40_000, 39_400, 500, 100)),
    LedgerHour("till", NOON, Counts(63_742, 63_700, 0, 42)),
    LedgerHour("crm", NOON - timedelta(hours=1), Counts(12_100, 11_990, 80, 20, 4, 6)),
)


def batch(number):
    file, done = f"sale_line_2026_{number:02}.csv", BatchStatus.DONE
    counts = Counts(900, 899, 1)
    return Batch(number, "till", "sale_line", file, "", done, NOON, NOON, counts, None)


def held(number):
    return Quarantined(
        batch=1, source="till", table="sale_line", file="sale_line.csv", row=number * 17,
        column="sold_at", rule="no_time", value="ieri", payload=None, at=NOON,
        message="sold_at is not a time; write it like 2026-03-31T17:05:00+02:00",
        quarantine_no=number,
    )  # fmt: skip


def release(number):
    at = NOON - timedelta(days=3 - number)
    return Release(number, ReleaseStatus.PUBLISHED, at, {}, 4, "", "duckdb", {})


TOLD = (
    Telling("a" * 32, "crm", "Anna <3 Bianchi", date(2026, 3, 1), None),
    Telling("b" * 32, "till", "Anna Bianci", date(2025, 3, 1), None),
)
GOLDEN = GoldenRecord(
    7,
    "7-4",
    (
        BestKnown("name", "Anna <3 Bianchi", "a" * 32, "crm", date(2026, 3, 1), "most_recent", 1, 2,
                  verified=False, decision=None, records=TOLD),
        BestKnown("email", "a•••@example.it", "a" * 32, "crm", None, "pinned", 1, 1, verified=False,
                  decision=4, records=TOLD[:1]),
    ),
)  # fmt: skip

COAT = Thing("P1", "Coat <3", online=True, in_store=True)
SOAP = Thing("P2", "Soap", online=None, in_store=None)
NEXT = NextForPerson(
    7,
    "7-0",
    date(2026, 3, 1),
    refused=False,
    again=(BuyAgain(SOAP, date(2026, 2, 1), 4, 30, date(2026, 3, 3), 0.41),),
    new=(BuyNew(COAT, SOAP, 12, 0.25),),
    looked=(LookedAt(COAT, "wished", date(2026, 2, 20), 3),),
)


@dataclass
class FakeDesk:
    """Answers from the values above; what is asked for by POST is written down."""

    built: bool = True
    looks: list[tuple[str, str, object]] = field(default_factory=list)
    current: int = 2
    lines: Sequence[LedgerHour] = LINES
    diverted: Mapping[str, Any] = field(default_factory=lambda: DIVERTED)

    def freshness(self):
        return Freshness(self.current, NOON, 1204) if self.built else None

    def measures(self):
        return [Known(each.measure, each.label) for each in ANSWERS.values()]

    def effects(self):
        return [Known("cannibalisation", "Cannibalisation")]

    def effect(self, name):
        if name != "cannibalisation":
            raise Unknown("effect", name, ["cannibalisation"])
        return self.current, self.diverted

    def dimensions(self, measure):
        if measure == "coverage":
            return []
        return [Known("province", "Province"), Known("store_id", "Store")]

    def filterable(self):
        return [Known("province", "Province"), Known("store", "Store")]

    def places(self):
        return {"S01": "Firenze, Via Roma"}

    def parts(self, measure):
        return {"class": CLASSES} if measure == "channel_class" else None

    def people(self, measure, part, ask, *, actor):
        self.looks.append((actor, "list", (measure, tuple(part.items()), ask.where)))
        if self.parts(measure) is None:
            raise BadInput(f"the people behind {measure} cannot be listed")
        return People(self.current, YEAR, 4006, (BUYER,))

    def receipt(self, person_id, sale, *, actor):
        self.looks.append((actor, "receipt", (person_id, sale.source, sale.sale_id)))
        if sale.sale_id != "R/17":
            raise NotFound("no receipt")
        return RECEIPT

    def answer(self, measure, ask: Ask):
        if measure not in ANSWERS:
            raise Unknown("measure", measure, ANSWERS)
        if measure == "coverage" and ask.by == ("province",):
            return self.current, SHARE_BY_PROVINCE
        if ask.by == ("province",):
            return self.current, BY_PROVINCE
        if ask.by:
            raise BadInput("cannot be split by store_id", hint="choose province")
        found = ANSWERS[measure]
        if ("province", "XX") in ask.where:
            return self.current, answer(measure, found.label, found.columns, [])
        return self.current, found

    def find(self, text, *, actor):
        self.looks.append((actor, "find", text))
        rows = [PersonRow(7, "7-4", "Anna <3 Bianchi", "Firenze", 3, date(2026, 3, 28)),
                PersonRow(8, "8-2", None, None, 1, None)]  # fmt: skip
        return {"anna": rows, "7-4": rows[:1]}.get(text, [])

    def card(self, person_id, *, actor):
        self.looks.append((actor, "card", person_id))
        if person_id not in {3, 7}:
            raise NotFound(f"there is no person {person_id}")
        return CARD

    def reveal(self, person_id, *, actor):
        self.looks.append((actor, "reveal", person_id))
        return [Contact("email", "anna.bianchi@example.it"), Contact("phone", "+39 333 1234567")]

    def explain(self, person_id):
        self.looks.append((None, "explain", person_id))
        return WHY

    def golden(self, person_id, *, actor):
        self.looks.append((actor, "golden", person_id))
        return GOLDEN

    def suggest(self, person_id, *, actor):
        self.looks.append((actor, "next", person_id))
        return NEXT

    def household(self, person_id, *, actor):
        self.looks.append((actor, "household", person_id))
        return Household(7, (Housemate(8, "8-2", None, "phone"),), "phone")

    def steward(self, *, actor):
        self.looks.append((actor, "steward", None))
        return FakeSteward()

    def batches(self, *, limit, before):
        numbers = range(60, 0, -1) if self.lines else ()
        made = [batch(n) for n in numbers if before is None or n < before]
        return made[:limit]

    def ledger(self):
        return self.lines

    def held(self, *, rule, limit, after):
        made = [held(n) for n in range(1, 43) if self.lines and n > after]
        return [row for row in made if rule in {None, row.rule}][:limit]

    def rules(self):
        if not self.lines:
            return []
        return [RuleCount("till", "sale_line", "no_time", 42)]

    def releases(self):
        return [release(n) for n in (3, 2, 1) if self.built]

    def roll_back(self, number, *, actor):
        self.looks.append((actor, "roll_back", number))
        self.current = number


@dataclass
class FakeSteward:
    """Nothing is in doubt, and nothing can be decided."""

    asked: list[object] = field(default_factory=list)

    def review(self, limit):
        self.asked.append(limit)
        return 0, []

    def decisions(self):
        return []

    def records(self, person_id):
        self.asked.append(person_id)
        return []

    def compare(self, one, other, reason=""):
        self.asked.append((one, other, reason))
        raise NotFound("no record")

    merge = never = compare

    def split(self, person, record_keys, reason):
        self.asked.append((person, record_keys, reason))
        raise NotFound("no record")

    def undo(self, decision, reason):
        self.asked.append((decision, reason))
        raise NotFound("no decision")


@dataclass
class FakeAccounts:
    """Accounts in memory."""

    accounts: dict[str, AccountRow]
    sessions: dict[str, SessionRow] = field(default_factory=dict)
    failures: list[tuple[str, datetime]] = field(default_factory=list)
    log: list[tuple[str, str, str, datetime]] = field(default_factory=list)

    def account(self, login):
        return self.accounts.get(login)

    def open_session(self, row):
        self.sessions[row.id_hash] = row

    def session(self, id_hash):
        return self.sessions.get(id_hash)

    def touch_session(self, id_hash, at):
        row = self.sessions[id_hash]
        self.sessions[id_hash] = SessionRow(row.id_hash, row.login, row.csrf, row.created_at, at)

    def close_session(self, id_hash):
        self.sessions.pop(id_hash, None)

    def count_failures(self, key, since):
        return sum(1 for name, at in self.failures if name == key and at >= since)

    def record_failure(self, key, at):
        self.failures.append((key, at))

    def forget_failures(self, key):
        self.failures = [each for each in self.failures if each[0] != key]

    def audit(self, *, actor, action, subject, at):
        self.log.append((actor, action, subject, at))
