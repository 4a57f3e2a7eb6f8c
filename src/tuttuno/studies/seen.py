"""What share of her store purchases a member is seen making: she does not always show her card."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import pyarrow as pa

from tuttuno.engine.semantics import count_where

#: Receipts from which the share is told; with fewer it is unknown.
ENOUGH = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """Share of store receipts of the members that carry their card, with its error."""

    share: float
    se: float
    receipts: int


def queries(tables: Mapping[str, ibis.Table], members: ibis.Table) -> Mapping[str, ibis.Table]:
    """Ask for store receipts paid with a means of payment that is one member's.

    Whose it is, is told by online orders, which are seen whether or not a card is shown. A
    means of payment that two people used online is nobody's. So this needs payment tokens at
    the tills; it names nobody and ties no receipt to a person.
    """
    line, purchase = tables["sale_line"], tables["purchase"]
    paid = line.filter(line.payment_key.notnull(), line.quantity > 0)
    paid = paid.group_by("source", "sale_id").agg(token=paid.payment_key.min())
    bought = purchase.filter(purchase.orders > 0)
    # Named once and read three times: the engine makes it once.
    receipt = bought.inner_join(paid, ["source", "sale_id"]).select(
        "person_id", "online", "store_id", "token"
    )
    online = receipt.filter(receipt.online, receipt.person_id.notnull())
    owner = online.group_by("token").agg(
        persons=online.person_id.nunique(), owner=online.person_id.min()
    )
    owner = owner.filter(owner.persons == 1).select("token", person_id=owner.owner)
    owner = owner.semi_join(members, "person_id").select("token", owner="person_id")
    kept = receipt.filter(~receipt.online, receipt.store_id.notnull())
    hers = kept.inner_join(owner, "token")
    at = bought.filter(~bought.online, bought.store_id.notnull())
    at = at.semi_join(kept.select("store_id").distinct(), "store_id")
    one_row = [
        hers.agg(
            shown=count_where((hers.person_id == hers.owner).fill_null(False)),
            hidden=count_where(hers.person_id.isnull()),
        ),
        kept.agg(
            known_kept=count_where(kept.person_id.notnull()),
            unknown_kept=count_where(kept.person_id.isnull()),
        ),
        at.agg(
            known=count_where(at.person_id.notnull()),
            unknown=count_where(at.person_id.isnull()),
        ),
    ]
    return {"seen": one_row[0].cross_join(one_row[1]).cross_join(one_row[2])}


def seen(found: Mapping[str, pa.Table]) -> Seen | None:
    """Return the share; None where tills keep too few tokens to tell.

    Tills may keep tokens less often on receipts without a card, so both kinds of receipts are
    weighted by how often they have one (Horvitz & Thompson 1952).
    """
    (told,) = found["seen"].to_pylist()
    receipts = told["shown"] + told["hidden"]
    if receipts < ENOUGH or not (told["known_kept"] and told["unknown_kept"]):
        return None
    shown = told["shown"] * told["known"] / told["known_kept"]
    hidden = told["hidden"] * told["unknown"] / told["unknown_kept"]
    share = shown / (shown + hidden)
    return Seen(share, float((share * (1 - share) / receipts) ** 0.5), receipts)
