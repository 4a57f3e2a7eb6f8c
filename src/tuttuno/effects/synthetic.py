"""A weighted mix of untreated units stands for what the treated would have done."""

from dataclasses import dataclass, replace

import numpy as np

from tuttuno.effects.choices import Method
from tuttuno.effects.frank_wolfe import Fit
from tuttuno.effects.numbers import Bools, Floats, Ints, critical
from tuttuno.effects.panel import Panel
from tuttuno.errors import BadInput

#: Penalty that only settles ties between donors that fit equally well.
TIE = 1e-6

#: Placebo draws, where not every control can take its turn.
DRAWS = 200


@dataclass(frozen=True, slots=True)
class Synthetic:
    """An effect against a synthetic control.

    Its interval is that of the t distribution: the spread of placebos is known no better than
    from as many controls as there are. With eight controls a normal interval holds the truth in
    92 of 100 worlds.

    Attributes:
        estimate: Mean effect over treated units and periods, in the unit of the outcome.
        se: Spread of the effects found where there was none: controls taken for treated.
        p: Share of placebo effects at least as large, the real one among them.
        placebos: Shape (draws,): effects on controls taken for treated.
        played: Shape (draws, treated units): which controls were, as positions in `units`.
        units: Names of the donors.
        unit_weights: Shape (donors,), of the first cohort; they sum to one.
        time_weights: Shape (periods before treatment,), of the first cohort.
        before: Root mean square distance from the synthetic control before treatment.
        after: The same after treatment.
        event: Shape (times,): times since treatment, of all cohorts.
        gap: Shape (times,): distance from the synthetic control, the mean over treated units.
        gap_placebos: Shape (draws, times): the same of controls taken for treated.
    """

    method: Method
    estimate: float
    se: float
    p: float
    placebos: Floats
    played: Ints
    treated: int
    control: int
    units: tuple[str, ...]
    unit_weights: Floats
    time_weights: Floats
    before: float
    after: float
    event: Floats
    gap: Floats
    gap_placebos: Floats
    notes: tuple[str, ...] = ()

    @property
    def freedom(self) -> int:
        """Degrees of freedom: one less than controls."""
        return self.control - 1

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.estimate - self._half

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.estimate + self._half

    @property
    def _half(self) -> float:
        return critical(self.freedom) * self.se


@dataclass(frozen=True, slots=True)
class _Block:
    """Worlds of one shape, one cohort each: who is compared, before and after.

    Attributes:
        donors: Shape (worlds, donors, periods).
        treated: Shape (worlds, periods): mean of the treated units.
        size: Treated units.
        before: Periods before treatment come first.
        event: Shape (periods,): times since treatment.
    """

    donors: Floats
    treated: Floats
    size: int
    before: int
    event: Floats


def synthetic(
    panel: Panel,
    method: Method = Method.SDID,
    *,
    anticipation: float = 0.0,
    draws: int = DRAWS,
    seed: int = 0,
) -> Synthetic:
    """Estimate the effect on the treated by synthetic control or one of its relatives.

    `sc` weights the donors, `sdid` donors and periods with free level differences, `did`
    weights nothing. With several cohorts, each is compared with the never treated, and effects
    are averaged over treated units and periods.

    With one treated unit every control takes its turn as a placebo; with more, groups of
    controls are drawn. A placebo interval assumes that treated and controls are equally noisy.

    Sources: Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), Synthetic difference in
    differences, American Economic Review 111(12), algorithms 1 and 4, with the choices of R's
    `synthdid`; Abadie, Diamond & Hainmueller (2010), JASA 105.

    Raises:
        BadInput: No control, or too few for placebos; covariates or weights are given.
    """
    if panel.covariates is not None or panel.weight is not None:
        raise BadInput(f"{method} takes neither covariates nor weights", hint="use the method cs")
    ready, control = _ready(panel.balanced(), anticipation)
    cohorts, sizes = np.unique(ready.cohort[np.isfinite(ready.cohort)], return_counts=True)
    if control.size <= sizes.sum():
        raise BadInput(
            f"{control.size} controls are too few for placebos of {sizes.sum()} treated units"
        )
    real = [
        _block(ready, control, ready.cohort == cohort, cohort, anticipation) for cohort in cohorts
    ]
    estimate, weights = _average(real, method)
    turns = _turns(control.size, int(sizes.sum()), draws, seed)
    fake = _placebo_blocks(turns, real)
    placebos, mixes = _average(fake, method)
    event, gaps = _gaps(real, weights)
    mix = weights[0][0]
    gap = real[0].treated[0] - mix[0] @ real[0].donors[0]
    level = gap[: real[0].before].mean() if method is not Method.SC else 0.0
    fit = (gap - level) ** 2
    return Synthetic(
        method=method,
        estimate=float(estimate[0]),
        se=float(placebos.std()),
        p=float((1 + (np.abs(placebos) >= abs(estimate[0])).sum()) / (1 + placebos.size)),
        placebos=placebos,
        played=turns[:, : int(sizes.sum())],
        treated=int(sizes.sum()),
        control=control.size,
        units=tuple(str(ready.unit[int(row)].as_py()) for row in control),
        unit_weights=mix[0],
        time_weights=weights[0][1][0],
        before=float(fit[: real[0].before].mean() ** 0.5),
        after=float(fit[real[0].before :].mean() ** 0.5),
        event=event,
        gap=gaps[0],
        gap_placebos=_gaps(fake, mixes)[1],
        notes=ready.notes,
    )


