"""Matching in the report: labelled sets put together by us and by others, in one run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
Row = Sequence[str]
Paragraph = str | tuple[Row, Sequence[Row]]

_HEAD: Row = ("set, tool", "pairwise F1", "B-cubed F1", "largest", "seconds", "CPU s", "peak MB")


def matching(result: Result) -> Iterator[Paragraph]:
    """Yield what the columns are and the table, set by set."""
    yield (
        "Public labelled sets, put together by the one default configuration and, set by set on "
        "the same columns, by Splink, goldenmatch and recordlinkage, each with one configuration "
        "for all sets (`benchmarks/matching_peers.py`); a model written for one set does better: "
        "Splink's documented one reaches F1 .845 on `historical_a`. Links are closed by chains. "
        "Labels only score, by one evaluator for all. Other work shared the machine, so processor "
        "time says more than seconds."
    )
    yield (
        _HEAD,
        [_row(name, tool, one) for name, tools in result["sets"].items()
         for tool, one in tools.items()],
    )  # fmt: skip


def _row(name: str, tool: str, one: Mapping[str, Any]) -> Row:
    if one.get("failed"):
        return (f"{name}, {tool}", *["did not finish"] * 2, *["-"] * 4)
    return (
        f"{name}, {tool} {one['version']}",
        f"{one['f1']:.4f}",
        f"{one['b3_f1']:.4f}",
        f"{one['largest']:,}",
        f"{one['seconds']:.1f}",
        f"{one['cpu_seconds']:.1f}",
        f"{one['peak_mb']:,.0f}",
    )
