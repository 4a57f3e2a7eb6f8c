"""Buyers by category by time: is it the category they know, or the kind of buyer they are?"""

from tuttuno.effects.comparison import Design
from tuttuno.effects.diversion import combined
from tuttuno.effects.group_time import GroupTime
from tuttuno.effects.panel import Panel
from tuttuno.effects.staggered import staggered


def triple_difference(touched: Panel, untouched: Panel, design: Design | None = None) -> GroupTime:
    """Effect on what was touched beyond the effect on what was not, within the same units.

    `touched` has the outcome in the categories that treatment is about (first bought in a
    store), `untouched` in the others, for the same units, periods and cohorts. Whatever makes
    a buyer buy more of everything is taken off; assumed is that the gap between the two would
    have moved alike in treated and control units.

    Source: Gruber (1994), The incidence of mandated maternity benefits, American Economic
    Review 84(3); Olden & Møen (2022), The triple difference estimator, Econometrics Journal
    25(3).

    Raises:
        BadInput: The panels do not have the same units, periods and cohorts.
    """
    return staggered(combined(touched, untouched, sign=-1.0), design)
