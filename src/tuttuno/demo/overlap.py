"""How far the two channels' baskets of one buyer overlap, and how far by chance alone."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Overlap:
    """Totals over buyers of both channels; `expected` is `in_both` if channels were shuffled."""

    in_both: float
    online_only: float
    store_only: float
    expected: float


def measure(person: Ints, item: Ints, online: Flags) -> Overlap:
    """Count what each buyer bought in both channels, and what chance would give.

    The null shuffles the channel labels over a buyer's own lines: an item on m of n
    lines, of which w are online, is in both with probability
    1 - C(n-m, w) / C(n, w) - C(n-m, n-w) / C(n, n-w).
    """
    lines = np.bincount(person).astype(np.float64)
    online_lines = np.bincount(person, weights=online).astype(np.float64)
    both = (online_lines > 0) & (online_lines < lines)
    use = both[person]
    person, item, online = person[use], item[use], online[use]
    if not len(person):
        return Overlap(0.0, 0.0, 0.0, 0.0)
    code = (person * (int(item.max()) + 1) + item) * 2 + online
    found, times = np.unique(code, return_counts=True)
    _, where, place = np.unique(found // 2, return_index=True, return_inverse=True)
    often = np.bincount(place, weights=times).astype(np.float64)
    on = np.bincount(place, weights=times * (found % 2)).astype(np.float64)
    who = found[where] // 2 // (int(item.max()) + 1)
    total, screens = lines[who], online_lines[who]
    chance = 1 - _none(total, often, screens) - _none(total, often, total - screens)
    return Overlap(
        in_both=float(((on > 0) & (on < often)).sum()),
        online_only=float((on == often).sum()),
        store_only=float((on == 0).sum()),
        expected=float(np.clip(chance, 0, 1).sum()),
    )


def _none(total: Floats, often: Floats, draws: Floats) -> Floats:
    """Chance that none of `often` marked lines is among `draws` drawn from `total`."""
    n, m, w = (np.asarray(column, dtype=np.int64) for column in (total, often, draws))
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(n.max()) + 1)))])
    rest = n - m - w
    possible = rest >= 0
    rest = np.maximum(rest, 0)
    chance: Floats = np.exp(logs[n - m] - logs[rest] - logs[n] + logs[n - w])
    return np.where(possible, chance, 0.0)
