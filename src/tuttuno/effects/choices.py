"""The choices that a study makes, each with a name."""

from enum import StrEnum


class Method(StrEnum):
    """How an effect is estimated from a panel."""

    CS = "cs"  # Callaway & Sant'Anna: each cohort against units that are not treated
    IMPUTATION = "imputation"  # Borusyak, Jaravel & Spiess: unit and period effects
    SDID = "sdid"  # synthetic difference in differences: donors and periods weighted
    SC = "sc"  # synthetic control: donors weighted
    DID = "did"  # plain difference in differences of the same blocks


class Control(StrEnum):
    """Who stands for what would have happened."""

    NEVER = "never"  # units that are never treated
    NOT_YET = "not_yet"  # these, and units before their own treatment


class Base(StrEnum):
    """With which earlier period the periods before treatment are compared."""

    VARYING = "varying"  # the one just before: a test of each step
    UNIVERSAL = "universal"  # the last before treatment: a path through zero


class Kind(StrEnum):
    """What the effects are averaged over."""

    SIMPLE = "simple"  # all treated units and periods
    GROUP = "group"  # first within each cohort
    CALENDAR = "calendar"  # first within each period
    DYNAMIC = "dynamic"  # first at each time since treatment: the event study
