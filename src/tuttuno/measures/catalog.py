"""Every measure there is, by its one name."""

from collections.abc import Mapping

from tuttuno.errors import Unknown
from tuttuno.measures.channel_class import CHANNEL_CLASS
from tuttuno.measures.channel_share import CHANNEL_SHARE
from tuttuno.measures.coverage import COVERAGE
from tuttuno.measures.measure import Measure

#: In the order of the documentation.
MEASURES: Mapping[str, Measure] = {
    measure.name: measure for measure in (COVERAGE, CHANNEL_SHARE, CHANNEL_CLASS)
}


def measure(name: str) -> Measure:
    """Return the measure of this name.

    Raises:
        Unknown: When there is none; the nearest name is offered.
    """
    if name not in MEASURES:
        raise Unknown("measure", name, MEASURES, see="see `tuttuno measures`")
    return MEASURES[name]
