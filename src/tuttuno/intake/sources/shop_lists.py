"""Which lists a shop has, and how a project says where they are and who asks."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tuttuno.intake.pulling import EVERY
from tuttuno.intake.secret import secret_at
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.json_shop import NAME as JSON_SHOP
from tuttuno.intake.sources.shop_pull import Listing, Paging
from tuttuno.intake.sources.shop_server import ShopServer, is_address
from tuttuno.intake.sources.shopify import NAME as SHOPIFY
from tuttuno.intake.sources.woocommerce import NAME as WOOCOMMERCE

#: Minutes before the last change seen from which the next pull begins.
_OVERLAP = 15

#: Of the Admin API of Shopify.
_VERSION = "2026-01"

_KEYS: Mapping[str, tuple[str, ...]] = {
    SHOPIFY: ("token", "version", "lists"),
    WOOCOMMERCE: ("key", "secret", "lists"),
    JSON_SHOP: ("headers", "lists"),
}
_LIST_KEYS = (
    "name", "path", "since", "changed", "id", "table", "query", "envelope", "paging", "size",
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

_SHOPIFY = (
    Listing(
        "customers", "customers.json", "updated_at_min", "updated_at", table="people",
        query={"limit": "250"}, envelope="customers", size=250, wrap="customer",
    ),
    Listing(
        "orders", "orders.json", "updated_at_min", "updated_at",
        query={"limit": "250", "status": "any"}, envelope="orders", size=250, wrap="order",
    ),
)  # fmt: skip
_WOOCOMMERCE = (
    Listing(
        "customers", "customers", "", "date_modified_gmt", table="people", paging=Paging.OFFSET,
        query={"per_page": "100", "orderby": "id", "order": "asc", "role": "all"},
    ),
    Listing(
        "orders", "orders", "modified_after", "date_modified_gmt", paging=Paging.PAGE,
        query={"per_page": "100", "orderby": "modified", "order": "asc", "dates_are_gmt": "true"},
        more=("orders/{id}/refunds?per_page=100", "refunds"), zone="",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShopPull:
    """What a project says about pulling from a shop.

    Attributes:
        server: The shop.
        lists: In the order in which they are read.
        overlap: How far before the last change seen the next pull begins.
    """

    server: ShopServer
    lists: tuple[Listing, ...]
    overlap: timedelta


def can_pull(format_: str) -> bool:
    """Tell whether shops of a format can be asked."""
    return format_ in _KEYS


def shop_pull_of(
    section: Section, format_: str, *, root: Path, environ: Mapping[str, str]
) -> ShopPull:
    """Read `pull` of a source of one of the formats that can.

    Raises:
        BadMapping: A setting cannot be understood, or its secret stands in it in clear.
        BadInput: The file of a secret cannot be read.
    """
    section.only(("url", "overlap_minutes", EVERY, *_KEYS[format_]))
    what = "an address that begins with https:// (http:// on this machine only)"
    url = section.checked("url", section.text("url").rstrip("/"), is_address, what)

    def secret(key: str) -> str:
        return secret_at(section, key, section.text(key), root=root, environ=environ)

    if format_ == SHOPIFY:
        version = section.text("version", _VERSION)
        server = ShopServer(
            f"{url}/admin/api/{version}", {"x-shopify-access-token": secret("token")}
        )
        return ShopPull(server, _chosen(section, _SHOPIFY), _overlap(section))
    if format_ == WOOCOMMERCE:
        told = b64encode(f"{secret('key')}:{secret('secret')}".encode()).decode()
        server = ShopServer(f"{url}/wp-json/wc/v3", {"authorization": f"Basic {told}"})
        return ShopPull(server, _chosen(section, _WOOCOMMERCE), _overlap(section))
    below = section.section("headers")
    headers = {
        name: secret_at(below, name, below.text(name), root=root, environ=environ)
        for name in below.values
    }
    return ShopPull(ShopServer(url, headers), _declared(section), _overlap(section))


def _overlap(section: Section) -> timedelta:
    minutes = section.values.get("overlap_minutes", _OVERLAP)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= 10_000:
        raise BadMapping(section.at("overlap_minutes"), "must be a number of minutes")
    return timedelta(minutes=minutes)


def _chosen(section: Section, lists: tuple[Listing, ...]) -> tuple[Listing, ...]:
    named = section.texts("lists") or tuple(each.name for each in lists)
    for name in named:
        if name not in {each.name for each in lists}:
            hint = f"known: {', '.join(each.name for each in lists)}"
            raise BadMapping(section.at("lists"), f"cannot be {name!r}", hint=hint)
    return tuple(each for each in lists if each.name in named)


def _declared(section: Section) -> tuple[Listing, ...]:
    lists = tuple(_listing(each) for each in section.sections("lists"))
    if not lists:
        raise BadMapping(section.at("lists"), "is missing: which lists does the shop have?")
    return lists


def _listing(section: Section) -> Listing:
    section.only(_LIST_KEYS)
    is_name, what = lambda name: bool(_NAME.fullmatch(name)), "small letters"
    made = Listing(
        section.checked("name", section.text("name"), is_name, what),
        section.checked("path", section.text("path"), bool, "a path below `url`"),
        section.text("since"),
        section.checked("changed", section.text("changed"), bool, "where the last change stands"),
        id=section.text("id", "id"),
        table=section.text("table", "sales"),
        query=section.words("query"),
        envelope=section.text("envelope"),
        paging=section.word("paging", Paging, Paging.LINK),
    )
    size = section.values.get("size", made.size)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 10_000:
        raise BadMapping(section.at("size"), "must be the number of documents of a page")
    if made.table not in {"sales", "people"}:
        raise BadMapping(section.at("table"), "must be sales or people")
    return replace(made, size=size)
