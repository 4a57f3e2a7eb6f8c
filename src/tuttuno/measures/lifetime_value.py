"""What known buyers are expected to buy in the year to come, and what that is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.buying.fitting import CHECKED, FEWEST, NotIdentified, require, summed_over
from tuttuno.measures.buying.gamma_gamma import GammaGamma, Spending, fit_gamma_gamma
from tuttuno.measures.buying.histories import Histories, Numbers
from tuttuno.measures.buying.mbg_nbd import MbgNbd, fit_mbg_nbd
from tuttuno.measures.buying.pareto_nbd import ParetoNbd, fit_pareto_nbd
from tuttuno.measures.buying_days import (
    SCOPES,
    cut_before,
    days_until,
    histories,
    told,
    weeks,
)
from tuttuno.measures.intervals import Z95, share
from tuttuno.measures.measure import Found, Measure, Question, Results, Steps
from tuttuno.measures.rows import places

#: Buyers from the most to the least valuable: name of the tier, and where it ends.
TIERS: tuple[tuple[str, float], ...] = (
    ("top_10", 0.1), ("next_20", 0.3), ("next_30", 0.6), ("last_40", 1.0),
)  # fmt: skip

#: By how many weeks before the end the model is tried.
_TRIAL = "lifetime_value.tried_weeks"

#: Draws of the parameters for the interval, and buyers on whom they are tried.
_DRAWS, _TRIED = 200, 2_000


def lifetime_value(question: Question) -> Steps:
    """What each known buyer is expected to spend after the window, by value tier.

    A purchase is a day with something bought. Every purchase before the window's end counts,
    also those before its beginning: a history that is cut off says something else. MBG/NBD
    is fitted to how often, until when and for how long each bought (in weeks), Gamma-Gamma to
    the net value of a purchase. `expected` are purchases in the weeks of the horizon after the
    window, `value` their net, not discounted; `alive` is the mean probability that a buyer
    has not left. Tiers are tenths of the buyers by expected value: the best tenth, the next
    two, the next three, the last four; ties go by time since the last purchase. `all` sees
    the customer as one, `online` and `store` what she does there. `low` and `high` bound the
    value per person as far as the parameters are uncertain. `check` are the purchases that
    Pareto/NBD expects, which lets buyers leave at any time and not only after a purchase, and
    `check_difference` how much more that is than `expected`, as a share of it: where the two
    differ, the data do not say when buyers leave. `tried_actual` and
    `tried_expected` are purchases in the last weeks before the window's end, and what a fit
    to the time before had expected: they tell how far to trust the rest. Null where it
    cannot be estimated, with a note.
    """
    rows = histories(days_until(question), _cut(question), question.keys)
    name, person = question.shared("buyer", rows)
    asked = {scope: _scope(question, person, scope) for scope in SCOPES}
    return Steps(kept={name: rows}, asked=asked)


def _cut(question: Question) -> date:
    return cut_before(question, question.params[_TRIAL])


def _scope(question: Question, person: ibis.Table, scope: str) -> ibis.Table:
    buyer = person.filter(person[f"days_{scope}"] > 0)
    net = buyer[f"net_{scope}"].cast("float64")
    own = buyer.select(*question.keys, net=net, **told(question, buyer, scope, _cut(question)))
    # In one order on every engine: sums of floats depend on it.
    return own.order_by(*own.columns)


@dataclass(frozen=True, slots=True)
class _Expected:
    """What a scope's buyers are expected to do; arrays of one length, and the models."""

    buying: MbgNbd
    spending: GammaGamma
    alive: Numbers
    orders: Numbers
    value: Numbers
    recency: Numbers
    check: Numbers | None
    checking: ParetoNbd | None


def _rows(question: Question, results: Results) -> Found:
    rows: list[dict[str, Value]] = []
    notes: list[str] = []
    for scope in SCOPES:
        if not results[scope].num_rows:
            continue
        found = results[scope]
        try:
            expected = _expected(question, found)
        except NotIdentified as exc:
            notes.append(f"{scope}: {exc.what}.")
            continue
        rows += _of_scope(question, scope, found, expected)
        notes.append(_parameters(scope, expected))
    return Found(rows, tuple(notes))


