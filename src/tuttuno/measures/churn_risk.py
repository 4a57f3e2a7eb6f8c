"""Which of the known buyers are probably still customers, and which have quietly left."""

from collections.abc import Iterator, Mapping

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.buying.fitting import NotIdentified, require
from tuttuno.measures.buying.histories import Histories, Numbers
from tuttuno.measures.buying.mbg_nbd import MbgNbd, fit_mbg_nbd
from tuttuno.measures.buying_days import cut_before, days_until, histories, told, weeks
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import places
from tuttuno.vocab import ChannelClass

Flags = NDArray[np.bool_]

#: From which probability of still being a customer on a buyer is called so; safest first.
RISKS: Mapping[str, float] = {"safe": 0.8, "wavering": 0.5, "slipping": 0.2, "gone": 0.0}

#: Everybody, then by the channels in which they ever bought.
CLASSES = ("all", *(each.value for each in ChannelClass))

#: By how many weeks before the end the model is tried.
_TRIED = "churn_risk.tried_weeks"


def churn_risk(question: Question) -> ibis.Table:
    """How probably each known buyer is still a customer, by class and by risk.

    Nobody cancels a shop, so leaving is told from silence: long for someone who came weekly,
    nothing for someone who comes once a year. MBG/NBD is fitted to how often, until when and
    for how long each bought (in weeks; a purchase is a day with something bought), over all
    that was sold before the window's end. `alive` is the mean probability of not having left
    for good: `safe` from 80 %, `wavering` from 50 %, `slipping` from 20 %, else `gone`.
    `left` is how many of them have probably left. Classes are those of the whole history.

    `back_expected` and `back_actual` try the model: fitted to the time before the last weeks
    only, which share of the buyers it then knew does it expect to come back within them, by
    the risk that it gave them then, and which share came; `low` and `high` are the 95 %
    interval of the latter. Where `back_expected` lies outside, the model is wrong there.
    Null where nobody was known then; no row at all where nothing can be estimated.
    """
    cut = cut_before(question, question.params[_TRIED])
    person = histories(days_until(question), cut, question.keys)
    buyer = person.filter(person.days_all > 0)
    kind = ibis.cases(
        (buyer.days_online == 0, ChannelClass.STORE_ONLY.value),
        (buyer.days_store == 0, ChannelClass.ONLINE_ONLY.value),
        else_=ChannelClass.BOTH.value,
    )
    own = buyer.select(*question.keys, kind=kind, **told(question, buyer, "all", cut))
    # A million buyers seen by the day have a third as many histories.
    counted = own.group_by(own.columns).agg(persons=own.count())
    # In one order on every engine: sums of floats depend on it.
    return counted.order_by(*counted.columns)


def _rows(question: Question, results: Results) -> Found:
    found = results["rows"]
    if not found.num_rows:
        return Found([])
    try:
        model = _fitted(found, "days", "recency", "age")
    except NotIdentified as exc:
        return Found([], (f"all: {exc.what}.",))
    alive = model.alive(*weeks(found, "days", "recency", "age"))
    trial = _Trial.of(question, found)
    rows: list[dict[str, Value]] = []
    for key, own in places(found, question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        at = np.zeros(found.num_rows, np.bool_)
        at[own] = True
        rows += [{**split, **row} for row in _of_group(found, alive, trial, at)]
    return Found(rows, (_parameters(model),))


def _fitted(found: pa.Table, *names: str) -> MbgNbd:
    repeats, recency, age = weeks(found, *names)
    persons = found["persons"].to_numpy().astype(np.float64)
    require(persons[repeats > 0].sum())
    return fit_mbg_nbd(Histories.of(repeats, recency, age, persons))


class _Trial:
    """What the time before the last weeks had told to expect of them."""

    def __init__(self, known: Flags, alive: Numbers, back: Numbers, came: Flags) -> None:
        self.known, self.alive, self.back, self.came = known, alive, back, came

    @classmethod
    def of(cls, question: Question, found: pa.Table) -> "_Trial | None":
        known = np.asarray(pc.greater(found["past"], 0).to_numpy(), np.bool_)
        past = found.filter(pa.array(known))
        names = ("past", "past_recency", "past_age")
        try:
            model = _fitted(past, *names)
        except NotIdentified:
            return None
        alive, back = np.zeros(len(known)), np.zeros(len(known))
        alive[known] = model.alive(*weeks(past, *names))
        back[known] = model.returns(question.params[_TRIED], *weeks(past, *names))
        came = np.asarray(pc.greater(found["days"], found["past"]).to_numpy(), np.bool_)
        return cls(known, alive, back, came)


def _of_group(
    found: pa.Table, alive: Numbers, trial: _Trial | None, at: Flags
) -> Iterator[dict[str, Value]]:
    persons = found["persons"].to_numpy().astype(np.float64)
    kinds = np.array(found["kind"].to_pylist())
    for kind in CLASSES:
        own = at if kind == "all" else at & (kinds == kind)
        whole = float(persons[own].sum())
        if not whole:
            continue
        for risk in ("all", *RISKS):
            chosen = own & _at_risk(alive, risk)
            count = float(persons[chosen].sum())
            still = float((persons * alive)[chosen].sum())
            yield {
                "class": kind,
                "risk": risk,
                "persons": int(count),
                "persons_share": share(count, whole),
                "alive": share(still, count),
                "left": count - still,
                **_tried(trial, persons, own, risk),
            }


def _at_risk(alive: Numbers, risk: str) -> Flags:
    if risk == "all":
        return np.ones(len(alive), np.bool_)
    floor = RISKS[risk]
    ceiling = min((edge for edge in RISKS.values() if edge > floor), default=np.inf)
    return (alive >= floor) & (alive < ceiling)


def _tried(trial: _Trial | None, persons: Numbers, own: Flags, risk: str) -> dict[str, Value]:
    names = ("back_expected", "back_actual", "low", "high")
    if trial is None:
        return dict.fromkeys(names)
    chosen = own & trial.known & _at_risk(trial.alive, risk)
    count, came = int(persons[chosen].sum()), int(persons[chosen & trial.came].sum())
    expected = share(float((persons * trial.back)[chosen].sum()), count)
    sure = wilson(came, count)
    return dict(zip(names, (expected, share(came, count), sure.low, sure.high), strict=True))


def _parameters(model: MbgNbd) -> str:
    return (
        f"MBG/NBD in weeks r = {model.r:.4g}, alpha = {model.alpha:.4g}, a = {model.a:.4g}, "
        f"b = {model.b:.4g}."
    )


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


CHURN_RISK = Measure(
    label="Still active",
    unit="1",
    denominator="known buyers with a purchase before the window's end",
    source="Batislam, Denizel and Filiztekin (2007), IJRM 24, 201-209; risks are a house default",
    columns=(
        AnswerColumn("class", "Class"),
        AnswerColumn("risk", "Risk"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        _share("persons_share", "Share of the class"),
        _share("alive", "Still a customer"),
        AnswerColumn("left", "Probably left", "person", "number"),
        _share("back_expected", "Expected back, last weeks"),
        _share("back_actual", "Came back, last weeks"),
        _share("low", "Came back, low"),
        _share("high", "Came back, high"),
    ),
    define=churn_risk,
    finish=_rows,
    params=(_TRIED,),
    without=("side", "channel", "handover", "month", "quarter", "year"),
    notes=(
        (
            "A probability told from silence alone: it knows no season, and is no effect of "
            "anything you did."
        ),
    ),
)
