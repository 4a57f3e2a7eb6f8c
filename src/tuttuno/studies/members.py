"""Who takes part in a study of persons, when she was treated, and why others are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import numpy as np
from ibis.expr.types import BooleanValue, IntegerValue

from tuttuno.engine.semantics import count_where, days_between
from tuttuno.studies.declaration import Declaration
from tuttuno.studies.months import Months
from tuttuno.studies.sums import NEVER

#: Why somebody does not take part; the empty text is who does.
NO_BUYER, MEMBER_BEFORE, TOO_EARLY, KNOWN_BEFORE = "no_buyer", "member", "too_early", "known"

#: An account older than the first purchase seen there by more than so many days had one before.
ACCOUNT_DAYS = 31

#: Classes of buyers by what they ordered in the baseline, the least keen first.
KEEN = ("few", "some", "many")

#: A class with fewer treated or compared is not compared within itself.
FEW = 30

#: Where a person lives, as far as the stores matter.
NEAR, FAR = "in_province", "not_in_province"


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody the study could be about.

    Attributes:
        rows: `person_id`, `cohort`, `part` and `reason`; an empty reason takes part. Of online
            buyers also `bought`: online orders in the baseline.
        months: The months on which cohorts count and outcomes are compared.
    """

    rows: ibis.Table
    months: Months

    @property
    def members(self) -> ibis.Table:
        """Who takes part."""
        return self.rows.filter(self.rows.reason == "").select("person_id", "cohort", "part")

    @property
    def reasons(self) -> ibis.Table:
        """How many are left out, by reason."""
        return self.rows.group_by("reason").agg(persons=self.rows.count())


def enrolling(tables: Mapping[str, ibis.Table], months: Months, declared: Declaration) -> Roll:
    """Online buyers who enrol in the programme, and online buyers who never do.

    Everybody bought online in the baseline months, which are not compared: so nobody has to
    survive until her enrolment to be counted. Who ordered much then is compared with who did
    as well, because whatever lifts all orders lifts many orders by more. Store purchases play no
    part, because before enrolment nobody sees them.
    """
    month = tables["person_month"]
    place = months.position(month.month)
    early = (place >= 0) & (place < declared.baseline) & (month.orders_online > 0)
    bought = month.filter(early).group_by("person_id").agg(orders=month.orders_online.sum())
    person = chosen(tables["person"], declared).inner_join(bought, "person_id")
    panel = months.after(declared.baseline)
    cohort = panel.number(person.enrolled_on)
    before = cohort.notnull() & (cohort <= declared.anticipation)
    rows = person.select(
        "person_id",
        cohort=_within(cohort, panel),
        part=ibis.literal(KEEN[0]),
        reason=ibis.ifelse(before.fill_null(False), MEMBER_BEFORE, ""),
        bought=person.orders,
    )
    return Roll(rows, panel)


def keen(roll: Roll) -> ibis.Table:
    """How many are treated and how many never, by what they ordered in the baseline."""
    rows = roll.rows.filter(roll.rows.reason == "")
    never = rows.cohort == NEVER
    counted = rows.group_by("bought").agg(treated=count_where(~never), never=count_where(never))
    return counted.order_by("bought")


def classed(roll: Roll, counted: Sequence[Mapping[str, int]]) -> Roll:
    """Class buyers into thirds of the treated by what they ordered: like is compared with like.

    Who ordered equally often is in one class; a class that would have fewer than `FEW` treated
    or never treated is joined with the next.
    """
    edges = edges_of(counted)
    if not edges:
        return roll
    rows = roll.rows
    cases = [(rows.bought <= edge, name) for edge, name in zip(edges, KEEN, strict=False)]
    return replace(roll, rows=rows.mutate(part=ibis.cases(*cases, else_=KEEN[len(edges)])))


def edges_of(counted: Sequence[Mapping[str, int]]) -> list[int]:
    """The most orders of each class but the last, from the rows of `keen`."""
    edges: list[int] = []
    reached = np.cumsum([[row["treated"], row["never"]] for row in counted], axis=0)
    done = np.zeros(2)
    for row, here in zip(counted, reached, strict=True):
        third = here[0] * len(KEEN) >= reached[-1][0] * (len(edges) + 1)
        sizes = (*(here - done), *(reached[-1] - here))
        if third and min(sizes) >= FEW and len(edges) < len(KEEN) - 1:
            edges.append(row["bought"])
            done = here
    return edges


def going_online(tables: Mapping[str, ibis.Table], months: Months, declared: Declaration) -> Roll:
    """Members of the programme who buy online for the first time, and members who never do.

    Everybody was a member before the first month and has bought in a store, so what she buys
    there is seen throughout. Who has an online order in the baseline months, or an account
    that is older than anything she bought where it is kept, may have bought online before
    anybody looked. A shop also keeps records of who orders by phone: to leave such people out
    as well would choose who takes part by what she buys.
    """
    person = chosen(tables["person"], declared)
    person = person.filter(person.enrolled_on < months.start, person.first_store_on.notnull())
    person = person.left_join(_first_there(tables["purchase"]), "person_id")
    cohort = months.number(person.first_online_on)
    since = days_between(person.online_since.cast("date"), person.first_there_on)
    unexplained = since.isnull() | (since > ACCOUNT_DAYS)
    reason = ibis.cases(
        ((cohort < declared.baseline).fill_null(False), TOO_EARLY),
        (person.online_since.notnull() & unexplained, KNOWN_BEFORE),
        else_="",
    )
    rows = person.select(
        "person_id",
        cohort=_within(cohort, months),
        part=_near(person, tables["store"]),
        reason=reason,
    )
    return Roll(rows, months)


def _first_there(purchase: ibis.Table) -> ibis.Table:
    """The first purchase of each person, in any channel, at a source that sells online."""
    sells = purchase.filter(purchase.online).select("source").distinct()
    there = purchase.filter(purchase.orders > 0, purchase.person_id.notnull())
    there = there.semi_join(sells, "source")
    return there.group_by("person_id").agg(first_there_on=there.sold_on.min())


def chosen(rows: ibis.Table, declared: Declaration) -> ibis.Table:
    """Keep the population that is declared; an unknown trait is in no population."""
    for trait, values in declared.population.items():
        rows = rows.filter(rows[trait].isin(values).fill_null(False))
    for trait, values in declared.exclude.items():
        rows = rows.filter(~rows[trait].isin(values).fill_null(False))
    return rows


def _within(cohort: IntegerValue, months: Months) -> IntegerValue:
    """Treated after the last month is, for this study, never."""
    inside: BooleanValue = cohort.notnull() & (cohort < months.count)
    return ibis.ifelse(inside.fill_null(False), cohort, NEVER).cast("int64")


def _near(person: ibis.Table, store: ibis.Table) -> ibis.Value:
    """Say whether there is a store in the province she lives in; unknown counts as not."""
    provinces = store.filter(store.province.notnull()).province
    return ibis.ifelse(person.province.isin(provinces).fill_null(False), NEAR, FAR)