def _ready(panel: Panel, anticipation: float) -> tuple[Panel, Ints]:
    times = panel.timeline.times
    cohort = np.where(panel.cohort > times[-1], np.inf, panel.cohort)
    panel = replace(panel, cohort=cohort)
    early = np.searchsorted(times, cohort - anticipation) < 2
    if early.any():
        note = f"{int(early.sum())} units left out: fewer than two periods before treatment"
        panel = panel.only(~early, note)
    control = np.flatnonzero(np.isinf(panel.cohort))
    if control.size == panel.cohort.size:
        raise BadInput("no unit becomes treated with two periods before", hint="use the method cs")
    if not control.size:
        raise BadInput("there is no unit that is never treated", hint="use the method cs")
    return panel, control


def _block(
    panel: Panel, control: Ints, treated: Bools, cohort: float, anticipation: float
) -> _Block:
    times = panel.timeline.times
    kept = (times < cohort - anticipation) | (times >= cohort)
    rows = panel.outcome[treated][:, kept]
    return _Block(
        donors=panel.outcome[control][:, kept][None],
        treated=rows.mean(axis=0)[None],
        size=rows.shape[0],
        before=int((times < cohort - anticipation).sum()),
        event=times[kept] - cohort,
    )


def _turns(controls: int, size: int, draws: int, seed: int) -> Ints:
    """Orders of the controls; the first `size` of each play the treated."""
    every = np.arange(controls)
    if size == 1:
        return np.stack([np.roll(every, -first) for first in every])
    rng = np.random.default_rng(seed)
    return rng.permuted(np.tile(every, (draws, 1)), axis=1)


def _placebo_blocks(turns: Ints, real: list[_Block]) -> list[_Block]:
    """The same cohorts among controls; `real` says how large each is and when it starts."""
    total = sum(block.size for block in real)
    found, first = [], 0
    for block in real:
        donors = block.donors[0]
        chosen = turns[:, first : first + block.size]
        rest = turns[:, total:]
        fake = donors[rest], donors[chosen].mean(axis=1)
        found.append(_Block(*fake, block.size, block.before, block.event))
        first += block.size
    return found


def _average(blocks: list[_Block], method: Method) -> tuple[Floats, list[tuple[Floats, Floats]]]:
    """Effects of each world, cohorts weighted by treated units and periods."""
    weights = [_weights(block, method) for block in blocks]
    share = np.array([block.size * (block.donors.shape[2] - block.before) for block in blocks])
    effects = np.stack([_effect(block, *mix) for block, mix in zip(blocks, weights, strict=True)])
    average: Floats = share @ effects / share.sum()
    return average, weights


def _effect(block: _Block, unit: Floats, time: Floats) -> Floats:
    effect: Floats = _gap(block, unit, time)[:, block.before :].mean(axis=1)
    return effect


def _gap(block: _Block, unit: Floats, time: Floats) -> Floats:
    """Distance from the synthetic control, less its weighted mean before; (worlds, periods)."""
    gap: Floats = block.treated - (unit[:, None, :] @ block.donors)[:, 0, :]
    gap -= (gap[:, : block.before] * time).sum(axis=1, keepdims=True)
    return gap


def _gaps(blocks: list[_Block], weights: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Times since treatment, and the distance at each, of the treated units that are seen then."""
    event = np.unique(np.concatenate([block.event for block in blocks]))
    whole = np.zeros((blocks[0].treated.shape[0], event.size))
    size = np.zeros(event.size)
    for block, mix in zip(blocks, weights, strict=True):
        at = np.searchsorted(event, block.event)
        whole[:, at] += block.size * _gap(block, *mix)
        size[at] += block.size
    return event, whole / size


def _weights(block: _Block, method: Method) -> tuple[Floats, Floats]:
    worlds, donors, periods = block.donors.shape
    before, after = block.before, periods - block.before
    if method is Method.DID:
        return np.full((worlds, donors), 1 / donors), np.full((worlds, before), 1 / before)
    early = block.donors[:, :, :before]
    noise = np.diff(early, axis=2).reshape(worlds, -1).std(axis=1, ddof=1)
    scale = (block.size * after) ** 0.25 if method is Method.SDID else TIE
    unit = Fit(
        donors=early.transpose(0, 2, 1),
        target=block.treated[:, :before],
        ridge=scale * noise,
        tolerance=1e-5 * noise,
        intercept=method is Method.SDID,
    ).weights()
    if method is Method.SC:
        return unit, np.zeros((worlds, before))
    later = block.donors[:, :, before:].mean(axis=2)
    time = Fit(early, later, TIE * noise, 1e-5 * noise, intercept=True).weights()
    return unit, time
