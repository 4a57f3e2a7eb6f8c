"""What people looked for, looked at, put in a cart or wished for, day by day."""

from collections.abc import Mapping

import ibis

from tuttuno.engine.semantics import total
from tuttuno.mart.model import model
from tuttuno.schema.lake import TOUCH
from tuttuno.schema.mart import INTEREST, PERSON_OF_RECORD
from tuttuno.vocab import Signal

#: What a touch of each kind tells; any other kind tells of no interest.
KINDS: Mapping[str, Signal] = {
    "search": Signal.SEARCHED,
    "product_view": Signal.VIEWED,
    "cart": Signal.IN_CART,
    "cart_add": Signal.IN_CART,
    "wishlist": Signal.WISHED,
    "wishlist_add": Signal.WISHED,
    "product_added_to_wishlist": Signal.WISHED,
}


@model(table=INTEREST, reads=(TOUCH, PERSON_OF_RECORD))
def interest(touch: ibis.Table, person_of_record: ibis.Table) -> ibis.Table:
    """Count the touches that tell of an interest; those of nobody known are added up as one.

    A search is of no product: what was typed is no column of the lake. A look, a cart or a
    wish that names no product tells of nothing and has no row.
    """
    told = touch.filter(touch.kind.isin(list(KINDS)))
    searched = told.kind.isin([kind for kind, one in KINDS.items() if one is Signal.SEARCHED])
    told = told.filter(searched | told.product_id.notnull())
    told = told.left_join(person_of_record, "record_key")
    counted = told.mutate(
        day=told.at.date(),
        signal=ibis.cases(*((told.kind == kind, one.value) for kind, one in KINDS.items())),
        one=ibis.literal(1, "int64"),
    )
    counted = counted.mutate(
        product_id=(counted.signal == Signal.SEARCHED.value).ifelse(
            ibis.null("string"), counted.product_id
        )
    )
    return counted.group_by("person_id", "day", "product_id", "signal").agg(
        touches=total(counted.one)
    )
