"""Prepare answers: measures as pages open with them and studies as declared, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock

from tuttuno.measures.alike import alike, companies
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.measures.evaluate import Posed, answered, evaluate, pose, sold_between
from tuttuno.measures.params import Params
from tuttuno.measures.together import Together
from tuttuno.progress import Progress
from tuttuno.studies.declaration import Declaration
from tuttuno.tasks.asked_once import asked_once
from tuttuno.tasks.estimate_effect import Source, effect_key
from tuttuno.tasks.estimate_effect import answered as estimated
from tuttuno.tasks.measure import answer_key
from tuttuno.tasks.side_by_side import Halt, side_by_side

Question = tuple[str, Ask]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be answered on a release that is being made.

    Attributes:
        questions: Names of measures and what is asked of them.
        studies: As they are declared.
        params: What the project sets otherwise.
    """

    questions: Sequence[Question]
    studies: Sequence[Declaration]
    params: Mapping[str, float]


def prepare_answers(wanted: Wanted, source: Source, *, progress: Progress) -> dict[str, str]:
    """Answer everything; return each answer as the text that is stored, by its key.

    Measures that gather the same are answered one after the other, so that it is gathered
    once; the studies come one after the other as well. Everything else is done side by side.

    Raises:
        Exception: What the first answer that failed ended with.
    """
    told = _Told(progress, {"measures": len(wanted.questions), "effects": len(wanted.studies)})
    work: list[Callable[[Halt], None]] = [partial(_study, wanted.studies, source, told)]
    work += _measures(wanted, source, told) if wanted.questions else []
    side_by_side(work, stop=source.engine.cancel)
    return told.answers


@dataclass(slots=True)
class _Told:
    """Answers as they come, from several lanes, and how many of each kind there are by now."""

    progress: Progress
    wanted: Mapping[str, int]
    answers: dict[str, str] = field(default_factory=dict)
    _done: dict[str, int] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def add(self, kind: str, key: str, text: str) -> None:
        """Take an answer, and tell the observer."""
        with self._turn:
            self.answers[key] = text
            self._done[kind] = self._done.get(kind, 0) + 1
            self.progress(kind, self._done[kind], self.wanted[kind])


def _study(studies: Sequence[Declaration], source: Source, told: _Told, halt: Halt) -> None:
    together = replace(source, engine=asked_once(source.engine, source.tables.keys()))
    for each in studies:
        halt()
        told.add("effects", effect_key(each), estimated(each, together))


def _measures(wanted: Wanted, source: Source, told: _Told) -> list[Callable[[Halt], None]]:
    """Divide the questions into companies that gather something alike."""
    engine, tables, params = source.engine, source.tables, Params(wanted.params)
    bounds = sold_between(Together(engine), tables["purchase"])
    if bounds is None:
        return [partial(_nothing_sold, wanted.questions, source, params, told)]
    posed = [
        pose(MEASURES[name], ask, tables=tables, bounds=bounds, params=params, scratch=f"own_{nth}")
        for nth, (name, ask) in enumerate(wanted.questions)
    ]
    shared = alike([each.plan for each in posed])
    return [
        partial(
            _company,
            {answer_key(*wanted.questions[nth]): posed[nth] for nth in members},
            lambda: Together(engine, shared.keys()),
            told,
        )
        for members in companies(len(posed), shared.values())
    ]


def _company(
    posed: Mapping[str, Posed], meet: Callable[[], Together], told: _Told, halt: Halt
) -> None:
    together = meet()
    try:
        for key, each in posed.items():
            halt()
            told.add("measures", key, answered(each, together).to_json())
    finally:
        together.forget()


def _nothing_sold(
    questions: Sequence[Question], source: Source, params: Params, told: _Told, halt: Halt
) -> None:
    for name, ask in questions:
        halt()
        found = evaluate(
            MEASURES[name], ask, engine=source.engine, tables=source.tables, params=params
        )
        told.add("measures", answer_key(name, ask), found.to_json())
