"""The keys of the sources: every system numbers the same people in its own way."""

import pyarrow as pa

from tuttuno.demo import mess
from tuttuno.demo.arrays import Ints, digits, join, plain
from tuttuno.demo.world import World

#: How a person came to be in a source, and the source each kind of record lies in.
CARD, SECOND, TILL, ACCOUNT, GUEST, ALIAS, MARKET, NEWSLETTER, APP, CRM = range(10)
SOURCES = ("card", "card", "pos", "shop", "shop", "shop", "shop", "newsletter", "app", "crm")
SOURCE_NAMES = ("card", "pos", "shop", "newsletter", "app", "crm")

#: Each kind numbers people in its own way, so that keys of two sources have nothing in common.
_KEYS = {
    TILL: ("T", 10_000_019), ACCOUNT: ("A", 179_424_673), GUEST: ("G", 32_452_843),
    MARKET: ("M", 86_028_121), NEWSLETTER: ("N", 15_485_863), APP: ("app-", 122_949_823),
    CRM: ("CRM-", 67_867_967),
}  # fmt: skip


def key(kind: int, number: Ints) -> pa.Array:
    """Compose the record keys of true person numbers in a kind of record (not cards)."""
    prefix, factor = _KEYS[kind]
    return join(pa.scalar(prefix), digits(mess.shuffled(number, factor, 9), 9))


def alias_key(world: World, sale_number: Ints) -> pa.Array:
    """Compose the record keys that single guest orders leave behind."""
    width = len(str(world.sale_span * world.blocks))
    return join(pa.scalar("GX"), digits(mess.shuffled(sale_number, 49_979_687, width), width))


def alias_text(sale_number: Ints) -> pa.Array:
    """Return what a guest puts behind the + in an order."""
    return plain(["shop", "promo", "mirabello", "sconto", "1"], sale_number % 5)


def device(number: Ints) -> pa.Array:
    """Compose the device id of true person numbers."""
    return join(pa.scalar("dev-"), digits(mess.shuffled(number, 141_650_939, 10), 10))


def handle(number: Ints) -> pa.Array:
    """Compose the social handle of true person numbers."""
    network = plain(["instagram:", "facebook:", "tiktok:"], number % 3)
    return join(network, pa.scalar("mira"), digits(mess.shuffled(number, 198_491_317, 9), 9))
