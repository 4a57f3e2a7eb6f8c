"""Every measure there is, by its one name."""

from collections.abc import Mapping

from tuttuno.errors import Unknown
from tuttuno.measures.basket_affinity import BASKET_AFFINITY
from tuttuno.measures.channel_class import CHANNEL_CLASS
from tuttuno.measures.channel_migration import CHANNEL_MIGRATION
from tuttuno.measures.channel_share import CHANNEL_SHARE
from tuttuno.measures.churn_risk import CHURN_RISK
from tuttuno.measures.click_and_collect import CLICK_AND_COLLECT
from tuttuno.measures.cohorts import COHORTS
from tuttuno.measures.coverage import COVERAGE
from tuttuno.measures.first_crossing import FIRST_CROSSING
from tuttuno.measures.generations import GENERATIONS_MEASURE
from tuttuno.measures.growth import GROWTH
from tuttuno.measures.interests import INTERESTS
from tuttuno.measures.lifetime_value import LIFETIME_VALUE
from tuttuno.measures.measure import Measure
from tuttuno.measures.multichannel_worth import MULTICHANNEL_WORTH
from tuttuno.measures.next_product import NEXT_PRODUCT
from tuttuno.measures.online_exclusives import ONLINE_EXCLUSIVES
from tuttuno.measures.product_overlap import PRODUCT_OVERLAP
from tuttuno.measures.purchases_foreseen import PURCHASES_FORESEEN
from tuttuno.measures.reachability import REACHABILITY
from tuttuno.measures.returns import RETURNS
from tuttuno.measures.rfm import RFM
from tuttuno.measures.social_activity import SOCIAL_ACTIVITY

#: In the order of the documentation.
MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        COVERAGE,
        CHANNEL_SHARE,
        CHANNEL_CLASS,
        MULTICHANNEL_WORTH,
        CHANNEL_MIGRATION,
        FIRST_CROSSING,
        PRODUCT_OVERLAP,
        ONLINE_EXCLUSIVES,
        CLICK_AND_COLLECT,
        RETURNS,
        RFM,
        LIFETIME_VALUE,
        PURCHASES_FORESEEN,
        CHURN_RISK,
        COHORTS,
        GROWTH,
        GENERATIONS_MEASURE,
        BASKET_AFFINITY,
        NEXT_PRODUCT,
        REACHABILITY,
        SOCIAL_ACTIVITY,
        INTERESTS,
    )
}


def measure(name: str) -> Measure:
    """Return the measure of this name.

    Raises:
        Unknown: When there is none; the nearest name is offered.
    """
    if name not in MEASURES:
        raise Unknown("measure", name, MEASURES, see="see `tuttuno measures`")
    return MEASURES[name]
