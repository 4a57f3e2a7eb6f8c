"""Which rows lie in the window of a question; whole months are skipped as whole files."""

from datetime import date

import ibis

from tuttuno.measures.measure import Question


def in_window(question: Question, rows: ibis.Table) -> ibis.Table:
    """Keep rows whose `sold_on` counts; `month` is asked too, so that whole files are skipped."""
    kept = []
    if question.since > question.first_sale:
        kept += [rows.month >= month_of(question.since), rows.sold_on >= question.since]
    if question.until <= question.last_sale:
        kept += [rows.month <= month_of(question.until), rows.sold_on < question.until]
    return rows.filter(*kept) if kept else rows


def in_months(question: Question, rows: ibis.Table) -> ibis.Table:
    """Keep rows of the months of a window of whole months."""
    kept = []
    if question.since > question.first_sale:
        kept.append(rows.month >= month_of(question.since))
    if question.until <= question.last_sale:
        kept.append(rows.month < month_of(question.until))
    return rows.filter(*kept) if kept else rows


def whole_months(question: Question) -> bool:
    """Return whether no month is cut by the window, as far as there are sales."""
    begins = question.since.day == 1 or question.since <= question.first_sale
    return begins and (question.until.day == 1 or question.until > question.last_sale)


def month_of(day: date) -> str:
    """Return the month of a day as the tables spell it."""
    return day.isoformat()[:7]
