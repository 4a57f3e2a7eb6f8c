"""The products: a category tree, brands, prices, GTINs, and in which channel they are listed."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import (
    NONE,
    Flags,
    Floats,
    Ints,
    choose,
    days,
    digits,
    join,
    money,
    plain,
    stream,
    words,
)
from tuttuno.demo.calendar import Calendar
from tuttuno.demo.settings import Settings


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf of the tree: its path, its weight in sales, price factor, VAT rate and nouns."""

    path: str
    weight: float
    price: float
    vat: int
    nouns: tuple[str, ...]


CATEGORIES = (
    Category("Donna > Abbigliamento > Maglieria", 9, 1.3, 22, ("Maglia", "Cardigan", "Pullover")),
    Category("Donna > Abbigliamento > Abiti", 8, 1.8, 22, ("Abito", "Gonna", "Tubino")),
    Category("Donna > Abbigliamento > Cappotti", 4, 4.0, 22, ("Cappotto", "Piumino", "Trench")),
    Category("Donna > Calzature > Scarpe", 6, 2.4, 22, ("Stivaletto", "Mocassino", "Décolleté")),
    Category("Donna > Accessori > Borse", 5, 2.8, 22, ("Borsa", "Pochette", "Zaino")),
    Category("Donna > Intimo > Lingerie", 6, 0.7, 22, ("Reggiseno", "Slip", "Pigiama")),
    Category("Uomo > Abbigliamento > Camicie", 6, 1.4, 22, ("Camicia", "Polo", "T-shirt")),
    Category("Uomo > Abbigliamento > Giacche", 3, 4.2, 22, ("Giacca", "Giaccone", "Blazer")),
    Category("Uomo > Abbigliamento > Pantaloni", 5, 1.7, 22, ("Jeans", "Chino", "Pantalone")),
    Category("Uomo > Calzature > Scarpe", 3, 2.6, 22, ("Sneaker", "Stringata", "Scarponcino")),
    Category("Uomo > Accessori > Cravatte", 2, 1.1, 22, ("Cravatta", "Cintura", "Sciarpa")),
    Category("Bambino > Abbigliamento > Neonato", 4, 0.7, 22, ("Tutina", "Body", "Completino")),
    Category("Bambino > Giochi > Giocattoli", 4, 0.9, 22, ("Puzzle", "Peluche", "Gioco")),
    Category("Casa > Cucina > Pentole", 4, 1.2, 22, ("Padella", "Casseruola", "Tegame")),
    Category("Casa > Tavola > Stoviglie", 4, 0.8, 22, ("Piatto", "Bicchiere", "Caraffa")),
    Category("Casa > Tessili > Letto", 4, 1.6, 22, ("Lenzuolo", "Plaid", "Federa")),
    Category("Casa > Tessili > Bagno", 3, 0.7, 22, ("Asciugamano", "Accappatoio", "Tappeto")),
    Category("Casa > Decorazione > Profumatori", 3, 0.8, 22, ("Candela", "Diffusore", "Vaso")),
    Category("Bellezza > Profumi > Fragranze", 6, 2.0, 22, ("Profumo", "Colonia", "Essenza")),
    Category("Bellezza > Viso > Creme", 6, 1.1, 22, ("Crema", "Siero", "Tonico")),
    Category("Bellezza > Trucco > Labbra", 4, 0.6, 22, ("Rossetto", "Lucidalabbra", "Matita")),
    Category("Alimentari > Dolci > Cioccolato", 5, 0.35, 10, ("Tavoletta", "Praline", "Gianduia")),
    Category("Alimentari > Dispensa > Olio", 3, 0.45, 4, ("Olio", "Olio novello", "Olive")),
    Category("Libri > Narrativa > Romanzi", 3, 0.5, 4, ("Romanzo", "Raccolta", "Saga")),
)

BRANDS = (
    "Mirabello", "Mirabello Casa", "Alba Sarta", "Corte Fiorita", "Lanificio Ombra", "Nove Lune",
    "Ponte Alto", "Sartoria Quieta", "Terra Dolce", "Vento di Mare", "Bottega Ginestra",
    "Filo Chiaro", "Casa Melograno", "Porta Nord", "Rovo", "Salice", "Linea Tersa", "Acquaviola",
    "Monte Lume", "Stella Bruna", "Officina Lieve", "Granaio Rosso", "Passo Lento", "Tinta Unita",
)  # fmt: skip

COLOURS = ("blu", "nero", "bianco", "verde", "rosso", "grigio", "beige", "senape", "rosa", "viola")

