"""What one person bought of one product in one channel in one month."""

import ibis

from tuttuno.mart.model import model
from tuttuno.mart.purchase import ONLINE_CHANNELS
from tuttuno.mart.returns import RETURN_ORIGIN, attributed, with_buyer
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import PERSON_OF_RECORD, PRODUCT_CHANNEL


@model(table=PRODUCT_CHANNEL, reads=(SALE_LINE, RETURN_ORIGIN, PERSON_OF_RECORD))
def product_channel(
    sale_line: ibis.Table, return_origin: ibis.Table, person_of_record: ibis.Table
) -> ibis.Table:
    """Add up the lines of a product; all anonymous sales of a month are one row.

    `lines` counts lines bought, so a row with returns alone has none and no days. Whose an
    anonymous return is, the model of `purchase` says.
    """
    line = attributed(sale_line, return_origin)
    line = line.left_join(person_of_record, "record_key")
    line = with_buyer(line, sale_line, return_origin)
    bought = line.quantity > 0
    added = line.group_by("month", "person_id", "product_id", channel=line.owner_channel).agg(
        first_on=line.sold_on.min(where=bought),
        last_on=line.sold_on.max(where=bought),
        lines=bought.sum().fill_null(0),
        quantity=line.quantity.sum(),
        net=line.net.sum(),
    )
    return added.mutate(online=added.channel.isin(ONLINE_CHANNELS))
