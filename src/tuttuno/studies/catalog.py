"""Every effect of the trade, by its name."""

from collections.abc import Mapping

from tuttuno.errors import Unknown
from tuttuno.studies import (
    cannibalisation,
    cannibalisation_by_category,
    cannibalisation_by_market,
    click_and_collect_effect,
    familiarity_effect,
    loyalty_effect,
    store_role,
    tier_effect,
)
from tuttuno.studies.study import Study

#: In the order in which they are listed.
STUDIES: Mapping[str, Study] = {
    one.name: one
    for one in (
        cannibalisation.STUDY,
        cannibalisation_by_category.STUDY,
        cannibalisation_by_market.STUDY,
        loyalty_effect.STUDY,
        familiarity_effect.STUDY,
        tier_effect.STUDY,
        click_and_collect_effect.STUDY,
        store_role.STUDY,
    )
}


def study(name: str) -> Study:
    """Return a study.

    Raises:
        Unknown: No effect has this name.
    """
    if name not in STUDIES:
        raise Unknown("effect", name, STUDIES, see="see `tuttuno effect --help`")
    return STUDIES[name]