STORE, ONLINE = 0, 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one channel may sell of each category, most popular first.

    `members[starts[c] : starts[c] + sizes[c]]` are the products of category `c`;
    `steady` marks those listed for the whole window.
    """

    members: Ints
    starts: Ints
    sizes: Ints


@dataclass(frozen=True, slots=True)
class Products:
    """One entry per product; listing days are days since 1970, `NONE` when never listed."""

    category: Ints
    brand: Ints
    cents: Ints
    vat: Ints
    noun: Ints
    online_since: Ints
    store_since: Ints
    shelves: tuple[Shelf, Shelf]
    steady_shelves: tuple[Shelf, Shelf]
    weights: Floats

    @property
    def count(self) -> int:
        """How many products there are."""
        return len(self.category)

    @property
    def ids(self) -> pa.Array:
        """The product keys."""
        return join(pa.array(["P"] * self.count), digits(np.arange(1, self.count + 1), 6))

    def listed(self, product: Ints, day: Ints, *, online: Flags) -> Flags:
        """Say whether each product is listed in the channel on the day."""
        since = np.where(online, self.online_since[product], self.store_since[product])
        listed: Flags = (since != NONE) & (since <= day)
        return listed


def make(settings: Settings, calendar: Calendar, seed: int) -> Products:
    """Fill the shelves."""
    rng = stream(seed, 0, "products")
    count = int(settings("products.count"))
    weights = np.array([category.weight for category in CATEGORIES], dtype=np.float64)
    category = np.sort(choose(rng, weights, count))
    factor = np.array([kind.price for kind in CATEGORIES])[category]
    spread = settings("products.price_spread")
    price = settings("products.price_median") * factor * np.exp(rng.normal(0, spread, count))
    old = calendar.start - rng.integers(30, 2_000, count)
    fate = rng.random(count)
    online_only = settings("products.online_only")
    store_only = online_only + settings("products.store_only")
    later = store_only + settings("products.listed_online_later")
    inside = rng.integers(calendar.start + 30, calendar.end - 30, count)
    online_since = np.where(fate < store_only, NONE, np.where(fate < later, inside, old))
    online_since = np.where(fate < online_only, old, online_since)
    store_since = np.where(fate < online_only, NONE, old)
    since = (store_since, online_since)
    every = np.arange(count)
    return Products(
        category=category,
        brand=rng.integers(0, len(BRANDS), count),
        cents=_price_points(price),
        vat=np.array([kind.vat for kind in CATEGORIES])[category],
        noun=rng.integers(0, 3, count),
        online_since=online_since,
        store_since=store_since,
        shelves=(
            _shelf(category, every[store_since != NONE]),
            _shelf(category, every[online_since != NONE]),
        ),
        steady_shelves=(
            _steady(category, since[0], calendar),
            _steady(category, since[1], calendar),
        ),
        weights=weights,
    )


def table(products: Products, settings: Settings) -> pa.Table:
    """Write the products as the exchange format asks."""
    every = np.arange(products.count)
    nouns = [noun for category in CATEGORIES for noun in category.nouns]
    share = settings("products.cost_share")
    cost = np.round(products.cents * 100 / (100 + products.vat) * share).astype(np.int64)
    return pa.table(
        {
            "product_id": products.ids,
            "name": join(
                plain(nouns, products.category * 3 + products.noun),
                plain(BRANDS, products.brand),
                plain(COLOURS, every * 7 % len(COLOURS)),
                sep=" ",
            ),
            "brand": words(BRANDS, products.brand),
            "category": words([category.path for category in CATEGORIES], products.category),
            "gtin": gtins(every),
            "cost": money(cost),
            "listed_online_since": _since(products.online_since),
            "listed_in_store_since": _since(products.store_since),
        }
    )


def gtins(number: Ints) -> pa.Array:
    """Number products with a GTIN-13 that starts 20, the range kept for use inside a company."""
    body = 200_000_000_000 + number * 10
    total = np.zeros(len(number), dtype=np.int64)
    for place in range(12):
        total += body // 10**place % 10 * (1 if place % 2 else 3)
    return digits(body * 10 + -total % 10, 13)


def _price_points(price: Floats) -> Ints:
    """Round to x.90, or to x.00 from 100 EUR on; never below 1.90."""
    whole = np.maximum(np.floor(price), 1)
    cents = np.where(whole >= 100, whole * 100, whole * 100 + 90)
    return cents.astype(np.int64)


def _shelf(category: Ints, members: Ints) -> Shelf:
    kinds = np.arange(len(CATEGORIES))
    starts = np.searchsorted(category[members], kinds).astype(np.int64)
    ends = np.searchsorted(category[members], kinds, side="right")
    return Shelf(members=members, starts=starts, sizes=(ends - starts).astype(np.int64))


def _steady(category: Ints, since: Ints, calendar: Calendar) -> Shelf:
    always = (since != NONE) & (since < calendar.start)
    return _shelf(category, np.flatnonzero(always).astype(np.int64))


def _since(day: Ints) -> pa.Array:
    return days(np.maximum(day, 0), known=day != NONE)
