"""The systems whose files are understood without a mapping of one's own."""

from collections.abc import Mapping

from tuttuno.intake.connector import Connector, connect
from tuttuno.intake.mapping import Mapping as FileMappings
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.cor10 import COR10
from tuttuno.intake.sources.json_shop import JSON_SHOP
from tuttuno.intake.sources.poslog import POSLOG
from tuttuno.intake.sources.segment import SEGMENT
from tuttuno.intake.sources.shopify import SHOPIFY
from tuttuno.intake.sources.singer import SINGER
from tuttuno.intake.sources.tryton import TRYTON
from tuttuno.intake.sources.woocommerce import WOOCOMMERCE

CONNECTORS: tuple[Connector, ...] = (
    SHOPIFY,
    POSLOG,
    WOOCOMMERCE,
    JSON_SHOP,
    SINGER,
    TRYTON,
    SEGMENT,
    COR10,
)


def connector_of(name: str) -> Connector | None:
    """Return the connector of a system; None: there is none."""
    return next((each for each in CONNECTORS if each.name == name), None)


def connected(declared: Mapping[str, object], *, name: str) -> FileMappings | None:
    """Return the mapping of a section that names a system's format; None where it names none.

    Raises:
        BadMapping: No system has this name, or a setting of it cannot be understood.
    """
    if "format" not in declared:
        return None
    section = Section(f"sources.{name}", declared)
    connector = connector_of(section.text("format"))
    if connector is None:
        known = ", ".join(each.name for each in CONNECTORS)
        what = f"cannot be {section.text('format')!r}"
        raise BadMapping(section.at("format"), what, hint=f"known: {known}")
    return connect(connector, declared, name=name)
