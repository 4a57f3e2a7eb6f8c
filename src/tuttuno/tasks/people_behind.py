"""The people behind a number: who the buyers of one row of an answer are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, Unknown
from tuttuno.identity.checkdigit import shown
from tuttuno.measures.answer import Answer, AnswerColumn, Window
from tuttuno.measures.ask import Ask
from tuttuno.measures.channel_class import CHANNEL_CLASS, band_of, class_of
from tuttuno.measures.evaluate import evaluate
from tuttuno.measures.facts import spend
from tuttuno.measures.measure import Measure, Question
from tuttuno.measures.online_exclusives import ONLINE_EXCLUSIVES
from tuttuno.measures.params import Params
from tuttuno.tasks.known_as import known_as
from tuttuno.tasks.show_person import Glance
from tuttuno.vault import audit
from tuttuno.vocab import ChannelBand, ChannelClass

#: People listed, those who spent most; the rest is counted.
MOST = 50

#: Which columns of a row choose its people, measure by measure.
PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    CHANNEL_CLASS.name: {
        "class": tuple(each.value for each in ChannelClass),
        "band": tuple(each.value for each in ChannelBand),
    },
    ONLINE_EXCLUSIVES.name: {},
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """One of the people; net is that of the window, returns taken off."""

    person_id: int
    shown_id: str
    name: str | None
    place: str | None
    orders: int
    net_online: float
    net_store: float


@dataclass(frozen=True, slots=True)
class People:
    """Those who spent most, and how many there are in all."""

    release: int
    window: Window
    total: int
    buyers: tuple[Buyer, ...]


def list_buyers(name: str, part: Mapping[str, str], ask: Ask, at: Glance) -> Answer:
    """List those whom a row of an answer counts, by number, largest spend first.

    Nobody is named yet, and a release never changes: who asks often may keep the answer.

    Args:
        name: Of the measure.
        part: Words of the row, of the columns that `PARTS` names.
        ask: The question that was asked, not split any further.
        at: The stores and the release.

    Raises:
        BadInput: No list of people can be made for this measure or these words.
    """
    check_part(name, part)
    return evaluate(
        _listing(name, part),
        ask,
        engine=at.opened.engine,
        tables=at.opened.tables,
        params=Params(at.params),
    )


def people_behind(
    name: str, answer: Answer, at: Glance, *, actor: str, clock: Clock = utc_now
) -> People:
    """Name the people of `list_buyers`; the look is recorded.

    Args:
        name: Of the measure.
        answer: What `list_buyers` found.
        at: The stores and the release.
        actor: Who looks.
        clock: Tells when.
    """
    rows: list[Mapping[str, Any]] = list(answer.rows)
    with at.vault.begin() as con:
        audit.append(
            con, actor=actor, action="person.list", subject=f"{len(rows)} of {name}", at=clock()
        )
        known = known_as(con, [row["person_id"] for row in rows])
    return People(
        release=at.opened.release.number,
        window=answer.window,
        total=int(rows[0]["total"]) if rows else 0,
        buyers=tuple(
            Buyer(
                person_id=row["person_id"],
                shown_id=shown(row["person_id"]),
                name=known[row["person_id"]].name,
                place=known[row["person_id"]].place,
                orders=row["orders"],
                net_online=row["net_online"],
                net_store=row["net_store"],
            )
            for row in rows
        ),
    )


def check_part(name: str, part: Mapping[str, str]) -> None:
    """Refuse a part that no row of the measure has.

    Raises:
        BadInput: The measure has no list of people.
        Unknown: A word is none of the column's.
    """
    if name not in PARTS:
        raise BadInput(
            f"the people behind {name} cannot be listed", hint=f"those of {', '.join(PARTS)} can"
        )
    for column, word in part.items():
        if column not in PARTS[name]:
            raise Unknown("column", column, PARTS[name])
        if word not in PARTS[name][column]:
            raise Unknown(column, word, PARTS[name][column])


def _listing(name: str, part: Mapping[str, str]) -> Measure:
    exclusive = name == ONLINE_EXCLUSIVES.name
    whole = ONLINE_EXCLUSIVES if exclusive else CHANNEL_CLASS

    def people(question: Question) -> ibis.Table:
        """Known buyers of the window who are in the part, those who spent most first."""
        buyer = spend(question)
        buyer = buyer.filter(buyer.orders > 0)
        told = _exclusive(buyer, question) if exclusive else _of_class(buyer, question, part)
        told = told.mutate(total=told.count().over())
        return told.order_by(ibis.desc("net"), "person_id").limit(MOST)

    return Measure(
        label="People",
        unit="person",
        denominator=whole.denominator,
        source=whole.source,
        columns=(
            AnswerColumn("person_id", "Person", "", "count"),
            AnswerColumn("orders", "Orders", "order", "count"),
            AnswerColumn("net_online", "Net revenue online", "EUR", "money"),
            AnswerColumn("net_store", "Net revenue in stores", "EUR", "money"),
            AnswerColumn("total", "People in all", "person", "count"),
        ),
        define=people,
        params=whole.params,
    )


def _exclusive(buyer: ibis.Table, question: Question) -> ibis.Table:
    least = int(question.params["online_exclusives.orders"])
    return buyer.filter(buyer.orders_store == 0, buyer.orders >= least)


def _of_class(buyer: ibis.Table, question: Question, part: Mapping[str, str]) -> ibis.Table:
    band = band_of(
        buyer,
        theta=question.params["channel_class.theta"],
        orders=int(question.params["channel_class.orders"]),
    )
    told = {"class": class_of(buyer), "band": band}
    return buyer.filter(*(told[column] == word for column, word in part.items()))