def _expected(question: Question, found: pa.Table) -> _Expected:
    repeats, recency, age = weeks(found, "days", "recency", "age")
    require(float(np.count_nonzero(repeats)))
    own = Histories.of(repeats, recency, age)
    buying = fit_mbg_nbd(own)
    days, net = found["days"].to_numpy().astype(np.float64), found["net"].to_numpy()
    paid = net > 0
    spending = fit_gamma_gamma(Spending.of(days[paid], net[paid] / days[paid]))
    if spending.q <= 1.0:
        raise NotIdentified("Gamma-Gamma", "the mean value of a purchase has no bound")
    ahead = question.params["lifetime_value.weeks"]
    known = (own.repeats, own.recency, own.age)
    orders = buying.expected(ahead, *known)[own.place]
    each = spending.expected(days, np.maximum(net, 0.0) / days)
    checking = _checking(repeats, recency, age)
    return _Expected(
        buying=buying,
        spending=spending,
        alive=buying.alive(*known)[own.place],
        orders=orders,
        value=orders * each,
        recency=recency - age,
        check=checking.expected(ahead, *known)[own.place] if checking else None,
        checking=checking,
    )


def _checking(repeats: Numbers, recency: Numbers, age: Numbers) -> ParetoNbd | None:
    """Fit Pareto/NBD to all, or to as many as tell enough; None where it has no maximum."""
    some = np.arange(len(repeats))
    if len(some) > CHECKED:
        some = np.sort(np.random.default_rng(7).choice(some, CHECKED, replace=False))
    try:
        return fit_pareto_nbd(Histories.of(repeats[some], recency[some], age[some]))
    except NotIdentified:
        return None


