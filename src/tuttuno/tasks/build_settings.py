"""What a build depends on besides the data, apart from the build: most commands do not build."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tuttuno.identity.registry import IdentitySettings
from tuttuno.tasks.market import MarketSeries


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What a build depends on besides the data.

    Attributes:
        identity: Rules of the identity run.
        params: Parameters of measures that the project sets otherwise.
        config_hash: Name of all settings that answers depend on.
        keep: Releases that stay readable.
        effects: What the project declares of studies, by their names.
        market: The series that growth is set against; None: the project supplies none.
    """

    identity: IdentitySettings
    params: Mapping[str, float]
    config_hash: str
    keep: int = 5
    effects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    market: MarketSeries | None = None
