"""Effects in the report: what lost links do to headlines, and how long estimators take."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
Row = Sequence[str]
Paragraph = str | tuple[Row, Sequence[Row]]

#: Headlines as a reader knows them, and whether they are shares.
_HEADLINES = {
    "buyers_in_both_channels": ("buyers in both channels", True),
    "product_overlap": ("product overlap, times chance", False),
    "sales_with_a_known_buyer": ("sales with a known buyer", True),
    "diversion": ("diversion", True),
    "loyalty_effect": ("loyalty, orders a month", False),
    "click_and_collect_store": ("click & collect, store", True),
    "click_and_collect_online": ("click & collect, online", True),
}

_ESTIMATORS = {
    "staggered": "staggered difference in differences, 24 months",
    "aipw": "doubly robust adjustment, 20 covariates",
    "mbg_nbd_fit": "MBG/NBD, fit",
    "mbg_nbd_score": "MBG/NBD, score",
    "item_item": "neighbours of 40,000 products, ten lines a person",
}


def recall(result: Result) -> Iterator[Paragraph]:
    """Write the curve of every headline, with its interval and the known truth."""
    yield (
        f"What the headlines become when of all links that identity found between "
        f"{result['records']:,} records only a share is left: each person keeps one record, and "
        "every other one goes its own way with the rest of the probability. Intervals in brackets; "
        "the last row is what is known to be true of the simulated retailer."
    )
    rows = [
        (
            f"{point['recall']:.0%}",
            f"{point['persons']:,}",
            *(_figure(name, point["headlines"].get(name, {})) for name in _HEADLINES),
        )
        for point in result["curve"]
    ]
    truth = (_figure(name, {"value": result["truth"].get(name)}) for name in _HEADLINES)
    head = ("links left", "persons", *(said for said, _ in _HEADLINES.values()))
    yield head, [*rows, ("truth", "", *truth)]


def estimators(result: Result) -> Iterator[Paragraph]:
    """Write seconds by the clock and of processor time, and those of the library."""
    before, after = result["load"]
    yield (
        f"Seconds, on data of {result['people']:,} persons in memory; load of the machine "
        f"{before:.1f} before and {after:.1f} after. Peak memory {result['peak_mb']:,.0f} MB."
    )
    rows = [
        (_ESTIMATORS[name], *_seconds(sides["tuttuno"]), *_library(sides))
        for name, sides in result["estimators"].items()
    ]
    yield ("what", "seconds", "CPU seconds", "library", "its seconds", "its CPU seconds"), rows


def _library(sides: Mapping[str, Any]) -> tuple[str, str, str]:
    name = next((side for side in sides if side != "tuttuno"), "")
    taken = sides.get(name)
    return (name, *_seconds(taken)) if taken else (f"{name} not here" if name else "", "", "")


def _seconds(taken: Mapping[str, float]) -> tuple[str, str]:
    return f"{taken['seconds']:,.1f}", f"{taken['cpu_seconds']:,.1f}"


def _figure(name: str, told: Mapping[str, Any]) -> str:
    share = _HEADLINES[name][1]
    if told.get("value") is None:
        return "refused" if told.get("refused") else ""

    def said(value: float) -> str:
        return f"{value:.1%}".replace("%", " %") if share else f"{value:.3f}"

    interval = f" ({said(told['low'])} to {said(told['high'])})" if "low" in told else ""
    return said(told["value"]) + interval
