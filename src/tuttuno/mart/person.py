"""One person as all sources together know her, without anything that names or reaches her."""

import ibis

from tuttuno.mart.model import model
from tuttuno.mart.traits import age_band, generation
from tuttuno.schema.lake import MEMBERSHIP, RECORD
from tuttuno.schema.mart import PERSON, PERSON_MONTH, PERSON_OF_RECORD, PURCHASE

_ADDRESS = ("postal_code", "province", "country")
_SINGLE = ("birth_year", "gender", "language")
_SUMS = ("orders", "orders_online", "orders_store", "net", "net_online", "net_store")


@model(table=PERSON, reads=(PERSON_OF_RECORD, RECORD, MEMBERSHIP, PURCHASE, PERSON_MONTH))
def person(
    person_of_record: ibis.Table,
    record: ibis.Table,
    membership: ibis.Table,
    purchase: ibis.Table,
    person_month: ibis.Table,
) -> ibis.Table:
    """Bring together traits, membership and purchases of every person, buyer or not.

    Of what her records say, the one changed last wins, trait by trait; postal code, province
    and country always come from one record, because half of an old address and half of a new
    one is where nobody lives. Age is that of the year of the last sale.
    """
    bought = _bought(person_month)
    traits = _traits(person_of_record, record)
    joined = traits.left_join(bought, "person_id").drop("person_id_right")
    joined = joined.left_join(_member(person_of_record, membership), "person_id")
    joined = joined.drop("person_id_right")
    joined = joined.left_join(_most_visited(purchase), "person_id").drop("person_id_right")
    joined = joined.left_join(_known_online(person_of_record, record, purchase), "person_id")
    joined = joined.drop("person_id_right")
    year = purchase.sold_on.max().year().name("year").as_scalar()
    return joined.mutate(
        age_band=age_band(joined.birth_year, year),
        generation=generation(joined.birth_year),
        home_store_id=ibis.coalesce(joined.visited_store_id, joined.named_store_id),
        member=joined.member.fill_null(False),
        **{name: joined[name].fill_null(0) for name in _SUMS},
    ).select(*PERSON.columns)


def _traits(person_of_record: ibis.Table, record: ibis.Table) -> ibis.Table:
    known = person_of_record.left_join(record, "record_key").drop("record_key_right")
    newest = ibis.coalesce(known.updated_at, known.created_at)
    known = known.mutate(
        # Dense per person, so that "the newest that says anything" is a smallest number.
        rank=ibis.row_number().over(
            group_by=known.person_id,
            order_by=[newest.isnull(), newest.desc(), known.record_key],
        )
    )
    told_address = ibis.coalesce(*(known[name] for name in _ADDRESS)).notnull()
    return known.group_by("person_id").agg(
        records=known.count(),
        sources=known.source.nunique(),
        known_since=known.created_at.min(),
        named_store_id=_newest(known, "home_store_id"),
        **{name: _newest(known, name) for name in _SINGLE},
        **{name: known[name].argmin(known.rank, where=told_address) for name in _ADDRESS},
    )


def _newest(known: ibis.Table, name: str) -> ibis.Value:
    return known[name].argmin(known.rank, where=known[name].notnull())


def _member(person_of_record: ibis.Table, membership: ibis.Table) -> ibis.Table:
    card = membership.inner_join(person_of_record, "record_key")
    card = card.mutate(
        rank=ibis.row_number().over(
            group_by=card.person_id,
            order_by=[
                card.left_at.notnull(),
                card.enrolled_at.desc(),
                card.source,
                card.programme,
                card.card_key,
            ],
        )
    )
    holds = card.left_at.isnull()
    return card.group_by("person_id").agg(
        member=holds.any(),
        enrolled_on=card.enrolled_at.min().date(),
        tier=card.tier.argmin(card["rank"], where=holds & card.tier.notnull()),
    )


def _known_online(
    person_of_record: ibis.Table, record: ibis.Table, purchase: ibis.Table
) -> ibis.Table:
    """Return since when each person has a record at a source that sells online."""
    sells = purchase.filter(purchase.online).select("source").distinct()
    known = record.semi_join(sells, "source").inner_join(person_of_record, "record_key")
    return known.group_by("person_id").agg(online_since=known.created_at.min())


def _bought(person_month: ibis.Table) -> ibis.Table:
    month = person_month
    return month.group_by("person_id").agg(
        first_on=month.first_on.min(),
        last_on=month.last_on.max(),
        first_online_on=month.first_online_on.min(),
        last_online_on=month.last_online_on.max(),
        first_store_on=month.first_store_on.min(),
        last_store_on=month.last_store_on.max(),
        **{name: month[name].sum() for name in _SUMS},
    )


def _most_visited(purchase: ibis.Table) -> ibis.Table:
    """Return the store with most orders of each person; the later visit decides a tie."""
    paid = purchase.filter(
        purchase.person_id.notnull(),
        purchase.store_id.notnull(),
        ~purchase.online,
        purchase.orders > 0,
    )
    seen = paid.group_by("person_id", "store_id").agg(
        visits=paid.orders.sum(), last_on=paid.sold_on.max()
    )
    first = ibis.row_number().over(
        group_by=seen.person_id,
        order_by=[seen.visits.desc(), seen.last_on.desc(), seen.store_id],
    )
    ranked = seen.mutate(rank=first)
    return ranked.filter(ranked["rank"] == 0).select("person_id", visited_store_id=ranked.store_id)
