"""How well records were put together, where the truth is known."""

from dataclasses import dataclass

import numpy as np

from tuttuno.identity.matching.columns import Ints


@dataclass(frozen=True, slots=True)
class Quality:
    """Scores of a partition against the true one; all but `persons` and `largest` are shares."""

    records: int
    persons: int
    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    cluster_f1: float
    largest: int


def quality_of(found: Ints, truth: Ints) -> Quality:
    """Compare two ways to put the same records together.

    Pairs are counted over all pairs; B-cubed over records (Bagga and Baldwin, 1998); a cluster
    counts as right only when it is exactly a true one. Where there is nothing to find and
    nothing was found, the scores are 1.
    """
    _, mine, my_size = np.unique(found, return_inverse=True, return_counts=True)
    _, yours, your_size = np.unique(truth, return_inverse=True, return_counts=True)
    both, cell_size = np.unique(mine * len(your_size) + yours, return_counts=True)
    one, other = np.divmod(both, len(your_size))
    right, said, true = _pairs(cell_size), _pairs(my_size), _pairs(your_size)
    precision = right / said if said else 1.0
    recall = right / true if true else 1.0
    records = len(found)
    b3_precision = float((cell_size**2 / my_size[one]).sum() / records)
    b3_recall = float((cell_size**2 / your_size[other]).sum() / records)
    exact = int(((cell_size == my_size[one]) & (cell_size == your_size[other])).sum())
    return Quality(
        records=records,
        persons=len(my_size),
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3_f1=_f1(b3_precision, b3_recall),
        cluster_f1=_f1(exact / len(my_size), exact / len(your_size)),
        largest=int(my_size.max()),
    )


def _pairs(sizes: Ints) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
