"""The job training experiment of LaLonde (1986) with the CPS as controls, from `causaldata`."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from tuttuno.effects.groups import Groups

#: As in Imbens & Xu (2024), LaLonde (1986) after nearly four decades.
COVARIATES = (
    "age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75", "u74", "u75",
)  # fmt: skip


def published(name):
    """Read a data file without importing the package, which would import statsmodels."""
    folder = Path(find_spec("causaldata").origin).parent
    return pd.read_stata(folder / name / f"{name}.dta")


def experiment():
    return as_groups(published("nsw_mixtape"))


def with_cps():
    trained = published("nsw_mixtape")
    return as_groups(pd.concat([trained[trained["treat"] == 1], published("cps_mixtape")]))


def as_groups(rows):
    known = rows.assign(u74=rows["re74"] == 0, u75=rows["re75"] == 0)
    return Groups(
        rows["re78"].to_numpy(float),
        rows["treat"].to_numpy() == 1,
        known[list(COVARIATES)].to_numpy(dtype=np.float64),
        COVARIATES,
    )
