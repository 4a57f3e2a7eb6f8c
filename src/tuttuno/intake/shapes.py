"""Where the rows of each exchange table go: which lake table, under whose surrogate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tuttuno.schema import exchange, lake
from tuttuno.schema.table import Table


@dataclass(frozen=True, slots=True)
class Shape:
    """How one exchange table is split between vault and lake.

    Attributes:
        table: The exchange table.
        lake: Its part in the lake; None where all of it is for the vault.
        who: Columns that may name the person, the best first; none names nobody.
        keys: Lake column -> identifier column of which it is the surrogate.
        day: The moment whose local day decides the month; empty where there is none.
        vault_decides: True where the vault knows which rows are there already.
    """

    table: Table
    lake: Table | None
    who: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    vault_decides: bool = False

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Columns that carry identifiers of the person, her account aside."""
        columns = self.table.columns.items()
        return tuple(name for name, column in columns if column.identifier and name != "record_id")

    @property
    def local(self) -> bool:
        """True where a store may say which clock and which country hold."""
        return "store_id" in self.table.columns and self.lake is not lake.STORE_SITE


_SHAPES = (
    Shape(exchange.STORES, lake.STORE_SITE),
    Shape(exchange.PRODUCTS, lake.PRODUCT),
    Shape(exchange.PEOPLE, lake.RECORD, who=("record_id",), vault_decides=True),
    Shape(
        exchange.MEMBERSHIPS,
        lake.MEMBERSHIP,
        who=("record_id", "card"),
        keys={"card_key": "card"},
    ),
    Shape(exchange.CONSENTS, None, who=("record_id",), vault_decides=True),
    Shape(
        exchange.SALES,
        lake.SALE_LINE,
        who=("record_id", "loyalty_card", "email", "phone"),
        keys={"payment_key": "payment_token"},
        day="sold_at",
    ),
    Shape(exchange.PICKUPS, lake.PICKUP),
    Shape(exchange.POINTS, lake.POINTS_MOVEMENT, keys={"card_key": "card"}),
    Shape(
        exchange.TOUCHES,
        lake.TOUCH,
        who=("record_id", "email", "social_handle"),
        keys={"device_key": "device_id"},
        day="at",
    ),
    Shape(exchange.CONTACTS, lake.CONTACT, who=("record_id",)),
    Shape(exchange.FISCAL_TOTALS, lake.FISCAL_TOTAL),
)

#: By the name of the exchange table.
SHAPES: Mapping[str, Shape] = {shape.table.name: shape for shape in _SHAPES}
