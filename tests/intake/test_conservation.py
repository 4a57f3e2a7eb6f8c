"""Rows in whatever order, division and repetition: the same lake, and every row accounted for."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.project import Project, close, csv_text, make_project
from tuttuno.schema.lake import SALE_LINE

NUMBER = itertools.count()


def line(sale: int, version: int, *, good: bool = True) -> dict[str, str]:
    return {
        "source": "till", "sale_id": f"R{sale}", "line_no": "1",
        "sold_at": f"2026-0{1 + sale % 3}-10T10:00", "channel": "store", "store_id": "S1",
        "loyalty_card": f"C10{sale % 2}", "product_id": "P1", "quantity": str(version + 1),
        "net": "10.00" if good else "ten", "currency": "EUR",
        "updated_at": f"2026-04-0{version + 1}",
    }  # fmt: skip


lines = st.lists(
    st.builds(
        line, st.integers(0, 4), st.integers(0, 3), good=st.sampled_from([True, True, False])
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines, st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_division_and_repetition_change_nothing(
    tmp_path: Path, empty_vault: Path, rows, chance, cuts
):
    shuffled = rows * 2
    chance.shuffle(shuffled)
    size = -(-len(shuffled) // cuts)
    whole, parts = (make_project(tmp_path / f"{next(NUMBER)}", empty_vault) for _ in range(2))
    try:
        take(whole, rows)
        reports = [take(parts, shuffled[at : at + size]) for at in range(0, len(shuffled), size)]
        assert parts.content(SALE_LINE) == whole.content(SALE_LINE) == expected(whole, rows)
        assert sum(report.counts.received for report in reports) == len(shuffled)
        whole.law()
        parts.law()
    finally:
        close(whole)
        close(parts)


def take(project: Project, rows):
    return project.take_text("sales", csv_text(rows))


def expected(project: Project, rows):
    """The newest good version of each sale, picked from what the lake shows of it."""
    newest: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["net"] != "ten":
            known = newest.get(row["sale_id"], row)
            newest[row["sale_id"]] = max(known, row, key=lambda each: each["updated_at"])
    shown = project.content(SALE_LINE)
    assert {(each["sale_id"], str(int(each["quantity"]))) for each in shown} == {
        (sale, row["quantity"]) for sale, row in newest.items()
    }
    return shown
