"""Who agreed to be contacted, for what, by which channel, and who changed her mind."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tuttuno.demo.agreement import Agreement
from tuttuno.demo.arrays import Flags, Ints, moments, words
from tuttuno.demo.forms import Sheet
from tuttuno.demo.keys import ACCOUNT, ALIAS, APP, CARD, GUEST, NEWSLETTER, TILL
from tuttuno.demo.known import Known

CONTROLLER = "Mirabello Group"


class Question(NamedTuple):
    """What a form asks: for which purpose, by which channel."""

    purpose: str
    channel: str


_MAIL, _SMS = Question("marketing", "email"), Question("marketing", "sms")
#: What the form of each kind of record asks; others (marketplace, CRM) ask nothing.
QUESTIONS = {
    CARD: (_MAIL, _SMS, Question("profiling", "any")),
    TILL: (Question("marketing", "any"),),
    ACCOUNT: (_MAIL, _SMS, Question("profiling", "any"), Question("third_parties", "any")),
    GUEST: (_MAIL,),
    ALIAS: (_MAIL,),
    NEWSLETTER: (_MAIL,),
    APP: (_MAIL, Question("marketing", "push")),
}


def table(known: Known, agreement: Agreement, sheets: list[Sheet], end: int) -> pa.Table:
    """Write every answer that the records of one block carry, and what was taken back.

    Args:
        known: Who agrees at all.
        agreement: The answers by purpose.
        sheets: The records on which people were asked.
        end: The second the window closes.
    """
    rows = [
        _answers(sheet, question, _given(known, agreement, sheet, question))
        for sheet in sheets
        for question in QUESTIONS.get(sheet.kind, ())
    ]
    rows += [
        _withdrawals(sheet, known, agreement, end) for sheet in sheets if sheet.kind in QUESTIONS
    ]
    return pa.concat_tables(rows).unify_dictionaries()


def reachable(known: Known, agreement: Agreement, sheets: list[Sheet], end: int) -> Flags:
    """Say who can be written to for marketing at the end: a working contact and a yes.

    An address counts with a yes to e-mail on the same record, a number with a yes to sms.
    """
    found = np.zeros(len(known.agrees), dtype=np.bool_)
    for sheet in sheets:
        for question in QUESTIONS.get(sheet.kind, ()):
            if question.purpose != "marketing" or question.channel == "push":
                continue
            contact = {"email": sheet.mail, "sms": sheet.mobile}.get(
                question.channel, sheet.mail | sheet.mobile
            )
            yes = _given(known, agreement, sheet, question) & (
                agreement.withdrawn[sheet.who] >= end
            )
            found[sheet.who[yes & contact]] = True
    return found


def _given(known: Known, agreement: Agreement, sheet: Sheet, question: Question) -> Flags:
    """Answer one question on each record; after a withdrawal the answer is no."""
    more = {
        "profiling": agreement.profiling,
        "third_parties": agreement.third_parties,
    }.get(question.purpose, known.agrees)
    yes = known.agrees & more
    if question.channel == "sms":
        yes = yes & agreement.by_sms
    said: Flags = yes[sheet.who] & (sheet.since < agreement.withdrawn[sheet.who])
    return said


def _answers(sheet: Sheet, question: Question, granted: Flags) -> pa.Table:
    zero = np.zeros(len(sheet.who), dtype=np.int64)
    return _rows(sheet.table, question, granted, moments(sheet.since), ("form", zero))


def _withdrawals(sheet: Sheet, known: Known, agreement: Agreement, end: int) -> pa.Table:
    """Take back marketing on all channels, on every record that had said yes."""
    at = agreement.withdrawn[sheet.who]
    gone = np.flatnonzero(known.agrees[sheet.who] & (at < end) & (sheet.since < at))
    no = np.zeros(len(gone), dtype=np.bool_)
    rows = sheet.table.take(pa.array(gone))
    zero = np.zeros(len(gone), dtype=np.int64)
    return _rows(rows, Question("marketing", "any"), no, moments(at[gone]), ("link", zero))


def _rows(
    record: pa.Table, question: Question, granted: Flags, at: pa.Array, how: tuple[str, Ints]
) -> pa.Table:
    method, zero = how
    return pa.table(
        {
            "source": record["source"],
            "record_id": record["record_id"],
            "purpose": words([question.purpose], zero),
            "channel": words([question.channel], zero),
            "granted": pa.array(granted),
            "at": at,
            "controller": words([CONTROLLER], zero),
            "notice_version": words(["2022-1"], zero),
            "method": words([method], zero),
            "evidence": words([f"{method} {question.purpose} {question.channel}"], zero),
        }
    )
