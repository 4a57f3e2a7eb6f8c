"""Did a change that came to some earlier than to others cause it? Callaway & Sant'Anna's answer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tuttuno.effects.aggregate import SMALL
from tuttuno.effects.choices import Control
from tuttuno.effects.cohorts import CohortStatistics, cohort_statistics
from tuttuno.effects.comparison import Design, comparisons, has_base
from tuttuno.effects.doubly_robust_did import compare_adjusted
from tuttuno.effects.from_cohorts import compare_cohorts
from tuttuno.effects.group_time import Compared, GroupTime
from tuttuno.effects.numbers import Floats
from tuttuno.effects.panel import Panel
from tuttuno.effects.timeline import Timeline
from tuttuno.errors import BadInput


def staggered(panel: Panel, design: Design | None = None) -> GroupTime:
    """Estimate the effect on each cohort in each period.

    Units treated in the first period, or before, have no "before" and are left out; units
    that are treated after the last period count as never treated. Without never treated units
    the last cohort is the control of the others, and the panel ends before its treatment.
    Units that were not observed in every period are left out; see `Panel.balanced`.

    With covariates, or with weights that change over time, comparisons are doubly robust;
    otherwise they need the statistics of the cohorts only.

    Assumes that without treatment the cohort and its controls would have moved in parallel
    (given the covariates), and that nobody acts earlier than `design.anticipation` before.

    Source: Callaway & Sant'Anna (2021), Difference-in-Differences with multiple time periods,
    Journal of Econometrics 225(2), 200-230; choices as in R's `did`.

    Raises:
        BadInput: Nobody is treated, or nobody can be compared with.
        NoOverlap: Covariates leave nobody to compare with.
    """
    design = design or Design()
    ready = ready_panel(panel.balanced().without_repeats(), design)
    groups = groups_of(ready)
    plan = comparisons(ready.timeline.times, groups, design)
    changing = ready.weight is not None and bool(np.ptp(ready.weight, axis=1).any())
    if ready.covariates is not None or changing:
        compared = compare_adjusted(ready, plan, groups)
    else:
        compared = compare_cohorts(cohort_statistics(ready), plan, groups)
    return result_of(compared, design, ready)


def staggered_from_cohorts(
    statistics: Sequence[CohortStatistics], times: Floats, design: Design | None = None
) -> GroupTime:
    """Estimate the same from the statistics of cohorts, as an engine aggregates them.

    There is one for each cohort, or for each stratum and cohort, with never treated units
    among them; `times` is the time axis of their means. Cohorts without a base period are
    left out.

    Raises:
        BadInput: Nobody is treated, or nobody can be compared with.
    """
    design = design or Design()
    used = usable_cohorts(statistics, times, design)
    groups = np.unique([one.cohort for one in used if np.isfinite(one.cohort)])
    compared = compare_cohorts(used, comparisons(times, groups, design), groups)
    line = Timeline(times, tuple(f"{time:g}" for time in times), numeric=True)
    return result_from_cohorts(compared, design, line, used)


def usable_cohorts(
    statistics: Sequence[CohortStatistics], times: Floats, design: Design
) -> list[CohortStatistics]:
    """Leave out who has no before; who is treated after the last period never is.

    Raises:
        BadInput: Nobody is treated, or nobody is not.
    """
    known = np.array([one.cohort for one in statistics])
    known = np.where(known > times[-1], np.inf, known)
    kept = np.isinf(known) | has_base(known, times, design)
    used = [
        replace(one, cohort=float(cohort))
        for one, cohort, keep in zip(statistics, known, kept, strict=True)
        if keep
    ]
    treated = sum(one.units for one in used if np.isfinite(one.cohort))
    if not treated or treated == sum(one.units for one in used):
        raise BadInput("there must be a treated and a never treated cohort")
    return used


def result_from_cohorts(
    compared: Compared, design: Design, line: Timeline, used: Sequence[CohortStatistics]
) -> GroupTime:
    """Comparisons of cohorts, with what they rest on."""
    treated = sum(one.units for one in used if np.isfinite(one.cohort))
    control = sum(one.units for one in used) - treated
    clusters = [one.clusters.cluster for one in used if one.clusters is not None]
    return replace(
        _result(compared, design, line),
        sizes=np.array([sum(s.units for s in used if s.cohort == g) for g in compared.groups]),
        treated=treated,
        control=control,
        clusters=np.unique(np.concatenate(clusters)).size if clusters else treated + control,
    )


def ready_panel(panel: Panel, design: Design) -> Panel:
    """Leave out who has no before; find a control where nobody is never treated."""
    times = panel.timeline.times
    if times.size < 2:
        raise BadInput("a panel needs at least two periods")
    late = np.isfinite(panel.cohort) & (panel.cohort > times[-1])
    if late.any():
        note = f"{int(late.sum())} units are treated after the last period: they count as never"
        cohort = np.where(late, np.inf, panel.cohort)
        panel = replace(panel, cohort=cohort, notes=(*panel.notes, note))
    usable = np.isinf(panel.cohort) | has_base(panel.cohort, times, design)
    if not usable.all():
        lost = int((~usable).sum())
        panel = panel.only(usable, f"{lost} units left out: treated before a base period")
    if panel.cohort.size and np.isfinite(panel.cohort).all():
        panel = _last_as_control(panel, design)
    if not np.isfinite(panel.cohort).any():
        raise BadInput("no unit becomes treated after the first period")
    return _with_small_noted(panel)


def _with_small_noted(panel: Panel) -> Panel:
    cohorts, sizes = np.unique(panel.cohort[np.isfinite(panel.cohort)], return_counts=True)
    small = [
        f"{panel.timeline.label(cohort)} ({size})"
        for cohort, size in zip(cohorts, sizes, strict=True)
        if size < SMALL
    ]
    if not small:
        return panel
    note = (
        f"cohorts of fewer than {SMALL} units vary more than their errors say: {', '.join(small)}"
    )
    return replace(panel, notes=(*panel.notes, note))


def _last_as_control(panel: Panel, design: Design) -> Panel:
    if design.control is Control.NEVER:
        raise BadInput(
            "there is no unit that is never treated",
            hint="compare with units that are not treated yet: control not_yet",
        )
    last = float(panel.cohort.max())
    count = int((panel.timeline.times < last - design.anticipation).sum())
    label = panel.timeline.label(last)
    note = f"nobody is never treated: cohort {label} is the control, periods end before it"
    panel = replace(panel, cohort=np.where(panel.cohort == last, np.inf, panel.cohort))
    return panel.first_periods(count, note)


def groups_of(panel: Panel) -> Floats:
    """The treated cohorts of a panel, in order."""
    groups: Floats = np.unique(panel.cohort[np.isfinite(panel.cohort)])
    return groups


def result_of(compared: Compared, design: Design, panel: Panel) -> GroupTime:
    """Comparisons within a panel, with what they rest on."""
    treated = int(np.isfinite(panel.cohort).sum())
    return replace(
        _result(compared, design, panel.timeline),
        sizes=(panel.cohort[:, None] == compared.groups).sum(axis=0),
        treated=treated,
        control=panel.cohort.size - treated,
        clusters=panel.clusters,
        notes=panel.notes,
    )


def _result(compared: Compared, design: Design, timeline: Timeline) -> GroupTime:
    return GroupTime(
        design=design,
        timeline=timeline,
        cohort=np.array([it.cohort for it in compared.plan]),
        time=timeline.times[[it.period for it in compared.plan]],
        att=compared.att,
        groups=compared.groups,
        shares=compared.shares,
        sizes=np.zeros(compared.groups.size, dtype=np.int64),
        covariance=compared.covariance,
        treated=0,
        control=0,
        clusters=0,
    )
