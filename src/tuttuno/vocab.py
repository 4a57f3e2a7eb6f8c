"""The words of the trade: closed lists that every other module speaks.

Imports nothing from tuttuno. The value of a member is the stored string, so there is
no mapping table anywhere. A new member is a schema change: it comes with a row in
`docs/reference/vocabulary.md` and, where a database constrains it, a migration.
"""

from enum import StrEnum


class Channel(StrEnum):
    """Where the customer decided and paid."""

    STORE = "store"
    WEB = "web"
    APP = "app"
    MARKETPLACE = "marketplace"  # somebody else's shop
    SOCIAL = "social"
    PHONE = "phone"  # remote but assisted, so not online

    @property
    def is_online(self) -> bool:
        """True where customers serve themselves on a screen.

        A sale by phone is remote but assisted, so it does not count as online.
        """
        return self in ONLINE


#: Web, app, marketplace, social: the one definition of "online" in the whole product.
ONLINE = frozenset({Channel.WEB, Channel.APP, Channel.MARKETPLACE, Channel.SOCIAL})


class Handover(StrEnum):
    """How the goods reached the customer."""

    CARRIED = "carried"  # walked out of the store with them
    DELIVERED = "delivered"  # to an address
    COLLECTED = "collected"  # click & collect
    SHIPPED_FROM_STORE = "shipped_from_store"


class IdentifierType(StrEnum):
    """What may tie two records to one person."""

    LOYALTY_CARD = "loyalty_card"
    ACCOUNT = "account"
    EMAIL = "email"
    PHONE = "phone"
    TAX_CODE = "tax_code"
    PAYMENT_TOKEN = "payment_token"  # noqa: S105 - a word, not a secret
    DEVICE = "device"
    SOCIAL_HANDLE = "social_handle"


class Gender(StrEnum):
    """As the customer stated it; unknown is null, never a member."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Purpose(StrEnum):
    """What personal data may be used for, when the person agrees."""

    MARKETING = "marketing"
    PROFILING = "profiling"
    THIRD_PARTIES = "third_parties"
    AD_MATCH = "ad_match"


class ContactChannel(StrEnum):
    """How a person may be reached; `any` covers all of them."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    POST = "post"
    PUSH = "push"
    ANY = "any"


class CancelledBy(StrEnum):
    """Who ended an order before it was collected."""

    CUSTOMER = "customer"
    RETAILER = "retailer"


class PointsKind(StrEnum):
    """Why a loyalty balance moved."""

    EARN = "earn"
    REDEEM = "redeem"
    EXPIRE = "expire"
    ADJUST = "adjust"


class Signal(StrEnum):
    """How somebody shows an interest without buying."""

    VIEWED = "viewed"
    IN_CART = "in_cart"
    WISHED = "wished"
    SEARCHED = "searched"


class Arm(StrEnum):
    """Which side of an experiment a contact belongs to."""

    TREATED = "treated"
    CONTROL = "control"


class ChannelClass(StrEnum):
    """In which channels a buyer bought at all."""

    ONLINE_ONLY = "online_only"
    STORE_ONLY = "store_only"
    BOTH = "both"


class ChannelBand(StrEnum):
    """Which channel leads a buyer's spend."""

    ONLINE_ONLY = "online_only"
    ONLINE_LED = "online_led"
    BALANCED = "balanced"
    STORE_LED = "store_led"
    STORE_ONLY = "store_only"
    UNDETERMINED = "undetermined"  # too few orders to say


class Outcome(StrEnum):
    """What became of a record that arrived; the five add up to received."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    SUPPRESSED = "suppressed"  # its person was erased
    REJECTED = "rejected"  # no record: a total, a voided line; at a live door, unreadable