def _of_scope(
    question: Question, scope: str, found: pa.Table, expected: _Expected
) -> Iterator[dict[str, Value]]:
    width = _uncertainty(question, found, expected)
    tried = _tried(question, found)
    for key, at in places(found, question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        whole = float(expected.value[at].sum())
        for tier, own in (("all", at), *_tiers(expected, at)):
            row = _figures(expected, own, whole, width)
            is_whole = tier == "all" and not key
            actual, foreseen = tried if is_whole and tried else (None, None)
            yield {
                **split, "scope": scope, "tier": tier, **row,
                "tried_actual": actual, "tried_expected": foreseen,
            }  # fmt: skip


def _tiers(expected: _Expected, at: NDArray[np.int64]) -> Iterator[tuple[str, Any]]:
    order = at[np.lexsort((-expected.recency[at], -expected.value[at]))]
    begins = 0
    for tier, share_to in TIERS:
        ends = round(len(order) * share_to)
        if ends > begins:
            yield tier, order[begins:ends]
        begins = ends


def _figures(expected: _Expected, at: Any, whole: float, width: float) -> dict[str, Value]:
    persons, value = len(at), float(expected.value[at].sum())
    each = value / persons
    orders = float(expected.orders[at].sum())
    check = None if expected.check is None else float(expected.check[at].sum())
    return {
        "persons": persons,
        "alive": float(expected.alive[at].mean()),
        "expected": orders,
        "value": value,
        "value_share": share(value, whole),
        "value_per_person": each,
        "low": each * float(np.exp(-Z95 * width)),
        "high": each * float(np.exp(Z95 * width)),
        "check": check,
        "check_difference": None if check is None else share(check - orders, orders),
    }


def _uncertainty(question: Question, found: pa.Table, expected: _Expected) -> float:
    """Standard deviation of the log of the total value over draws of the parameters."""
    draw = np.random.default_rng(7)
    some = draw.choice(found.num_rows, min(found.num_rows, _TRIED), replace=False)
    part = found.take(pa.array(np.sort(some)))
    repeats, recency, age = weeks(part, "days", "recency", "age")
    days = repeats + 1
    mean = np.maximum(part["net"].to_numpy(), 0.0) / days
    ahead = question.params["lifetime_value.weeks"]
    totals = []
    for buying, spending in zip(
        _drawn(draw, expected.buying.fit, (expected.buying.r, expected.buying.alpha,
                                           expected.buying.a, expected.buying.b)),
        _drawn(draw, expected.spending.fit, (expected.spending.p, expected.spending.q,
                                             expected.spending.gamma)),
        strict=True,
    ):  # fmt: skip
        each = GammaGamma(*spending).expected(days, mean)
        totals.append(float(MbgNbd(*buying).expected(ahead, repeats, recency, age) @ each))
    spread = np.log([one for one in totals if np.isfinite(one) and one > 0])
    return float(spread.std()) if len(spread) > 1 else 0.0


def _drawn(draw: np.random.Generator, fit: Any, at: tuple[float, ...]) -> Numbers:
    logs = draw.multivariate_normal(np.log(at), fit.covariance, _DRAWS, method="eigh")
    return np.exp(logs)


def _tried(question: Question, found: pa.Table) -> tuple[float, float] | None:
    """Purchases of the last weeks, and what the time before had told to expect."""
    past = found.filter(pc.greater(found["past"], 0))
    if not past.num_rows:
        return None
    repeats, recency, age = weeks(past, "past", "past_recency", "past_age")
    if np.count_nonzero(repeats) < FEWEST:
        return None
    own = Histories.of(repeats, recency, age)
    try:
        model = fit_mbg_nbd(own)
    except NotIdentified:
        return None
    ahead = question.params[_TRIAL]
    actual = float((past["days"].to_numpy() - past["past"].to_numpy()).sum())
    foreseen = model.expected(ahead, own.repeats, own.recency, own.age)
    return actual, summed_over(own.customers, foreseen)


def _parameters(scope: str, expected: _Expected) -> str:
    buying, spending = expected.buying, expected.spending
    return (
        f"{scope}: MBG/NBD in weeks r = {buying.r:.4g}, alpha = {buying.alpha:.4g}, "
        f"a = {buying.a:.4g}, b = {buying.b:.4g}; Gamma-Gamma p = {spending.p:.4g}, "
        f"q = {spending.q:.4g}, gamma = {spending.gamma:.4g}.{_check_parameters(expected)}"
    )


def _check_parameters(expected: _Expected) -> str:
    model = expected.checking
    if model is None:
        return " Pareto/NBD, the check, cannot be estimated."
    return (
        f" Pareto/NBD, the check, r = {model.r:.4g}, alpha = {model.alpha:.4g}, "
        f"s = {model.s:.4g}, beta = {model.beta:.4g}."
    )


LIFETIME_VALUE = Measure(
    label="Lifetime value",
    unit="EUR",
    denominator="known buyers with a purchase before the window's end in the scope",
    source="Batislam, Denizel and Filiztekin (2007), IJRM 24, 201-209; Fader and Hardie (2013); "
    "check: Schmittlein, Morrison and Colombo (1987), Management Science 33, 1-24",
    columns=(
        AnswerColumn("scope", "Seen as"),
        AnswerColumn("tier", "Value tier"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        AnswerColumn("alive", "Still a customer", "1", "share"),
        AnswerColumn("expected", "Expected purchase days", "day", "number"),
        AnswerColumn("value", "Expected net revenue", "EUR", "money"),
        AnswerColumn("value_share", "Share of expected revenue", "1", "share"),
        AnswerColumn("value_per_person", "Expected net revenue per buyer", "EUR", "money"),
        AnswerColumn("low", "Per buyer, low", "EUR", "money"),
        AnswerColumn("high", "Per buyer, high", "EUR", "money"),
        AnswerColumn("check", "Purchase days, other model", "day", "number"),
        AnswerColumn("check_difference", "More by the other model", "1", "share"),
        AnswerColumn("tried_actual", "Purchase days, last weeks", "day", "number"),
        AnswerColumn("tried_expected", "Expected for the last weeks", "day", "number"),
    ),
    define=lifetime_value,
    finish=_rows,
    params=("lifetime_value.weeks", _TRIAL),
    without=("side", "channel", "handover", "month", "quarter", "year"),
    notes=(
        (
            "Expected from what others with the same history did; no season is in it, and no "
            "effect of anything you may do."
        ),
    ),
)
